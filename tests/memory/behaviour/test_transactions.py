"""Transactions: what a function reads and writes through them holds together, or nothing of it happens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from firestore_memory import (
    AlreadyExistsError,
    AsyncMemoryClient,
    ConflictError,
    NotFoundError,
    SessionTurn,
    TurnRole,
    ValidationError,
    Written,
)
from firestore_memory import MemoryItemFields as F
from tests.helpers.failures import fails, refused
from tests.helpers.items import an_item
from tests.helpers.stores import sends_nothing

Work = Callable[[AsyncMemoryClient], Awaitable[object]]


class GivenUpError(Exception):
    """What a function raises to give its transaction up."""


async def test_reading_and_writing(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(metadata={"n": 1}), id="a")

    async def add_one(tx: AsyncMemoryClient) -> int:
        item = await tx.memory_items.require("a")
        number = int(item.metadata["n"]) + 1
        await tx.memory_items.update("a", metadata={"n": number})
        await tx.memory_items.set(an_item(id="copy", metadata={"n": number}))
        await tx.memory_items.delete("gone")
        return number

    assert await client.run_transaction(add_one) == 2
    assert [item and item.metadata for item in await client.memory_items.get_many(["a", "copy"])] == [{"n": 2}] * 2


async def test_nothing_is_written_before_the_end(client: AsyncMemoryClient) -> None:
    async def write(tx: AsyncMemoryClient) -> None:
        await tx.memory_items.create(an_item(), id="a")
        assert not await client.memory_items.exists("a")

    await client.run_transaction(write)
    assert await client.memory_items.exists("a")


async def test_every_way_to_read(client: AsyncMemoryClient) -> None:
    for name in ("a", "b", "c"):
        await client.memory_items.create(an_item(session_id=name), id=name)
    await client.session_turns(session_id="s").create(SessionTurn(role=TurnRole.USER, content="hi"), id="t")

    async def read(tx: AsyncMemoryClient) -> None:
        items = tx.memory_items
        assert (await items.require("a")).session_id == "a"
        assert await items.get("z") is None
        assert [item and item.id for item in await items.get_many(["c", "z", "a"])] == ["c", None, "a"]
        assert await items.exists("b")
        assert await items.get_snapshot("b") is not None
        found = items.where(F.session_id >= "b").order_by(F.session_id.desc())
        assert [item.id for item in await found.list()] == ["c", "b"]
        assert [item.id async for item in found] == ["c", "b"]
        assert await found.count() == 2
        first = await found.with_options(timeout=5).first()
        assert first is not None
        assert first.id == "c"
        assert [turn.content async for turn in tx.session_turns(session_id="s").transcript()] == ["hi"]
        assert await tx.with_options(timeout=5).memory_items.exists("a")

    await client.run_transaction(read)
    await client.run_transaction(read, read_only=True)


async def test_queries_before_writes(client: AsyncMemoryClient) -> None:
    for name in ("a", "b"):
        await client.memory_items.create(an_item(), id=name)

    async def mark_all(tx: AsyncMemoryClient) -> int:
        found = await tx.memory_items.where(F.user_id == "ada").list()
        for item in found:
            await tx.memory_items.update(item.id, F.metadata["marks"].increment(1))
        return len(found)

    assert await client.run_transaction(mark_all) == 2
    assert [item.metadata async for item in client.memory_items.all()] == [{"marks": 1}] * 2


async def test_many_writes(client: AsyncMemoryClient) -> None:
    """They are written together with all others, whatever their number."""
    await client.memory_items.create_many([an_item(id=f"old{number}") for number in range(3)])

    async def replace(tx: AsyncMemoryClient) -> list[str]:
        deleted = await tx.memory_items.where(F.user_id == "ada").delete()
        report = await tx.memory_items.create_many(an_item(id=f"{number:03}") for number in range(600))
        assert (deleted, report.written, report.failures) == (3, 600, 0)
        assert {outcome.update_time for outcome in report.outcomes} == {None}
        assert await client.memory_items.all().count() == 3
        return [model.id for model in report.models]

    assert await client.run_transaction(replace) == [item.id async for item in client.memory_items.all()]


async def test_a_failure_among_many_writes(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(), id="5")

    async def create(tx: AsyncMemoryClient) -> None:
        await tx.memory_items.create_many([an_item(id=f"{number}") for number in range(10)])

    with refused(AlreadyExistsError, "memories/"):
        await client.run_transaction(create)
    assert await client.memory_items.all().count() == 1


async def test_namespaces(client: AsyncMemoryClient, driver: Any) -> None:
    tenant = driver.connect(namespace="tenant")

    async def write(tx: AsyncMemoryClient) -> str:
        return (await tx.memory_items.create(an_item())).id

    name = await tenant.run_transaction(write)
    assert await tenant.memory_items.exists(name)
    assert not await client.memory_items.exists(name)


# Results of writes


async def test_results_are_known_after_the_commit(client: AsyncMemoryClient) -> None:
    async def write(tx: AsyncMemoryClient) -> list[Written]:
        written = [await tx.memory_items.set(an_item(id="a")), await tx.memory_items.update("b", text_content="new")]
        for result in written:
            with refused(ValidationError, "committed"):
                _ = result.update_time
            assert repr(result) == "Written(update_time=None)"
        return written

    await client.memory_items.create(an_item(), id="b")
    written = await client.run_transaction(write)
    for name, result in zip(("a", "b"), written, strict=True):
        snapshot = await client.memory_items.get_snapshot(name)
        assert snapshot is not None
        assert result.update_time == snapshot.update_time
    await client.memory_items.with_options(if_updated_at=written[0].update_time).delete("a")


async def test_what_the_server_sets_is_not_known_yet(client: AsyncMemoryClient) -> None:
    turns = client.session_turns(session_id="s")

    async def write(tx: AsyncMemoryClient) -> SessionTurn:
        return await tx.session_turns(session_id="s").create(SessionTurn(role=TurnRole.USER, content="hi"), id="t")

    assert (await client.run_transaction(write)).created_at is None
    assert isinstance((await turns.require("t")).created_at, datetime)


# Giving up


async def test_an_exception_rolls_back_and_is_raised(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(text_content="old"), id="a")
    problem = GivenUpError()

    async def give_up(tx: AsyncMemoryClient) -> None:
        await tx.memory_items.require("a")
        await tx.memory_items.update("a", text_content="new")
        await tx.memory_items.create(an_item(), id="b")
        raise problem

    with pytest.raises(GivenUpError) as caught:
        await client.run_transaction(give_up)
    assert caught.value is problem
    assert caught.value.__cause__ is None
    assert (await client.memory_items.require("a")).text_content == "old"
    assert not await client.memory_items.exists("b")
    await client.memory_items.with_options(timeout=1, retry=False).update("a", text_content="unlocked")


async def test_errors_of_the_function_are_its_own(client: AsyncMemoryClient) -> None:
    runs = []

    async def fail(tx: AsyncMemoryClient) -> None:
        runs.append(tx)
        raise ConflictError("not of this transaction", retryable=True)

    with pytest.raises(ConflictError, match="not of this transaction"):
        await client.run_transaction(fail)
    assert len(runs) == 1


async def test_a_document_that_is_missing(client: AsyncMemoryClient) -> None:
    async def read(tx: AsyncMemoryClient) -> None:
        await tx.memory_items.require("a")

    with fails(NotFoundError, "'a'", operation="require"):
        await client.run_transaction(read)


# What the commit refuses


async def test_create_of_what_exists(client: AsyncMemoryClient) -> None:
    first = await client.memory_items.create(an_item(), id="a")

    async def create(tx: AsyncMemoryClient) -> None:
        await tx.memory_items.set(an_item(id="b"))
        await tx.memory_items.create(an_item(text_content="second"), id="a")

    with fails(AlreadyExistsError, "memory_items.create('a')", operation="create"):
        await client.run_transaction(create)
    assert await client.memory_items.all().list() == [first]


async def test_one_of_several_creates(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(), id="a")

    async def create(tx: AsyncMemoryClient) -> None:
        await tx.memory_items.create(an_item(), id="b")
        await tx.memory_items.create(an_item(), id="a")

    with refused(AlreadyExistsError, "memories/b", "memories/a"):
        await client.run_transaction(create)
    assert not await client.memory_items.exists("b")


async def test_update_of_what_does_not_exist(client: AsyncMemoryClient) -> None:
    async def update(tx: AsyncMemoryClient) -> None:
        await tx.memory_items.update("a", text_content="new")

    with fails(NotFoundError, "'a'", operation="update"):
        await client.run_transaction(update)


async def test_preconditions(client: AsyncMemoryClient) -> None:
    time = (await client.memory_items.set(an_item(id="a", text_content="old"))).update_time
    runs = []

    async def update(tx: AsyncMemoryClient, time: datetime) -> None:
        runs.append(tx)
        await tx.memory_items.create(an_item())
        await tx.memory_items.with_options(if_updated_at=time).update("a", text_content="new")

    async def too_late(tx: AsyncMemoryClient) -> None:
        await update(tx, time - timedelta(seconds=1))

    async def in_time(tx: AsyncMemoryClient) -> None:
        await update(tx, time)

    with fails(ConflictError, "'a'", operation="update") as caught:
        await client.run_transaction(too_late)
    assert not caught.value.retryable
    assert await client.memory_items.all().count() == len(runs) == 1
    await client.run_transaction(in_time)
    assert (await client.memory_items.require("a")).text_content == "new"


# What a transaction refuses before anything is sent


async def _create(tx: AsyncMemoryClient) -> None:
    await tx.memory_items.create(an_item())


READS: dict[str, Work] = {
    "get": lambda tx: tx.memory_items.get("a"),
    "get_many": lambda tx: tx.memory_items.get_many(["a"]),
    "list": lambda tx: tx.memory_items.all().list(),
    "count": lambda tx: tx.memory_items.all().count(),
}
WRITES: dict[str, Work] = {
    "create": _create,
    "set": lambda tx: tx.memory_items.set(an_item(id="a")),
    "update": lambda tx: tx.memory_items.update("a", text_content="new"),
    "delete": lambda tx: tx.memory_items.delete("a"),
}


@pytest.mark.parametrize(("operation", "read"), READS.items(), ids=READS)
async def test_reads_after_writes(client: AsyncMemoryClient, operation: str, read: Work) -> None:
    async def write_and_read(tx: AsyncMemoryClient) -> None:
        await _create(tx)
        with fails(ValidationError, "before the first write", operation=operation):
            await read(tx)
        await read(tx)

    with fails(ValidationError, "before the first write", operation=operation):
        await client.run_transaction(write_and_read)
    assert await client.memory_items.all().count() == 0


@pytest.mark.parametrize(("operation", "write"), WRITES.items(), ids=WRITES)
async def test_writes_in_a_read_only_transaction(client: AsyncMemoryClient, operation: str, write: Work) -> None:
    async def work(tx: AsyncMemoryClient) -> None:
        await tx.memory_items.get("a")
        await write(tx)

    with fails(ValidationError, "read-only", operation=operation):
        await client.run_transaction(work, read_only=True)


@pytest.mark.parametrize("operation", [*READS, *WRITES])
async def test_after_the_end(client: AsyncMemoryClient, operation: str) -> None:
    kept: list[AsyncMemoryClient] = []

    async def keep(tx: AsyncMemoryClient) -> None:
        kept.append(tx)

    await client.run_transaction(keep)
    with fails(ValidationError, "is over", operation=operation):
        await {**READS, **WRITES}[operation](kept[0])


async def test_a_stream_that_outlives_its_transaction(client: AsyncMemoryClient) -> None:
    for _ in range(3):
        await client.memory_items.create(an_item())

    async def begin_to_read(tx: AsyncMemoryClient) -> AsyncIterator[object]:
        stream = tx.memory_items.all().stream()
        await anext(stream)
        return stream

    stream = await client.run_transaction(begin_to_read)
    with fails(ValidationError, "is over", operation="stream"):
        await anext(stream)


async def test_nested_transactions(client: AsyncMemoryClient) -> None:
    async def nothing(tx: AsyncMemoryClient) -> None: ...

    async def nest(tx: AsyncMemoryClient) -> None:
        for other in (tx, client, client.with_options(timeout=5), tx.with_options(timeout=5)):
            with refused(ValidationError, "running here already"):
                await other.run_transaction(nothing)
        await _create(tx)

    await client.run_transaction(nest)
    assert await client.memory_items.all().count() == 1
    await client.run_transaction(nothing)


async def test_transactions_of_two_stores_at_once(client: AsyncMemoryClient, driver: Any) -> None:
    other = driver.connect(driver.other_url)

    async def outer(tx: AsyncMemoryClient) -> None:
        await _create(tx)
        await other.run_transaction(_create)

    await client.run_transaction(outer)
    assert await client.memory_items.all().count() == await other.memory_items.all().count() == 1


@sends_nothing
@pytest.mark.parametrize("attempts", [0, -1, True, 1.5, "2", None])
async def test_bad_numbers_of_attempts(client: AsyncMemoryClient, attempts: Any) -> None:
    with refused(ValidationError, "max_attempts"):
        await client.run_transaction(_create, max_attempts=attempts)


async def test_closing_does_nothing(client: AsyncMemoryClient) -> None:
    async def close(tx: AsyncMemoryClient) -> None:
        await tx.close()
        await tx.backend.close()
        await _create(tx)

    await client.run_transaction(close)
    assert await client.memory_items.all().count() == 1
