"""Transactions of the embedded store: what they see, what they refuse, and that each gets through."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from firestore_memory import (
    AsyncMemoryClient,
    ConflictError,
    MemoryClient,
    NotFoundError,
    SessionTurn,
    StorageConnectionError,
    TurnRole,
    ValidationError,
)
from firestore_memory import MemoryItemFields as F
from firestore_runtime import wire
from firestore_runtime.embedded import AsyncEmbeddedBackend, EmbeddedBackend, retry_queue, transactions
from firestore_runtime.embedded.documents import Documents
from firestore_runtime.embedded.files import connect
from firestore_runtime.embedded.retry_queue import RetryQueue
from tests.helpers.flavours import Driver
from tests.helpers.items import an_item
from tests.runtime.embedded.asking import paths, put, query, remove
from tests.runtime.embedded.messages import CALL, DATABASE, ROOT, document_of, where

Client: TypeAlias = AsyncMemoryClient


# By messages: the steps of several transactions in one thread


class Attempt:
    """A transaction, step by step.

    Args:
        backend: The store.
        read_only: Whether it refuses writes.
        previous: The transaction that it tries again.
    """

    def __init__(self, backend: EmbeddedBackend, *, read_only: bool = False, previous: bytes = b"") -> None:
        self._backend = backend
        request = wire.BeginTransactionRequest()
        if read_only:
            request.options.read_only.SetInParent()
        else:
            request.options.read_write.retry_transaction = previous
        self.id = backend.begin(request, CALL).transaction

    def get(self, path: str) -> dict[str, int] | None:
        """The numbers in a document."""
        request = wire.GetDocumentRequest(name=f"{ROOT}/{path}")
        request.transaction = self.id
        document = self._backend.get_document(request, CALL)
        return None if document is None else {key: value.integer_value for key, value in document.fields.items()}

    def responses(self, request: wire.RunQueryRequest) -> Iterator[wire.RunQueryResponse]:
        request.transaction = self.id
        return self._backend.run_query(request, CALL)

    def paths(self, request: wire.RunQueryRequest) -> list[str]:
        request.transaction = self.id
        return paths(self._backend, request)

    def count(self, asked: wire.RunQueryRequest) -> int:
        request = wire.RunAggregationQueryRequest(parent=ROOT)
        request.transaction = self.id
        request.structured_aggregation_query.structured_query.CopyFrom(asked.structured_query)
        request.structured_aggregation_query.aggregations.add().count.SetInParent()
        (response,) = self._backend.run_aggregation(request, CALL)
        (value,) = response.result.aggregate_fields.values()
        return value.integer_value

    def commit(self, **documents: int) -> None:
        """Write `n` into documents of the collection `c`, and end."""
        self.write(*(wire.Write(update=document_of(f"c/{name}", {"n": number})) for name, number in documents.items()))

    def write(self, *writes: wire.Write) -> None:
        request = wire.CommitRequest(database=DATABASE, writes=writes)
        request.transaction = self.id
        self._backend.commit(request, CALL)

    def roll_back(self) -> None:
        self._backend.rollback(wire.RollbackRequest(transaction=self.id), CALL)


def numbers(**documents: int) -> dict[str, dict[str, int]]:
    return {f"c/{name}": {"n": number} for name, number in documents.items()}


FAILING = wire.Write(delete=f"{ROOT}/c/missing")
FAILING.current_document.exists = True
OVER = pytest.raises(ValidationError, match="the transaction is over")


def test_one_state(backend: EmbeddedBackend) -> None:
    """That of the first read, whatever happens then; no document changes, comes or goes."""
    put(backend, numbers(a=1, b=2))
    one = Attempt(backend)
    assert one.get("c/a") == {"n": 1}
    put(backend, numbers(a=9, new=1))
    remove(backend, ["c/b"])
    for _ in range(2):
        assert one.get("c/a") == {"n": 1}
        assert one.get("c/b") == {"n": 2}
        assert one.get("c/new") is None
        assert one.paths(query("c", "n")) == ["c/a", "c/b"]
        assert one.count(query("c")) == 2
    assert paths(backend, query("c", "n")) == ["c/new", "c/a"]
    one.roll_back()


def test_a_transaction_that_has_read_nothing_sees_the_state_of_its_first_read(backend: EmbeddedBackend) -> None:
    one = Attempt(backend)
    put(backend, numbers(a=1))
    assert one.get("c/a") == {"n": 1}
    one.commit(a=2)


def test_write_skew(backend: EmbeddedBackend) -> None:
    """Each reads both documents and writes another one."""
    put(backend, numbers(a=1, b=1))
    one, other = Attempt(backend), Attempt(backend)
    assert one.count(query("c", where=where("n", "==", 1))) == 2
    assert other.count(query("c", where=where("n", "==", 1))) == 2
    one.commit(a=0)
    with pytest.raises(ConflictError) as caught:
        other.commit(b=0)
    assert caught.value.retryable
    assert Attempt(backend).count(query("c", where=where("n", "==", 1))) == 1


SMALL = query("c", "n", where=where("n", "<", 10))
READS: dict[str, Callable[[Attempt], object]] = {
    "get": lambda one: one.get("c/a"),
    "get missing": lambda one: one.get("c/z"),
    "query": lambda one: one.paths(SMALL),
    "first": lambda one: one.paths(query("c", "n", limit=1)),
    "names": lambda one: one.paths(query("c", where=where("n", "==", 3))),
    "count": lambda one: one.count(SMALL),
    "begun": lambda one: next(one.responses(query("c", "n"))),
    "unread": lambda one: one.responses(SMALL),
    "nothing": lambda one: None,
}
CHANGES: dict[str, tuple[Callable[[EmbeddedBackend], object], set[str]]] = {
    "update": (lambda backend: put(backend, numbers(a=2)), {"get", "query", "first", "begun"}),
    "update of another": (lambda backend: put(backend, numbers(b=6)), {"query"}),
    "update to the same": (lambda backend: put(backend, numbers(a=1)), set()),
    "phantom": (lambda backend: put(backend, numbers(z=7)), {"get missing", "query", "count"}),
    "phantom in front": (
        lambda backend: put(backend, numbers(z=0)),
        {"get missing", "query", "count", "first", "begun"},
    ),
    "phantom behind": (lambda backend: put(backend, numbers(y=99)), set()),
    "found now": (lambda backend: put(backend, numbers(far=3)), {"query", "count", "names"}),
    "found no more": (lambda backend: put(backend, numbers(b=70)), {"query", "count"}),
    "deletion": (lambda backend: remove(backend, ["c/b"]), {"query", "count"}),
    "deletion of the first": (lambda backend: remove(backend, ["c/a"]), {"get", "query", "first", "begun", "count"}),
    "another collection": (lambda backend: put(backend, {"d/a": {"n": 1}, "x/1/c/a": {"n": 1}}), set()),
}
"""Changes, and the reads that then would find something else."""


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("change", CHANGES)
def test_reads_that_would_find_something_else(backend: EmbeddedBackend, read: str, change: str) -> None:
    put(backend, numbers(a=1, b=5, far=50))
    one = Attempt(backend)
    READS[read](one)
    do, disturbed = CHANGES[change]
    do(backend)
    if read in disturbed:
        with pytest.raises(ConflictError):
            one.commit(result=100)
    else:
        one.commit(result=100)
    assert ("c/result" in paths(backend, query("c"))) == (read not in disturbed)
    with OVER:
        one.commit(result=1)


def test_what_was_deleted_and_made_again(backend: EmbeddedBackend) -> None:
    put(backend, numbers(a=1))
    one = Attempt(backend)
    one.get("c/a")
    remove(backend, ["c/a"])
    put(backend, numbers(a=1))
    with pytest.raises(ConflictError):
        one.commit(b=1)


def test_a_conflict_found_among_several_reads(backend: EmbeddedBackend) -> None:
    put(backend, numbers(a=1, b=2))
    one = Attempt(backend)
    for path in ("c/a", "c/b", "c/a"):
        one.get(path)
    put(backend, numbers(b=3))
    with pytest.raises(ConflictError):
        one.commit(a=2)
    assert Attempt(backend).get("c/a") == {"n": 1}


def test_reading_alone(backend: EmbeddedBackend) -> None:
    """A read-only transaction sees one state, writes nothing, and nothing gets in its way."""
    put(backend, numbers(a=1))
    for end in (Attempt.commit, Attempt.roll_back):
        one = Attempt(backend, read_only=True)
        assert one.get("c/a") == {"n": 1}
        put(backend, numbers(a=2, b=1))
        assert one.get("c/a") == {"n": 1}
        assert one.paths(query("c")) == ["c/a"]
        end(one)
        remove(backend, ["c/b"])
        put(backend, numbers(a=1))
    with pytest.raises(ValidationError, match="read-only"):
        Attempt(backend, read_only=True).commit(a=3)
    assert Attempt(backend).get("c/a") == {"n": 1}


def test_a_commit_is_applied_as_a_whole(backend: EmbeddedBackend) -> None:
    put(backend, numbers(a=1))
    one = Attempt(backend)
    one.get("c/a")
    with pytest.raises(NotFoundError):
        one.write(wire.Write(update=document_of("c/a", {"n": 2})), FAILING)
    assert Attempt(backend).get("c/a") == {"n": 1}
    with OVER:
        one.get("c/a")


# The end


STEPS: list[Callable[[Attempt], object]] = [Attempt.commit, Attempt.roll_back, lambda one: one.get("c/a")]
STEPS += [lambda one: one.paths(query("c")), lambda one: one.count(query("c"))]


def test_a_transaction_that_is_over(backend: EmbeddedBackend) -> None:
    put(backend, numbers(a=1))
    rolled_back, committed = Attempt(backend), Attempt(backend)
    rolled_back.roll_back()
    committed.commit(a=2)
    unknown = Attempt(backend)
    unknown.id = b"unknown"
    for one in (rolled_back, committed, unknown):
        for step in STEPS:
            with OVER:
                step(one)


class Clock:
    """What the transactions take for the time."""

    now = 1_000.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(transactions, "monotonic", lambda: clock.now)
    return clock


def test_a_transaction_that_idles(backend: EmbeddedBackend, clock: Clock) -> None:
    put(backend, numbers(a=1))
    one, other = Attempt(backend), Attempt(backend)
    clock.now += 50
    one.get("c/a")
    clock.now += 50
    assert one.get("c/a") == {"n": 1}
    for step in STEPS:
        with OVER:
            step(other)
    one.commit(a=3)


def test_a_stream_that_is_slow_but_not_idle(backend: EmbeddedBackend, clock: Clock) -> None:
    put(backend, numbers(a=1, b=2, c=3))
    one = Attempt(backend)
    for _ in one.responses(query("c")):
        clock.now += 50
    one.commit(a=2)


def test_a_transaction_that_takes_too_long(backend: EmbeddedBackend, clock: Clock) -> None:
    put(backend, numbers(a=1))
    one = Attempt(backend)
    for _ in range(5):
        clock.now += 50
        one.get("c/a")
    clock.now += 50
    with OVER:
        one.commit(a=2)
    assert Attempt(backend).get("c/a") == {"n": 1}


def test_what_has_expired_is_cleared_away(backend: EmbeddedBackend, clock: Clock) -> None:
    for _ in range(20):
        Attempt(backend).get("c/a")
        clock.now += 61
    assert len(backend.engine.transactions._open) == 1


@pytest.mark.parametrize("end", [Attempt.roll_back, Attempt.commit])
def test_a_read_that_nobody_finished(backend: EmbeddedBackend, end: Callable[[Attempt], None]) -> None:
    """Its connection shows the next one who uses it what is stored by then; and the read cannot go on."""
    put(backend, {f"c/{number:02}": {"n": number} for number in range(30)})
    one = Attempt(backend)
    reads = [one.responses(query("c")), one.responses(query("c", "n desc")), one.responses(query("c"))]
    for read in reads[:2]:
        next(read)
    end(one)
    put(backend, numbers(new=1))
    assert backend.get_document(wire.GetDocumentRequest(name=f"{ROOT}/c/new"), CALL) is not None
    assert "c/new" in paths(backend, query("c"))
    for read in reads:
        with OVER:
            next(read)


def test_connections_are_given_back(backend: EmbeddedBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def counted(path: Path, *, durable: bool) -> Any:
        opened.append(str(path))
        return connect(path, durable=durable)

    monkeypatch.setattr("firestore_runtime.embedded.store.connect", counted)
    put(backend, numbers(a=1))
    for step in range(30):
        one = Attempt(backend)
        one.get("c/a")
        next(one.responses(query("c")))
        if step % 3 == 0:
            one.roll_back()
        elif step % 3 == 1:
            one.commit(a=step)
        else:
            put(backend, numbers(a=-step))
            with pytest.raises(ConflictError):
                one.commit(a=step)
    assert len(opened) == 2, "one that reads, one that writes"


def test_a_transaction_ends_while_threads_read_in_it(backend: EmbeddedBackend) -> None:
    put(backend, {f"c/{number}": {"n": number} for number in range(100)})

    def read(one: Attempt, has_read: threading.Event) -> None:
        while True:
            assert len(one.paths(query("c", "n desc"))) == 100
            assert one.get("c/7") == {"n": 7}
            has_read.set()

    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            one = Attempt(backend)
            events = [threading.Event() for _ in range(4)]
            futures = [pool.submit(read, one, event) for event in events]
            assert all(event.wait(20) for event in events)
            one.roll_back()
            for future in futures:
                with OVER:
                    future.result(timeout=20)


def test_the_end_waits_for_a_step_of_a_read(backend: EmbeddedBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise two threads would use one connection for different things."""
    put(backend, numbers(a=1))
    one = Attempt(backend)
    reading, go_on = threading.Event(), threading.Event()
    find = Documents.find

    def slow(self: Documents, name: str) -> Any:
        reading.set()
        go_on.wait(5)
        return find(self, name)

    monkeypatch.setattr(Documents, "find", slow)
    with ThreadPoolExecutor(2) as pool:
        found = pool.submit(one.get, "c/a")
        assert reading.wait(5)
        ended = pool.submit(one.roll_back)
        time.sleep(0.05)
        assert not ended.done()
        go_on.set()
        ended.result(timeout=5)
        assert found.result(timeout=5) == {"n": 1}


