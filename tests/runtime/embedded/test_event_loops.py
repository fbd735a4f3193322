"""Asynchronous clients: their loop never waits, calls can be given up at any time, and many can be made at once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import TypeAlias

import pytest

from firestore_memory import AsyncMemoryClient, StorageTimeoutError
from firestore_memory import MemoryItemFields as F
from firestore_runtime.embedded.files import connect
from firestore_runtime.embedded.store import Store
from tests.helpers.items import an_item
from tests.runtime.embedded.children import embedded

MANY = 300
"""More documents than are fetched at once."""
TASKS = 50

Call: TypeAlias = Callable[[AsyncMemoryClient], Awaitable[object]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def client(path: Path) -> AsyncIterator[AsyncMemoryClient]:
    """A client of a file with many documents."""
    async with AsyncMemoryClient.connect(f"sqlite:///{path}") as client:
        await client.memory_items.create_many([an_item(id=f"{number:03}", session_id="s") for number in range(MANY)])
        yield client


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Write something, as another process does, for as long as the block takes."""
    with closing(connect(path, durable=True)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def beats() -> None:
    """Let everybody who can have many turns."""
    for _ in range(50):
        await asyncio.sleep(0.002)


async def set_in_a_transaction(client: AsyncMemoryClient) -> None:
    async def work(tx: AsyncMemoryClient) -> None:
        await tx.memory_items.require("000")
        await tx.memory_items.update("000", session_id="t")

    await client.run_transaction(work)


async def read_a_little(client: AsyncMemoryClient) -> None:
    async for _ in client.memory_items.all():
        break


async def read_in_a_transaction(client: AsyncMemoryClient) -> None:
    async def work(tx: AsyncMemoryClient) -> None:
        async for _ in tx.memory_items.all():
            await asyncio.sleep(0)

    await client.run_transaction(work, read_only=True)


READS: dict[str, Call] = {
    "get": lambda client: client.memory_items.require("000"),
    "get_many": lambda client: client.memory_items.get_many([f"{number:03}" for number in range(MANY)]),
    "list": lambda client: client.memory_items.all().list(),
    "first": lambda client: client.memory_items.all().first(),
    "count": lambda client: client.memory_items.all().count(),
    "explain": lambda client: client.memory_items.all().explain(),
    "break": read_a_little,
    "transaction to read": read_in_a_transaction,
}
WRITES: dict[str, Call] = {
    "create": lambda client: client.memory_items.create(an_item()),
    "update": lambda client: client.memory_items.update("000", F.metadata["n"].increment(1)),
    "set_many": lambda client: client.memory_items.set_many([an_item(id="000"), an_item(id="001")]),
    "transaction": set_in_a_transaction,
}
CALLS = READS | WRITES


# Others write


@pytest.mark.parametrize("call", WRITES.values(), ids=WRITES)
async def test_the_loop_does_not_wait(client: AsyncMemoryClient, path: Path, call: Call) -> None:
    with locked(path):
        waiting = asyncio.ensure_future(call(client))
        await beats()
        assert not waiting.done()
        for read in READS.values():
            await read(client)
    await waiting


async def test_closing_while_a_call_waits(client: AsyncMemoryClient, path: Path) -> None:
    with locked(path):
        waiting = asyncio.create_task(client.memory_items.create(an_item(), id="new"))
        await beats()
        end = asyncio.create_task(client.close())
        await beats()
        assert not waiting.done()
        assert not end.done()
    await end
    await waiting
    async with AsyncMemoryClient.connect(f"sqlite:///{path}") as other:
        assert await other.memory_items.exists("new")


async def test_many_calls_wait(client: AsyncMemoryClient, path: Path) -> None:
    """Those that read do not wait for those that write, however many they are, nor for those that were given up."""
    with locked(path):
        tasks = [asyncio.create_task(client.memory_items.create(an_item())) for _ in range(TASKS)]
        await beats()
        for call in READS.values():
            await asyncio.wait_for(call(client), 10)
        for task in tasks:
            task.cancel()
        assert all(map(is_cancellation, await asyncio.gather(*tasks, return_exceptions=True)))
        await asyncio.wait_for(client.memory_items.require("000"), 10)
    await client.memory_items.create(an_item(), id="new")
    assert MANY + 1 <= await client.memory_items.all().count() <= MANY + 1 + TASKS, "they may be done all the same"


async def test_many_calls_wait_for_too_long(client: AsyncMemoryClient, path: Path) -> None:
    """They do not add their times up."""
    items = client.with_options(timeout=1.0).memory_items
    with locked(path):
        tasks = [asyncio.create_task(items.create(an_item())) for _ in range(TASKS)]
        errors = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 20)
    assert {type(error) for error in errors} == {StorageTimeoutError}


# Giving up


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """All connections of the test."""
    found: list[sqlite3.Connection] = []

    def noting(path: Path, *, durable: bool) -> sqlite3.Connection:
        found.append(connect(path, durable=durable))
        return found[-1]

    monkeypatch.setattr("firestore_runtime.embedded.store.connect", noting)
    return found


def is_open(connection: sqlite3.Connection) -> bool:
    try:
        return connection.total_changes >= 0
    except sqlite3.ProgrammingError:
        return False


