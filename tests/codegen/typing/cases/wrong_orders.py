"""Orders, limits and what a query gives."""

from city_library import BookFields as B
from city_library import LibraryClient
from firestore_memory import AgentDataFields as D
from firestore_memory import AgentData, MemoryClient, MemoryItem
from firestore_memory import MemoryItemFields as F


def memory(client: MemoryClient) -> None:
    items = client.memory_items
    items.order_by(F.timestamp.desc(), F.document_id.asc(), F.metadata["rank"].asc())
    items.order_by(F.timestamp)  # E: arg-type
    items.order_by("timestamp")  # E: arg-type
    items.order_by(F.embedding.asc())  # E: attr-defined
    items.order_by(F.metadata.asc())  # E: attr-defined
    items.order_by(F.timestamp.descending())  # E: attr-defined
    items.order_by(D.timestamp.desc())  # E: arg-type
    items.all().order_by(D.timestamp.desc())  # E: arg-type
    items.all().limit("5")  # E: arg-type
    items.all(on_corrupt="ignore")  # E: arg-type
    items.all().list(on_corrupt=print)
    items.all().list(on_corrupt=len)  # E: arg-type
    first: MemoryItem = items.all().first()  # E: assignment
    found: list[AgentData] = items.all().list()  # E: assignment
    for item in items.all():
        item.text_contnt  # E: attr-defined


def library(client: LibraryClient) -> None:
    client.books.order_by(B.page_count.desc(), B.publisher.head_office.city.asc())
    client.books.order_by(B.reading_time.asc())  # E: attr-defined
    client.books.order_by(B.price.desc())  # E: attr-defined
    client.books.order_by(B.meaning.asc())  # E: attr-defined
    client.books.order_by(B.tags.asc())  # E: attr-defined
    client.books.order_by(B.medium.asc())  # E: attr-defined
    client.books.order_by(B.publisher.asc())  # E: attr-defined