def test_the_store_is_closed(backend: EmbeddedBackend) -> None:
    put(backend, numbers(a=1))
    one = Attempt(backend)
    responses = one.responses(query("c"))
    next(responses)
    backend.close()
    with OVER:
        next(responses)
    with pytest.raises(StorageConnectionError, match="closed"):
        Attempt(backend, previous=b"x")
    assert backend.engine.transactions.retry_queue.take(), "the turn was given back"


# By the SDK


async def test_a_function_sees_one_state(client: Client) -> None:
    await client.memory_items.create(an_item(metadata={"n": 1}), id="a")

    async def look(tx: Client) -> list[int]:
        seen = []
        for number in range(3):
            items = await tx.memory_items.where(F.user_id == "ada").list()
            assert await tx.memory_items.all().count() == len(items) == 1
            assert [item.id for item in items] == ["a"]
            seen.append(items[0].metadata["n"])
            await client.memory_items.update("a", metadata={"n": number + 2})
            await client.memory_items.create(an_item())
        return seen

    assert await client.run_transaction(look, read_only=True) == [1, 1, 1]
    with pytest.raises(ConflictError):
        await client.run_transaction(doing(look, remove_all=client), max_attempts=1)


def doing(look: Callable[[Client], Awaitable[object]], *, remove_all: Client) -> Callable[[Client], Awaitable[object]]:
    """Look at one document again, but in a transaction that could write."""

    async def run(tx: Client) -> object:
        for item in await remove_all.memory_items.all().list():
            if item.id != "a":
                await remove_all.memory_items.delete(item.id)
        return await look(tx)

    return run