async def nothing_is_held(client: AsyncMemoryClient, opened: list[sqlite3.Connection]) -> None:
    """See that all is given back: the transactions, the connections, and the states that they saw."""
    engine = embedded(client).engine
    store = engine.store

    def held() -> object:
        free = [*store._idle, store._writer]
        return (
            [one for one in opened if is_open(one) and not any(one is other for other in free)]
            or [one for one in store._idle if one.in_transaction]
            or engine.transactions._open
            or engine.transactions.retry_queue._is_taken
            or is_an_old_state_seen(store)
        )

    for _ in range(2_000):  # threads may still be at what nobody waits for any longer
        if not held():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(held())


def is_an_old_state_seen(store: Store) -> bool:
    """Whether somebody still sees one, so that SQLite has to keep it."""
    with store.writing(10) as connection:
        connection.execute("UPDATE state SET time = time + 1")
    with closing(sqlite3.connect(store.name, timeout=0)) as other:
        is_busy, _, _ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return bool(is_busy)


def is_cancellation(error: object) -> bool:
    return isinstance(error, asyncio.CancelledError)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_cancelled_calls(client: AsyncMemoryClient, opened: list[sqlite3.Connection], call: Call) -> None:
    for delay in (0, 0.0005, 0.001, 0.003, 0.01, 0.03):
        tasks = [asyncio.ensure_future(call(client)) for _ in range(20)]
        await asyncio.sleep(delay)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(map(is_cancellation, [result for result in results if isinstance(result, BaseException)]))
        await nothing_is_held(client, opened)
    await call(client)
    assert await client.memory_items.all().count() >= MANY


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_cancelled_twice(client: AsyncMemoryClient, opened: list[sqlite3.Connection], call: Call) -> None:
    """While it clears away what the first time has left."""
    for delay in (0.001, 0.003, 0.01):
        tasks = [asyncio.ensure_future(call(client)) for _ in range(20)]
        await asyncio.sleep(delay)
        for _ in range(5):
            for task in tasks:
                task.cancel()
            await asyncio.sleep(0)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(map(is_cancellation, [result for result in results if isinstance(result, BaseException)]))
        await nothing_is_held(client, opened)


async def test_a_consumer_is_cancelled(client: AsyncMemoryClient, opened: list[sqlite3.Connection]) -> None:
    """In the middle of a stream, between what has arrived and what is still to come."""
    for wanted in (1, 63, 64, 65, 128, MANY):
        reached = asyncio.Event()

        async def consume(wanted: int = wanted, reached: asyncio.Event = reached) -> None:
            seen = 0
            async for _ in client.memory_items.all():
                seen += 1
                if seen == wanted:
                    reached.set()
                    await asyncio.sleep(60)

        tasks = [asyncio.create_task(consume()) for _ in range(12)]
        await reached.wait()
        for task in tasks:
            task.cancel()
        assert all(map(is_cancellation, await asyncio.gather(*tasks, return_exceptions=True)))
        await nothing_is_held(client, opened)
    assert len(await client.memory_items.all().list()) == MANY


async def test_streams_that_nobody_finishes(client: AsyncMemoryClient, opened: list[sqlite3.Connection]) -> None:
    streams = [client.memory_items.all().stream() for _ in range(20)]
    assert {(await anext(stream)).id for stream in streams} == {"000"}
    for stream in streams[:10]:
        await stream.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
    await client.memory_items.create(an_item(), id="new")
    assert [len([item async for item in stream]) for stream in streams[10:]] == [MANY - 1] * 10, (
        "the state of its start"
    )
    await nothing_is_held(client, opened)
    assert len(opened) <= 22
    assert len(await client.memory_items.all().list()) == MANY + 1


async def test_a_stream_that_is_lost(client: AsyncMemoryClient, opened: list[sqlite3.Connection]) -> None:
    async def begin() -> None:
        stream = client.memory_items.all().stream()
        assert (await anext(stream)).id == "000"

    for _ in range(20):
        await begin()
    await nothing_is_held(client, opened)


# Many at once


async def test_many_tasks(client: AsyncMemoryClient, opened: list[sqlite3.Connection]) -> None:
    items = client.memory_items
    await items.create(an_item(metadata={"n": 0, "m": 0}), id="counted")

    async def add_one(tx: AsyncMemoryClient) -> None:
        metadata = (await tx.memory_items.require("counted")).metadata
        await tx.memory_items.update("counted", F.metadata["m"].set(metadata["m"] + 1))

    async def work(number: int) -> None:
        mine = await items.create(an_item(session_id=f"mine{number}"))
        await items.update("counted", F.metadata["n"].increment(1))
        assert [item.id async for item in items.where(F.session_id == f"mine{number}")] == [mine.id]
        assert await items.where(F.session_id == "s").count() == MANY
        if number % 5 == 0:
            await client.run_transaction(add_one)

    async with asyncio.TaskGroup() as group:
        for number in range(TASKS):
            group.create_task(work(number))
    assert (await items.require("counted")).metadata == {"n": TASKS, "m": TASKS // 5}
    assert await items.all().count() == MANY + 1 + TASKS
    await nothing_is_held(client, opened)
    assert len(embedded(client).engine.store._idle) <= 8


def test_several_loops(path: Path) -> None:
    """One client may be used by one loop after the other, and by several at once."""
    client = AsyncMemoryClient.connect(f"sqlite:///{path}")
    numbers = count()

    async def work() -> int:
        await asyncio.gather(*(client.memory_items.create(an_item(), id=f"{next(numbers)}") for _ in range(10)))
        return len([item async for item in client.memory_items.all()])

    assert asyncio.run(work()) == 10
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: asyncio.run(work()), range(4)))
    assert max(found) == 50
    asyncio.run(client.close())
