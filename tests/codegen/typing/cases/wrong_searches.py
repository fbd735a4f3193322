"""Searches by vector and by text."""

from collections.abc import Sequence

from city_library import BookFields as B
from city_library import LibraryClient
from firestore_memory import AsyncMemoryClient, MemoryClient, MemoryItem, Nearest, WordLlamaEmbedder
from firestore_memory import MemoryItemFields as F


class Lengths:
    dimension = 2

    async def embed(self, texts: Sequence[str], /) -> list[list[float]]:
        return [[1.0, float(len(text))] for text in texts]


class Bytes:
    dimension = 2

    def embed(self, texts: Sequence[bytes], /) -> list[list[float]]:
        return [[1.0, float(len(text))] for text in texts]


def memory(client: MemoryClient, vector: list[float]) -> None:
    items = client.memory_items
    items.find_nearest(F.embedding, vector, limit=5, threshold=0.5, distance="EUCLIDEAN")
    items.find_nearest(F.text_content, vector, limit=5)  # E: arg-type
    items.find_nearest(F.metadata["colour"], vector, limit=5)  # E: arg-type
    items.find_nearest("embedding", vector, limit=5)  # E: arg-type
    items.find_nearest(B.meaning, vector, limit=5)  # E: arg-type
    items.find_nearest(F.embedding, ["a"], limit=5)  # E: list-item
    items.find_nearest(F.embedding, 0.5, limit=5)  # E: arg-type
    items.find_nearest(F.embedding, None, limit=5)  # E: arg-type
    items.find_nearest(F.embedding, vector)  # E: call-arg
    items.find_nearest(F.embedding, vector, 5)  # E: call-arg
    items.find_nearest(F.embedding, vector, limit="5")  # E: arg-type
    items.find_nearest(F.embedding, vector, limit=5, distance="MANHATTAN")  # E: arg-type
    items.all().find_nearest(F.user_id, vector, limit=5)  # E: arg-type
    items.search("text", F.user_id == "ada", field=F.embedding)
    items.search("text", field=F.text_content)  # E: arg-type
    items.search(b"text")  # E: arg-type
    items.search("text", B.title == "Dune")  # E: arg-type
    items.where(F.user_id == "ada").search("text", F.user_id == "ada")  # E: arg-type call-arg
    found: list[MemoryItem] = items.search("text")  # E: assignment
    nearest: Nearest[MemoryItem] = items.search("text")[0]
    nearest.value.text_contnt  # E: attr-defined
    1 - nearest.similarity  # E: operator


def library(client: LibraryClient, vector: list[float]) -> None:
    client.books.find_nearest(B.meaning, vector, limit=5)
    client.books.find_nearest(B.tags, vector, limit=5)  # E: arg-type
    client.books.find_nearest(F.embedding, vector, limit=5)  # E: arg-type


def embedders(client: MemoryClient, async_client: AsyncMemoryClient) -> None:
    client.with_options(embedder=WordLlamaEmbedder())
    async_client.with_options(embedder=WordLlamaEmbedder())
    async_client.with_options(embedder=Lengths())
    client.with_options(embedder=Lengths())  # E: arg-type
    client.memory_items.with_options(embedder=Bytes())  # E: arg-type
    async_client.memory_items.with_options(embedder=Bytes())  # E: arg-type
    MemoryClient.connect(embedder=len)  # E: arg-type