async def test_write_skew_by_two_clients(driver: Driver) -> None:
    """Of the two on call one may leave: the second one finds that out when it is tried again."""
    one, other = driver.connect(), driver.connect()
    for name in ("alice", "bob"):
        await one.memory_items.create(an_item(item_type="on call"), id=name)
    attempts: list[str] = []

    def leaving(name: str, meanwhile: Callable[[], Awaitable[object]]) -> Callable[[Client], Awaitable[bool]]:
        async def leave(tx: Client) -> bool:
            attempts.append(name)
            on_call = await tx.memory_items.where(F.item_type == "on call").list()
            await meanwhile()
            if len(on_call) < 2:
                return False
            await tx.memory_items.update(name, item_type="gone")
            return True

        return leave

    async def nothing() -> None: ...

    async def bob_leaves() -> None:
        if attempts == ["alice"]:
            assert await other.run_transaction(leaving("bob", nothing))

    assert not await one.run_transaction(leaving("alice", bob_leaves))
    assert attempts == ["alice", "bob", "alice"]
    assert [item.id async for item in one.memory_items.where(F.item_type == "on call")] == ["alice"]


async def test_a_phantom(client: Client) -> None:
    runs: list[int] = []

    async def number_them(tx: Client) -> int:
        found = await tx.memory_items.where(F.user_id == "ada").list()
        if not runs:
            await client.memory_items.create(an_item(), id="phantom")
        runs.append(len(found))
        await tx.memory_items.set(an_item(id="count", user_id="bob", metadata={"n": len(found)}))
        return len(found)

    assert await client.run_transaction(number_them) == 1
    assert runs == [0, 1]


