"""Any number of writes, in the background."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pydantic
import pytest

from firestore_memory import (
    AlreadyExistsError,
    AsyncMemoryClient,
    BulkWriteError,
    FirestoreBackend,
    MemoryClient,
    MemoryItem,
    NotFoundError,
    OperationError,
    PersonaConfig,
    SessionTurn,
    SessionTurnFields,
    TurnRole,
    ValidationError,
    WriteOutcome,
    WriteProgress,
)
from firestore_memory import MemoryItemFields as F
from firestore_runtime.options import Call
from firestore_runtime.wire import BatchWriteRequest, BatchWriteResponse
from tests.helpers.failures import fails
from tests.helpers.items import an_item
from tests.helpers.stores import sends_nothing

ROOT = Path(__file__).parents[3]


async def test_several_collections(client: AsyncMemoryClient) -> None:
    items, turns = client.memory_items, client.session_turns(session_id="s")
    await items.set(an_item(id="old"))
    await items.set(an_item(id="gone"))
    async with client.bulk_writer() as writer:
        made = await writer.create(items, an_item(text_content="new"))
        await writer.create(turns, SessionTurn(role=TurnRole.USER, content="hi", token_count=1), id="t")
        await writer.set(client.personas, PersonaConfig(name="sage", description="Calm."))
        await writer.set(turns, "u", SessionTurn(role=TurnRole.USER, content="ho"))
        await writer.update(items, "old", F.text_content.set("changed"), F.metadata["n"].increment(1))
        await writer.delete(items, "gone")
    assert writer.progress == WriteProgress(written=6)
    assert (await items.require(made)).text_content == "new"
    assert (await turns.require("t")).token_count == 1
    assert (await turns.require("u")).content == "ho"
    assert (await client.personas.require("sage")).description == "Calm."
    changed = await items.require("old")
    assert (changed.text_content, changed.metadata) == ("changed", {"n": 1})
    assert not await items.exists("gone")


async def test_many_writes_and_their_progress(client: AsyncMemoryClient) -> None:
    steps: list[WriteProgress] = []
    async with client.bulk_writer(throttle=False, max_concurrency=2, on_progress=steps.append) as writer:
        for number in range(2_600):
            await writer.set(client.memory_items, an_item(id=f"{number:05}"))
    assert await client.memory_items.all().count() == 2_600
    assert len(steps) == 6
    assert [step.written for step in steps] == sorted(step.written for step in steps)
    assert steps[-1] == writer.progress == WriteProgress(written=2_600, failed=0)


async def test_flush(client: AsyncMemoryClient) -> None:
    async with client.bulk_writer() as writer:
        await writer.set(client.memory_items, an_item(id="a"))
        assert not await client.memory_items.exists("a")
        await writer.flush()
        assert await client.memory_items.exists("a")
        await writer.flush()
        await writer.delete(client.memory_items, "a")
    assert not await client.memory_items.exists("a")


async def test_each_outcome_is_told(client: AsyncMemoryClient) -> None:
    await client.memory_items.set(an_item(id="taken"))
    told: list[WriteOutcome[pydantic.BaseModel]] = []
    async with client.bulk_writer(on_error="report", on_outcome=told.append) as writer:
        await writer.create(client.memory_items, an_item(id="taken", text_content="ours"))
        await writer.update(client.memory_items, "nobody", F.text_content.set("x"))
        await writer.create(client.memory_items, an_item(id="new"))
    assert [(outcome.operation, outcome.document_id, type(outcome.error)) for outcome in told] == [
        ("create", "taken", AlreadyExistsError),
        ("update", "nobody", NotFoundError),
        ("create", "new", type(None)),
    ]
    assert isinstance(told[0].model, MemoryItem)
    assert told[0].model.text_content == "ours"
    assert str(told[1].error) == "memory_items.update('nobody'): the document does not exist"
    assert writer.progress == WriteProgress(written=1, failed=2)


async def test_failures_are_raised_once(client: AsyncMemoryClient) -> None:
    writer = client.bulk_writer()
    async with writer:
        await writer.update(client.memory_items, "nobody", F.text_content.set("x"))
        with pytest.raises(BulkWriteError, match="1 of 1 writes failed") as caught:
            await writer.flush()
        assert [outcome.document_id for outcome in caught.value.report.outcomes] == ["nobody"]
        await writer.set(client.memory_items, an_item(id="a"))
    assert await client.memory_items.exists("a")
    with pytest.raises(BulkWriteError, match="the document does not exist"):
        async with client.bulk_writer() as writer:
            await writer.update(client.memory_items, "nobody", F.text_content.set("x"))


@sends_nothing
async def test_what_cannot_be_sent_is_refused_at_once(client: AsyncMemoryClient) -> None:
    async with client.bulk_writer() as writer:
        with fails(ValidationError, "has no id", operation="set"):
            await writer.set(client.memory_items, an_item())
        with fails(ValidationError, "PersonaConfig", operation="create"):
            await writer.create(client.memory_items, PersonaConfig(name="a", description="b"))  # type: ignore[misc]  # wrong on purpose
        with fails(ValidationError, "slash", operation="delete"):
            await writer.delete(client.memory_items, "a/b")
        with fails(ValidationError, "nothing to update", operation="update"):
            await writer.update(client.memory_items, "a")
    assert writer.progress == WriteProgress()


@sends_nothing
async def test_only_inside_of_its_block(client: AsyncMemoryClient) -> None:
    writer = client.bulk_writer()
    with pytest.raises(OperationError, match="with"):
        await writer.set(client.memory_items, an_item(id="a"))
    async with writer:
        pass
    with pytest.raises(OperationError, match="with"):
        await writer.set(client.memory_items, an_item(id="a"))


@sends_nothing
@pytest.mark.parametrize("count", [0, -1, 1.5, True, "4"])
async def test_a_bad_concurrency(client: AsyncMemoryClient, count: int) -> None:
    with pytest.raises(ValidationError, match="max_concurrency must be a positive integer"):
        client.bulk_writer(max_concurrency=count)


async def test_writes_to_one_document_keep_their_order(client: AsyncMemoryClient) -> None:
    turns = client.session_turns(session_id="s")
    async with client.bulk_writer(throttle=False) as writer:
        for number in range(10):
            await writer.set(turns, "t", SessionTurn(role=TurnRole.USER, content=f"{number}", token_count=0))
            await writer.update(turns, "t", SessionTurnFields.token_count.increment(number))
            await writer.set(turns, f"other-{number}", SessionTurn(role=TurnRole.USER, content="other"))
        await writer.delete(turns, "other-3")
    turn = await turns.require("t")
    assert (turn.content, turn.token_count) == ("9", 9)
    assert await turns.all().count() == 10


async def test_after_an_exception_what_was_given_is_written(client: AsyncMemoryClient) -> None:
    async def write() -> None:
        async with client.bulk_writer() as writer:
            await writer.set(client.memory_items, an_item(id="a"))
            await writer.update(client.memory_items, "nobody", F.text_content.set("x"))
            raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine") as caught:
        await write()
    assert await client.memory_items.exists("a")
    assert caught.value.__notes__ == ["The bulk writer had 1 written and 1 failed."]


async def test_a_failed_write_may_be_given_again(client: AsyncMemoryClient) -> None:
    told: list[WriteOutcome[pydantic.BaseModel]] = []
    async with client.bulk_writer(on_error="report", on_outcome=told.append) as writer:
        await writer.update(client.memory_items, "a", F.text_content.set("x"))
        await writer.flush()
        await writer.create(client.memory_items, an_item(id=str(told[0].document_id)))
    assert [type(outcome.error) for outcome in told] == [NotFoundError, type(None)]
    assert await client.memory_items.exists("a")


async def test_throttling_keeps_to_500_per_second(client: AsyncMemoryClient) -> None:
    started = time.monotonic()
    async with client.bulk_writer() as writer:
        for number in range(1_001):
            await writer.set(client.memory_items, an_item(id=f"{number:05}"))
    assert time.monotonic() - started >= 2
    assert writer.progress.written == 1_001


@pytest.mark.slow
async def test_memory_stays_flat(client: AsyncMemoryClient) -> None:
    async def peak(count: int) -> int:
        tracemalloc.start()
        async with client.bulk_writer(throttle=False, max_concurrency=2) as writer:
            for number in range(count):
                await writer.set(client.memory_items, an_item(id=f"{number:06}", metadata={"text": "x" * 50}))
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    few = await peak(2_000)
    assert await peak(6_000) < 1.25 * few


class Slow(FirestoreBackend):
    """A backend that notes how many requests are on their way."""

    now = most = 0

    def batch_write(self, request: BatchWriteRequest, call: Call) -> BatchWriteResponse:
        self.now += 1
        self.most = max(self.most, self.now)
        time.sleep(0.05)
        try:
            return super().batch_write(request, call)
        finally:
            self.now -= 1


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_requests_than_allowed(project: str, concurrency: int) -> None:
    backend = Slow.connect(project)
    client = MemoryClient(backend)
    with client.bulk_writer(throttle=False, max_concurrency=concurrency) as writer:
        for number in range(3_000):
            writer.set(client.memory_items, an_item(id=f"{number:05}"))
    assert 1 <= backend.most <= concurrency
    backend.close()


def test_shared_by_threads(project: str) -> None:
    with MemoryClient.connect(f"firestore://{project}") as client:
        with client.bulk_writer(throttle=False) as writer, ThreadPoolExecutor(8) as pool:
            for done in [pool.submit(writer.set, client.memory_items, an_item(id=f"{n:05}")) for n in range(2_000)]:
                done.result()
        assert writer.progress.written == 2_000
        assert client.memory_items.all().count() == 2_000


async def test_shared_by_tasks(project: str) -> None:
    async with AsyncMemoryClient.connect(f"firestore://{project}") as client:
        async with client.bulk_writer(throttle=False, max_concurrency=2) as writer, asyncio.TaskGroup() as group:
            for number in range(2_000):
                group.create_task(writer.set(client.memory_items, an_item(id=f"{number % 700:05}")))
        assert writer.progress.written == 2_000
        assert await client.memory_items.all().count() == 700


async def test_cancelled(project: str) -> None:
    async with AsyncMemoryClient.connect(f"firestore://{project}") as client:

        async def write() -> None:
            async with client.bulk_writer() as writer:
                for number in range(100_000):
                    await writer.set(client.memory_items, an_item(id=f"{number:05}"))

        task = asyncio.create_task(write())
        await asyncio.sleep(1.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert await client.memory_items.all().count() % 500 == 0


PROGRAM = """
import sys
from firestore_memory import MemoryClient, MemoryItem

with MemoryClient.connect(sys.argv[1]) as client:
    with client.bulk_writer(throttle=False, on_progress=lambda progress: print(progress.written, flush=True)) as writer:
        for number in range(int(sys.argv[2])):
            writer.set(client.memory_items, MemoryItem(id=f"{number:05}", user_id="ada", item_type="fact"))
"""


@pytest.mark.slow
def test_killed_in_the_middle_a_rerun_completes(project: str) -> None:
    total, url = 8_000, f"firestore://{project}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "generated"), *sys.path])}
    command = [sys.executable, "-c", PROGRAM, url, str(total)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    with MemoryClient.connect(url) as client:
        assert 0 < client.memory_items.all().count() < total
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
        assert client.memory_items.all().count() == total
