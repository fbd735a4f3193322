"""The embedded store: against the emulator, with the same client; and its queries with and without an index."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.database import new_project
from benchmarks.documents import make_documents
from benchmarks.results import Cost, Measure, Result, Table
from benchmarks.timing import Work, compare, repeated, repeated_in
from firestore_memory import AsyncMemoryClient, MemoryClient, MemoryItem, MemoryItemFields

EMBEDDED = "embedded"
EMULATOR = "emulator"
_SCAN = "without index"

_CALLS = 200
_SEARCHED = 10_000
_DIMENSION = 768
_FOUND = 10
_STORED = 100_000
_USERS = 5_000


def compare_embedded(rounds: int) -> Table:
    """Measure single calls one after the other, in both flavours, a search by vector, and a query of many documents."""
    calls = (*_blocking(rounds), *_nonblocking(rounds))
    return Table("Embedded store, each call", (*calls, _search(rounds), _query(rounds)))


@contextmanager
def _urls() -> Iterator[dict[str, str]]:
    with new_project() as project, TemporaryDirectory() as directory:
        yield {EMBEDDED: f"sqlite:///{Path(directory) / 'store.db'}", EMULATOR: f"firestore://{project}"}


def _throughput(name: str, costs: dict[str, Cost], limit: float) -> Result:
    """The result for calls of which the embedded store should do so many times as many in the same time."""
    share = costs[EMBEDDED].wall / costs[EMULATOR].wall
    return Result(name, costs, (Measure("wall", share, 1 / limit),))


def _blocking(rounds: int) -> Iterator[Result]:
    item = make_documents(1, 0).items[0]
    with _urls() as urls:
        clients = {name: MemoryClient.connect(url) for name, url in urls.items()}
        sets = {name: repeated(_setter(client, item)) for name, client in clients.items()}
        gets = {name: repeated(_getter(client, item.id)) for name, client in clients.items()}
        yield _throughput("set, sync", compare(sets, rounds, _CALLS), 10)
        yield _throughput("get, sync", compare(gets, rounds, _CALLS), 10)
        for client in clients.values():
            client.close()


def _setter(client: MemoryClient, item: MemoryItem) -> Callable[[], object]:
    versions = _versions(item)
    return lambda: client.memory_items.set(next(versions))


def _versions(item: MemoryItem) -> Iterator[MemoryItem]:
    """Yield an item that is another one each time: to write the same again changes nothing, and costs less."""
    for number in count():
        item.text_content = f"version {number}"
        yield item


def _getter(client: MemoryClient, document_id: str) -> Callable[[], object]:
    return lambda: client.memory_items.require(document_id)


def _nonblocking(rounds: int) -> Iterator[Result]:
    item = make_documents(1, 0).items[0]
    with _urls() as urls, asyncio.Runner() as runner:
        clients = {name: AsyncMemoryClient.connect(url) for name, url in urls.items()}
        sets = {name: _async_setter(runner, client, item) for name, client in clients.items()}
        gets = {name: _async_getter(runner, client, item.id) for name, client in clients.items()}
        yield _throughput("set, async", compare(sets, rounds, _CALLS), 2)
        yield _throughput("get, async", compare(gets, rounds, _CALLS), 2)
        for client in clients.values():
            runner.run(client.close())


def _async_setter(runner: asyncio.Runner, client: AsyncMemoryClient, item: MemoryItem) -> Work:
    versions = _versions(item)
    return repeated_in(runner, lambda: client.memory_items.set(next(versions)))


def _async_getter(runner: asyncio.Runner, client: AsyncMemoryClient, document_id: str) -> Work:
    return repeated_in(runner, lambda: client.memory_items.require(document_id))


def _search(rounds: int) -> Result:
    documents = make_documents(_SEARCHED, _DIMENSION)
    vector = documents.items[0].embedding or []
    with MemoryClient.connect("memory:") as client:
        client.memory_items.set_many(documents.items)

        def search() -> object:
            return client.memory_items.find_nearest(MemoryItemFields.embedding, vector, limit=_FOUND)

        cost = compare({EMBEDDED: repeated(search)}, rounds, times=5)[EMBEDDED]
    name = f"find_nearest {_FOUND} of {_SEARCHED:,}, {_DIMENSION} dimensions, warm"
    return Result(name, {EMBEDDED: cost}, (Measure("wall", cost.wall * 1_000, 30, " ms"),))


def _query(rounds: int) -> Result:
    """Inside a transaction first, which sees the store as it was before the query got its index."""
    items = (
        MemoryItem(id=f"{number:06}", user_id=f"user-{number % _USERS}", item_type="fact") for number in range(_STORED)
    )
    with MemoryClient.connect("memory:") as client:
        client.memory_items.set_many(items)
        scan = compare({_SCAN: repeated(lambda: client.run_transaction(_of_one_user, read_only=True))}, rounds, times=1)
        found = compare({EMBEDDED: repeated(lambda: _of_one_user(client))}, rounds, times=20)
    name = f"query of {_STORED:,} that finds {_STORED // _USERS}"
    return Result(name, {**found, **scan}, (Measure("wall", found[EMBEDDED].wall / scan[_SCAN].wall, 1 / 50),))


def _of_one_user(client: MemoryClient) -> list[MemoryItem]:
    return client.memory_items.where(MemoryItemFields.user_id == "user-7").list()