async def test_a_read_that_is_not_finished(client: Client) -> None:
    """Only what was looked at matters; the rest of it is not read in a transaction that is over."""
    await client.memory_items.create_many([an_item(id=f"{number:03}") for number in range(200)])

    async def look(tx: Client) -> object:
        stream = tx.memory_items.all().stream()
        assert (await anext(stream)).id == "000"
        await client.memory_items.update("190", text_content="changed meanwhile")
        await tx.memory_items.update("100", text_content="changed")
        return stream

    stream: Any = await client.run_transaction(look, max_attempts=1)
    assert (await client.memory_items.require("100")).text_content == "changed"
    with pytest.raises(ValidationError, match="is over"):
        async for _ in stream:
            pass
    await client.memory_items.create(an_item(), id="later")
    assert await client.memory_items.exists("later")


# Many that meet


START = SessionTurn(role=TurnRole.USER, content="counter", token_count=0)
MANY = 50


def count_up(tx: MemoryClient) -> int:
    """Add one to the counter, and take a moment for it."""
    collection = tx.session_turns(session_id="s")
    count = (collection.require("counter").token_count or 0) + 1
    time.sleep(0.002)
    collection.update("counter", token_count=count)
    return count


async def count_up_async(tx: AsyncMemoryClient) -> int:
    """Add one to the counter, and take a moment for it."""
    collection = tx.session_turns(session_id="s")
    count = ((await collection.require("counter")).token_count or 0) + 1
    await asyncio.sleep(0.002)
    await collection.update("counter", token_count=count)
    return count


