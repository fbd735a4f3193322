"""Transactions that meet, and what only one of the two clients can do with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from firestore_memory import (
    AsyncFirestoreBackend,
    AsyncMemoryClient,
    Call,
    ConflictError,
    MemoryClient,
    Options,
    Retry,
    SessionTurn,
    TurnRole,
    ValidationError,
)
from firestore_memory import SessionTurnFields as T
from firestore_runtime.wire import BeginTransactionRequest, BeginTransactionResponse, Document, GetDocumentRequest
from tests.helpers.failures import refused
from tests.helpers.items import an_item


@pytest.fixture
async def async_client(project: str) -> AsyncIterator[AsyncMemoryClient]:
    async with AsyncMemoryClient.connect(f"firestore://{project}") as client:
        yield client


@pytest.fixture
def sync_client(project: str) -> Iterator[MemoryClient]:
    with MemoryClient.connect(f"firestore://{project}") as client:
        client.session_turns(session_id="s").create(
            SessionTurn(role=TurnRole.USER, content="counter", token_count=0), id="counter"
        )
        yield client


def count_up(tx: MemoryClient) -> int:
    """Add one to the counter."""
    turns = tx.session_turns(session_id="s")
    count = (turns.require("counter").token_count or 0) + 1
    turns.update("counter", token_count=count)
    return count


async def count_up_async(tx: AsyncMemoryClient) -> int:
    """Add one to the counter."""
    turns = tx.session_turns(session_id="s")
    count = ((await turns.require("counter")).token_count or 0) + 1
    await turns.update("counter", token_count=count)
    return count


def test_ten_threads(sync_client: MemoryClient) -> None:
    with ThreadPoolExecutor(10) as pool:
        counts = list(pool.map(lambda _: sync_client.run_transaction(count_up), range(10)))
    assert sorted(counts) == list(range(1, 11))
    assert sync_client.session_turns(session_id="s").require("counter").token_count == 10


async def test_ten_tasks(async_client: AsyncMemoryClient, sync_client: MemoryClient) -> None:
    counts = await asyncio.gather(*(async_client.run_transaction(count_up_async) for _ in range(10)))
    assert sorted(counts) == list(range(1, 11))
    assert sync_client.session_turns(session_id="s").require("counter").token_count == 10


def test_fifty_threads(sync_client: MemoryClient) -> None:
    """The emulator locks what is read, so that most of them fail; but none of them is lost or counted twice."""

    def attempt(_: int) -> object:
        try:
            return sync_client.run_transaction(count_up, max_attempts=2)
        except ConflictError as error:
            return error

    with ThreadPoolExecutor(50) as pool:
        check_fifty(list(pool.map(attempt, range(50))), sync_client)


async def test_fifty_tasks(async_client: AsyncMemoryClient, sync_client: MemoryClient) -> None:
    attempts = (async_client.run_transaction(count_up_async, max_attempts=2) for _ in range(50))
    check_fifty(list(await asyncio.gather(*attempts, return_exceptions=True)), sync_client)


def check_fifty(outcomes: list[object], client: MemoryClient) -> None:
    """Every one of them has counted, or failed in the one way it may fail."""
    counted = [outcome for outcome in outcomes if isinstance(outcome, int)]
    failed = [outcome for outcome in outcomes if isinstance(outcome, ConflictError)]
    assert len(counted) + len(failed) == len(outcomes) == 50
    assert client.session_turns(session_id="s").require("counter").token_count == len(counted) > 0
    for error in failed:
        assert error.retryable
        assert error.operation == "run_transaction"
        assert "2 attempts" in str(error)


async def test_many_that_do_not_meet(async_client: AsyncMemoryClient) -> None:
    async def count(number: int) -> None:
        async def work(tx: AsyncMemoryClient) -> None:
            assert await tx.memory_items.get(f"{number}") is None
            await tx.memory_items.create(an_item(), id=f"{number}")

        await async_client.run_transaction(work, max_attempts=1)

    await asyncio.gather(*(count(number) for number in range(20)))
    assert await async_client.memory_items.all().count() == 20


def test_a_plain_client_and_an_asynchronous_function(sync_client: MemoryClient) -> None:
    with refused(ValidationError, "asynchronous"):
        _ = sync_client.run_transaction(count_up_async)  # type: ignore[arg-type]  # wrong on purpose


async def test_an_asynchronous_client_and_a_plain_function(async_client: AsyncMemoryClient) -> None:
    with refused(ValidationError, "async def"):
        await async_client.run_transaction(lambda tx: 1)  # type: ignore[arg-type, return-value]  # wrong on purpose


async def test_cancellation_rolls_back(async_client: AsyncMemoryClient, sync_client: MemoryClient) -> None:
    waiting = asyncio.Event()

    async def wait(tx: AsyncMemoryClient) -> None:
        await count_up_async(tx)
        waiting.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(async_client.run_transaction(wait))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    turns = sync_client.session_turns(session_id="s").with_options(timeout=1, retry=False)
    turns.update("counter", content="unlocked")
    assert turns.require("counter").token_count == 0


async def test_a_task_group_in_a_transaction(async_client: AsyncMemoryClient, sync_client: MemoryClient) -> None:
    async def read_together(tx: AsyncMemoryClient) -> int:
        turns = tx.session_turns(session_id="s")
        async with asyncio.TaskGroup() as group:
            found = [group.create_task(turns.get(name)) for name in ("counter", "a", "b")]
        await turns.update("counter", T.token_count.increment(1))
        return sum(task.result() is not None for task in found)

    assert await async_client.run_transaction(read_together) == 1
    assert sync_client.session_turns(session_id="s").require("counter").token_count == 1


async def test_a_task_that_outlives_the_transaction_may_begin_its_own(async_client: AsyncMemoryClient) -> None:
    ended = asyncio.Event()

    async def nothing(tx: AsyncMemoryClient) -> None: ...

    async def later() -> None:
        await ended.wait()
        await async_client.run_transaction(nothing)

    async def begin(tx: AsyncMemoryClient) -> asyncio.Task[None]:
        return asyncio.create_task(later())

    task = await async_client.run_transaction(begin)
    ended.set()
    await task


# Reads that another transaction gets in the way of, which the emulator lets wait instead


class CrowdedBackend(AsyncFirestoreBackend):
    """A store in which the first so many reads meet another transaction; it remembers what was begun."""

    meetings = 0

    async def begin(self, request: BeginTransactionRequest, call: Call) -> BeginTransactionResponse:
        begun = await super().begin(request, call)
        self.begun = [*getattr(self, "begun", []), (request.options.read_write.retry_transaction, begun.transaction)]
        return begun

    async def get_document(self, request: GetDocumentRequest, call: Call) -> Document | None:
        if self.meetings:
            self.meetings -= 1
            raise ConflictError("too much contention on these documents", operation=call.operation, retryable=True)
        return await super().get_document(request, call)


@pytest.fixture
async def crowded(project: str) -> AsyncIterator[CrowdedBackend]:
    backend = CrowdedBackend.connect(project)
    yield backend
    await backend.close()


@pytest.fixture
def impatient(crowded: CrowdedBackend) -> AsyncMemoryClient:
    return AsyncMemoryClient(crowded, options=Options(retry=Retry(initial=0.01)))


async def read(tx: AsyncMemoryClient) -> object:
    return await tx.memory_items.get("a")


async def read_in_tasks(tx: AsyncMemoryClient) -> object:
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(read(tx))
    return None


async def read_and_go_on(tx: AsyncMemoryClient) -> object:
    try:
        return await read(tx)
    except ConflictError:
        return "not to be returned, since the transaction is lost"


@pytest.mark.parametrize("work", [read, read_in_tasks, read_and_go_on])
async def test_a_read_that_meets_another_transaction(
    impatient: AsyncMemoryClient, crowded: CrowdedBackend, work: Callable[[AsyncMemoryClient], Awaitable[object]]
) -> None:
    crowded.meetings = 1
    assert await impatient.run_transaction(work) is None
    (nothing, first), (previous, second) = crowded.begun
    assert (nothing, previous) == (b"", first)
    assert first != second


async def test_reads_that_meet_others_each_time(impatient: AsyncMemoryClient, crowded: CrowdedBackend) -> None:
    crowded.meetings = 100
    with refused(ConflictError, "3 attempts", "too much contention") as caught:
        await impatient.run_transaction(read, max_attempts=3)
    assert caught.value.retryable
    assert len(crowded.begun) == 3
    with refused(ConflictError, "one attempt"):
        await impatient.run_transaction(read, max_attempts=1, read_only=True)


async def test_a_function_that_raises_something_else_instead(
    impatient: AsyncMemoryClient, crowded: CrowdedBackend
) -> None:
    async def despair(tx: AsyncMemoryClient) -> None:
        try:
            await read(tx)
        except ConflictError as error:
            raise KeyError("mine") from error

    crowded.meetings = 1
    with pytest.raises(KeyError, match="mine"):
        await impatient.run_transaction(despair)
    assert len(crowded.begun) == 1
