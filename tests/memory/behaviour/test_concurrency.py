"""Many calls at once on one client, and calls that nobody waits for any longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, MemoryClient, SessionTurn, TurnRole
from firestore_memory import MemoryItemFields as F
from firestore_memory import SessionTurnFields as T
from tests.helpers.items import an_item

TASKS = 50
THREADS = 16


@pytest.fixture
async def async_client(project: str) -> AsyncIterator[AsyncMemoryClient]:
    async with AsyncMemoryClient.connect(f"firestore://{project}") as client:
        yield client


@pytest.fixture
def sync_client(project: str) -> Iterator[MemoryClient]:
    with MemoryClient.connect(f"firestore://{project}") as client:
        yield client


async def test_fifty_tasks(async_client: AsyncMemoryClient) -> None:
    items, turns = async_client.memory_items, async_client.session_turns(session_id="s")
    await turns.create(SessionTurn(role=TurnRole.USER, content="counter", token_count=0), id="t")

    async def work(number: int) -> None:
        mine = await items.create(an_item(session_id=f"s{number}", text_content="new"))
        await items.update(mine.id, text_content="changed")
        await turns.update("t", T.token_count.increment(1))
        assert (await items.require(mine.id)).text_content == "changed"
        assert [item.id async for item in items.where(F.session_id == f"s{number}")] == [mine.id]
        (found,) = await items.get_many([mine.id])
        assert found is not None
        assert found.session_id == f"s{number}"

    async with asyncio.TaskGroup() as group:
        for number in range(TASKS):
            group.create_task(work(number))
    assert await items.all().count() == TASKS
    assert (await turns.require("t")).token_count == TASKS


def test_sixteen_threads(sync_client: MemoryClient) -> None:
    items, turns = sync_client.memory_items, sync_client.session_turns(session_id="s")
    turns.create(SessionTurn(role=TurnRole.USER, content="counter", token_count=0), id="t")

    def work(number: int) -> None:
        for _ in range(3):
            mine = items.create(an_item(session_id=f"s{number}", text_content="new"))
            items.update(mine.id, text_content="changed")
            turns.update("t", T.token_count.increment(1))
            assert items.require(mine.id).text_content == "changed"
            assert mine.id in [item.id for item in items.where(F.session_id == f"s{number}")]

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    assert items.all().count() == 3 * THREADS
    assert turns.require("t").token_count == 3 * THREADS


def test_the_first_call_in_many_threads_at_once(sync_client: MemoryClient) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        counts = list(pool.map(lambda _: sync_client.memory_items.all().count(), range(THREADS)))
    assert counts == [0] * THREADS


# Cancellation

CALLS: dict[str, Callable[[AsyncMemoryClient], Coroutine[Any, Any, object]]] = {
    "get": lambda client: client.memory_items.get("a"),
    "get_many": lambda client: client.memory_items.get_many([f"{number}" for number in range(500)]),
    "create": lambda client: client.memory_items.create(an_item()),
    "update": lambda client: client.memory_items.update("a", F.metadata["n"].increment(1)),
    "list": lambda client: client.memory_items.all().list(),
    "count": lambda client: client.memory_items.all().count(),
}


@pytest.fixture
async def filled(async_client: AsyncMemoryClient) -> AsyncMemoryClient:
    """A client with more documents than arrive at once."""
    items = async_client.memory_items
    await asyncio.gather(*(items.create(an_item(text_content="x" * 1_000), id=f"{n:03}") for n in range(200)))
    await items.create(an_item(), id="a")
    return async_client


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_cancelled_calls(filled: AsyncMemoryClient, call: Callable[..., Coroutine[Any, Any, object]]) -> None:
    for delay in (0, 0.0005, 0.002, 0.005):
        tasks = [asyncio.create_task(call(filled)) for _ in range(5)]
        await asyncio.sleep(delay)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(result) for result in results if isinstance(result, BaseException)} <= {asyncio.CancelledError}
    assert (await filled.memory_items.require("a")).user_id == "ada"
    assert await filled.memory_items.all().count() >= 201


async def test_timeouts_of_the_callers(filled: AsyncMemoryClient) -> None:
    async def read_again_and_again() -> None:
        async with asyncio.timeout(0.003):
            for _ in range(1_000):
                await filled.memory_items.all().list()

    with pytest.raises(TimeoutError):
        await read_again_and_again()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(filled.memory_items.all().list(), 0.001)
    assert len(await filled.memory_items.all().list()) == 201


async def test_a_cancelled_consumer_of_a_stream(filled: AsyncMemoryClient) -> None:
    seen = asyncio.Event()

    async def consume() -> None:
        async for _ in filled.memory_items.all():
            seen.set()
            await asyncio.sleep(10)

    task = asyncio.create_task(consume())
    await seen.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(await filled.memory_items.all().list()) == 201


async def test_breaking_out_of_a_stream(filled: AsyncMemoryClient) -> None:
    for _ in range(20):
        async for item in filled.memory_items.all():
            assert item.id == "000"
            break
        assert await filled.memory_items.all().first() is not None
    assert len(await filled.memory_items.all().list()) == 201


async def test_closing_a_stream(filled: AsyncMemoryClient) -> None:
    stream = filled.memory_items.all().stream()
    assert (await anext(stream)).id == "000"
    await stream.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
    assert len(await filled.memory_items.all().list()) == 201


def test_breaking_out_of_a_sync_stream(sync_client: MemoryClient) -> None:
    items = sync_client.memory_items
    for number in range(100):
        items.create(an_item(text_content="x" * 1_000), id=f"{number:03}")
    for _ in range(20):
        for item in items.all():
            assert item.id == "000"
            break
        assert items.all().first() is not None
    with ThreadPoolExecutor(THREADS) as pool:
        firsts = list(pool.map(lambda _: next(iter(items.all())).id, range(THREADS)))
    assert firsts == ["000"] * THREADS
    assert len(items.all().list()) == 100