@pytest.fixture
def clients(url: str) -> Iterator[list[MemoryClient]]:
    """Two clients of a file with a counter in it."""
    both = [MemoryClient.connect(url) for _ in range(2)]
    both[0].session_turns(session_id="s").create(START, id="counter")
    yield both
    for client in both:
        client.close()


def counted(client: MemoryClient) -> int | None:
    return client.session_turns(session_id="s").require("counter").token_count


@pytest.mark.parametrize("used", [1, 2])
def test_many_threads(clients: list[MemoryClient], used: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """None fails with as many attempts as are the default, and none is lost or counted twice."""
    conflicts = noting_conflicts(monkeypatch)
    with ThreadPoolExecutor(MANY) as pool:
        counts = list(pool.map(lambda number: clients[number % used].run_transaction(count_up), range(MANY)))
    assert sorted(counts) == list(range(1, MANY + 1))
    assert counted(clients[0]) == counted(clients[1]) == MANY
    assert conflicts, "otherwise they have not met"


@pytest.mark.parametrize("used", [1, 2])
async def test_many_tasks(clients: list[MemoryClient], url: str, used: int, monkeypatch: pytest.MonkeyPatch) -> None:
    conflicts = noting_conflicts(monkeypatch)
    async with AsyncMemoryClient.connect(url) as one, AsyncMemoryClient.connect(url) as other:
        chosen = [one, other][:used]
        counts = await asyncio.gather(*(chosen[at % used].run_transaction(count_up_async) for at in range(MANY)))
    assert sorted(counts) == list(range(1, MANY + 1))
    assert counted(clients[0]) == MANY
    assert conflicts


def noting_conflicts(monkeypatch: pytest.MonkeyPatch) -> list[ConflictError]:
    conflicts: list[ConflictError] = []
    check = transactions.Transaction.check

    def checked(self: transactions.Transaction, connection: Any) -> None:
        try:
            check(self, connection)
        except ConflictError as error:
            conflicts.append(error)
            raise

    monkeypatch.setattr(transactions.Transaction, "check", checked)
    return conflicts


def test_several_processes(tmp_path: Path, url: str) -> None:
    script = """
import sys
from concurrent.futures import ThreadPoolExecutor
from firestore_memory import MemoryClient
from tests.runtime.embedded.test_transactions import count_up
with MemoryClient.connect(sys.argv[1]) as client, ThreadPoolExecutor(5) as pool:
    sys.stdin.readline()
    assert len(list(pool.map(lambda _: client.run_transaction(count_up), range(10)))) == 10
"""
    with MemoryClient.connect(url) as client:
        client.session_turns(session_id="s").create(START, id="counter")
    command = [sys.executable, "-c", script, url]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, cwd=Path(__file__).parents[3], text=True) for _ in range(2)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.wait(timeout=60) for process in started] == [0, 0]
    for process in started:
        process.communicate()
    with MemoryClient.connect(url) as client:
        assert counted(client) == 20


