"""AsyncMemoryClient against google.cloud.firestore.AsyncClient."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from functools import partial
from itertools import cycle
from typing import Any

from google.cloud.firestore import AsyncClient, AsyncCollectionReference

from benchmarks.database import new_project, store
from benchmarks.documents import DIMENSIONS, Documents, from_dictionary, make_documents, to_dictionary
from benchmarks.operations import MANY, STREAMED, Contender, compare_operations
from benchmarks.results import GOOGLE, GOOGLE_PYDANTIC, OURS, Result, Table
from benchmarks.timing import repeated_in
from firestore_memory import AsyncMemoryClient, AsyncMemoryItemsCollection, MemoryItem

_LIMITS = {0: {"set": 0.60, "get": 0.50, "stream": 0.55}, 768: {"set": 0.15, "get": 0.20, "stream": 0.10}}


class _Ours:
    def __init__(self, collection: AsyncMemoryItemsCollection, documents: Documents) -> None:
        self._collection = collection
        self._next = cycle(documents.items)
        self._ids = [item.id for item in documents.items[:MANY]]

    async def set(self) -> object:
        return await self._collection.set(next(self._next))

    async def get(self) -> MemoryItem | None:
        return await self._collection.get(self._ids[0])

    async def get_many(self) -> list[MemoryItem | None]:
        return await self._collection.get_many(self._ids)

    async def stream(self) -> list[MemoryItem]:
        return [item async for item in self._collection.all().stream()]


class _Google:
    def __init__(self, client: AsyncClient, collection: AsyncCollectionReference, documents: Documents) -> None:
        self._client = client
        self._collection = collection
        self._next = cycle(documents.dictionaries)
        self._references = [collection.document(item.id) for item in documents.items[:MANY]]

    async def set(self) -> object:
        data = next(self._next)
        return await self._collection.document(data["id"]).set(data)

    async def get(self) -> dict[str, Any] | None:
        return (await self._references[0].get()).to_dict()

    async def get_many(self) -> list[dict[str, Any] | None]:
        return [snapshot.to_dict() async for snapshot in self._client.get_all(self._references)]

    async def stream(self) -> list[dict[str, Any] | None]:
        return [snapshot.to_dict() async for snapshot in self._collection.stream()]


class _GooglePydantic:
    def __init__(self, google: _Google, collection: AsyncCollectionReference, documents: Documents) -> None:
        self._google = google
        self._collection = collection
        self._next = cycle(documents.items)

    async def set(self) -> object:
        item = next(self._next)
        return await self._collection.document(item.id).set(to_dictionary(item))

    async def get(self) -> MemoryItem | None:
        return _model(await self._google.get())

    async def get_many(self) -> list[MemoryItem | None]:
        return [_model(data) for data in await self._google.get_many()]

    async def stream(self) -> list[MemoryItem | None]:
        return [_model(data) for data in await self._google.stream()]


def _model(data: dict[str, Any] | None) -> MemoryItem | None:
    return None if data is None else from_dictionary(data)


def compare_nonblocking(rounds: int) -> Table:
    """Measure the operations of the asyncio clients."""
    with new_project() as project:
        results = [result for dimension in DIMENSIONS for result in _results(project, dimension, rounds)]
    return Table("Asyncio clients, per document", tuple(results))


def _results(project: str, dimension: int, rounds: int) -> Iterator[Result]:
    documents = make_documents(STREAMED, dimension)
    store(project, documents)
    with asyncio.Runner() as runner:
        ours, google = runner.run(_connect(project, documents))
        contenders = _contenders(ours, google, documents)
        repeat = partial(repeated_in, runner)
        yield from compare_operations(contenders, repeat, rounds, dimension, _LIMITS[dimension])
        runner.run(ours.close())


async def _connect(project: str, documents: Documents) -> tuple[AsyncMemoryClient, AsyncClient]:
    """Make the clients inside of the event loop that their channels belong to."""
    ours = AsyncMemoryClient.connect(f"firestore://{project}", namespace=documents.namespace)
    return ours, AsyncClient(project=project)


def _contenders(
    ours: AsyncMemoryClient, google: AsyncClient, documents: Documents
) -> dict[str, Contender[Awaitable[object]]]:
    collection = google.collection(documents.path)
    plain = _Google(google, collection, documents)
    return {
        OURS: _Ours(ours.memory_items, documents),
        GOOGLE: plain,
        GOOGLE_PYDANTIC: _GooglePydantic(plain, collection, documents),
    }
