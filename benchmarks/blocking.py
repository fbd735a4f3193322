"""MemoryClient against google.cloud.firestore.Client."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any

from google.cloud.firestore import Client, CollectionReference

from benchmarks.database import new_project, store
from benchmarks.documents import DIMENSIONS, Documents, from_dictionary, make_documents, to_dictionary
from benchmarks.operations import MANY, STREAMED, Contender, compare_operations
from benchmarks.results import GOOGLE, GOOGLE_PYDANTIC, OURS, Result, Table
from benchmarks.timing import repeated
from firestore_memory import MemoryClient, MemoryItem, MemoryItemsCollection

_LIMITS = {0: {"set": 0.60, "get": 0.50, "stream": 0.40}, 768: {"set": 0.15, "get": 0.20, "stream": 0.10}}


class _Ours:
    def __init__(self, collection: MemoryItemsCollection, documents: Documents) -> None:
        self._collection = collection
        self._next = cycle(documents.items)
        self._ids = [item.id for item in documents.items[:MANY]]

    def set(self) -> object:
        return self._collection.set(next(self._next))

    def get(self) -> MemoryItem | None:
        return self._collection.get(self._ids[0])

    def get_many(self) -> list[MemoryItem | None]:
        return self._collection.get_many(self._ids)

    def stream(self) -> list[MemoryItem]:
        return list(self._collection.all().stream())


class _Google:
    def __init__(self, client: Client, collection: CollectionReference, documents: Documents) -> None:
        self._client = client
        self._collection = collection
        self._next = cycle(documents.dictionaries)
        self._references = [collection.document(item.id) for item in documents.items[:MANY]]

    def set(self) -> object:
        data = next(self._next)
        return self._collection.document(data["id"]).set(data)

    def get(self) -> dict[str, Any] | None:
        return self._references[0].get().to_dict()

    def get_many(self) -> list[dict[str, Any] | None]:
        return [snapshot.to_dict() for snapshot in self._client.get_all(self._references)]

    def stream(self) -> list[dict[str, Any] | None]:
        return [snapshot.to_dict() for snapshot in self._collection.stream()]


class _GooglePydantic:
    def __init__(self, google: _Google, collection: CollectionReference, documents: Documents) -> None:
        self._google = google
        self._collection = collection
        self._next = cycle(documents.items)

    def set(self) -> object:
        item = next(self._next)
        return self._collection.document(item.id).set(to_dictionary(item))

    def get(self) -> MemoryItem | None:
        return _model(self._google.get())

    def get_many(self) -> list[MemoryItem | None]:
        return [_model(data) for data in self._google.get_many()]

    def stream(self) -> list[MemoryItem | None]:
        return [_model(data) for data in self._google.stream()]


def _model(data: dict[str, Any] | None) -> MemoryItem | None:
    return None if data is None else from_dictionary(data)


def compare_blocking(rounds: int) -> Table:
    """Measure the operations of the synchronous clients."""
    with new_project() as project:
        results = [result for dimension in DIMENSIONS for result in _results(project, dimension, rounds)]
    return Table("Synchronous clients, per document", tuple(results))


def _results(project: str, dimension: int, rounds: int) -> Iterator[Result]:
    documents = make_documents(STREAMED, dimension)
    store(project, documents)
    with MemoryClient.connect(f"firestore://{project}", namespace=documents.namespace) as ours:
        contenders = _contenders(ours, Client(project=project), documents)
        yield from compare_operations(contenders, repeated, rounds, dimension, _LIMITS[dimension])


def _contenders(ours: MemoryClient, google: Client, documents: Documents) -> dict[str, Contender[object]]:
    collection = google.collection(documents.path)
    plain = _Google(google, collection, documents)
    return {
        OURS: _Ours(ours.memory_items, documents),
        GOOGLE: plain,
        GOOGLE_PYDANTIC: _GooglePydantic(plain, collection, documents),
    }