# The retry queue


def test_turns_come_one_after_the_other() -> None:
    queue = RetryQueue()
    first, second, third = queue.ask(), queue.ask(), queue.ask()
    assert [turn.done() for turn in (first, second, third)] == [True, False, False]
    queue.end()
    assert [turn.done() for turn in (first, second, third)] == [True, True, False]
    assert retry_queue.has_come(second)
    queue.end()
    assert third.done()
    queue.end()
    assert queue.take()


def test_who_waits_no_longer_is_passed_over() -> None:
    queue = RetryQueue()
    _, second, third = queue.ask(), queue.ask(), queue.ask()
    assert not retry_queue.has_come(second)
    queue.end()
    assert third.done()
    assert retry_queue.has_come(third)


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry_queue, "MAX_WAIT_SECONDS", 0.05)
    queue = RetryQueue()
    assert queue.take()
    assert not queue.take()
    queue.end()
    assert queue.take()


def test_a_wait_that_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+C, before the turn comes or just when it has."""
    queue = RetryQueue()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(retry_queue, "wait", interrupt)
        with pytest.raises(KeyboardInterrupt):
            queue.take()
        held = queue.ask()
        with pytest.raises(KeyboardInterrupt):
            queue.take()
    assert held.done()
    queue.end()
    assert queue.take()


def test_turns_in_many_threads() -> None:
    queue, alone, times = RetryQueue(), threading.Lock(), []

    def work(number: int) -> None:
        assert queue.take()
        assert alone.acquire(blocking=False)
        times.append(number)
        alone.release()
        queue.end()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(400)))
    assert sorted(times) == list(range(400))


def test_one_that_is_tried_again_waits_for_the_others(backend: EmbeddedBackend) -> None:
    put(backend, numbers(a=1))
    first = Attempt(backend, previous=b"earlier")
    Attempt(backend).roll_back()  # need not wait
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(Attempt, backend, previous=b"earlier")
        time.sleep(0.05)
        assert not second.done()
        first.get("c/a")
        first.commit(a=2)
        assert second.result(timeout=2).get("c/a") == {"n": 2}


@pytest.mark.parametrize("failure", ["conflict", "refused", "expired", "rolled back"])
def test_a_turn_is_handed_on(backend: EmbeddedBackend, clock: Clock, failure: str) -> None:
    put(backend, numbers(a=1))
    first = Attempt(backend, previous=b"earlier")
    first.get("c/a")
    match failure:
        case "conflict":
            put(backend, numbers(a=2))
            with pytest.raises(ConflictError):
                first.commit(a=3)
        case "refused":
            with pytest.raises(NotFoundError):
                first.write(FAILING)
        case "expired":
            clock.now += 61
            Attempt(backend).roll_back()
        case _:
            first.roll_back()
    started = time.perf_counter()
    second = Attempt(backend, previous=b"earlier")
    assert time.perf_counter() - started < 1
    with OVER:
        first.roll_back()
    assert second.get("c/a")
    assert not backend.engine.transactions.retry_queue.ask().done(), "the second one still has its turn"


async def test_a_task_that_is_cancelled_while_it_waits() -> None:
    """Neither its place in the queue nor its turn is lost."""
    backend = AsyncEmbeddedBackend(strict_indexes=False)
    request = wire.BeginTransactionRequest()
    request.options.read_write.retry_transaction = b"earlier"
    first = await backend.begin(request, CALL)
    second, third = (asyncio.create_task(backend.begin(request, CALL)) for _ in range(2))
    await asyncio.sleep(0.05)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    await backend.rollback(wire.RollbackRequest(transaction=first.transaction), CALL)
    begun = await asyncio.wait_for(third, timeout=2)
    await backend.rollback(wire.RollbackRequest(transaction=begun.transaction), CALL)
    await backend.close()


@pytest.mark.parametrize("moment", ["before it begins", "while it begins"])
async def test_a_task_that_is_cancelled_when_its_turn_has_come(moment: str) -> None:
    """The transaction that nobody knows of is given up, and the turn handed on."""
    backend = AsyncEmbeddedBackend(strict_indexes=False)
    engine = backend._embedded.engine
    request = wire.BeginTransactionRequest()
    request.options.read_write.retry_transaction = b"earlier"
    gate = threading.Event()
    snapshot = engine.store.snapshot

    def slow() -> Any:
        gate.wait()
        return snapshot()

    if moment == "while it begins":
        engine.store.snapshot = slow  # type: ignore[method-assign]  # in this one object, for this one test
    else:
        for _ in range(20):
            backend._threads.submit(gate.wait)
    task = asyncio.create_task(backend.begin(request, CALL))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    begun = await asyncio.wait_for(backend.begin(request, CALL), timeout=2)
    assert [*engine.transactions._open] == [begun.transaction]
    await backend.rollback(wire.RollbackRequest(transaction=begun.transaction), CALL)
    await backend.close()
