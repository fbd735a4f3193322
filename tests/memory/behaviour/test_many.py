"""Writing many documents in one call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from firestore_memory import (
    AlreadyExistsError,
    AsyncMemoryClient,
    BulkWriteError,
    ConflictError,
    DocumentPath,
    FirestoreBackend,
    MemoryClient,
    MemoryItem,
    SessionTurn,
    TurnRole,
    ValidationError,
)
from firestore_memory import MemoryItemFields as F
from firestore_runtime.bulk.batches import MAX_BYTES
from firestore_runtime.limits import MAX_BATCH_WRITES
from firestore_runtime.options import Call
from firestore_runtime.wire import BatchWriteRequest, BatchWriteResponse
from tests.helpers.failures import fails
from tests.helpers.items import an_item
from tests.helpers.stored import put
from tests.helpers.stores import sends_nothing


def some_items(count: int, **fields: Any) -> list[MemoryItem]:
    return [an_item(id=f"{number:04}", **fields) for number in range(count)]


async def test_more_than_one_request_takes(client: AsyncMemoryClient) -> None:
    report = await client.memory_items.set_many(some_items(501))
    assert (report.written, report.failures, report.failed) == (501, 0, [])
    assert [outcome.document_id for outcome in report.outcomes] == [f"{number:04}" for number in range(501)]
    assert await client.memory_items.all().count() == 501
    report = await client.memory_items.delete_many(f"{number:04}" for number in range(1, 501))
    assert report.written == 500
    assert [item.id async for item in client.memory_items.all()] == ["0000"]


async def test_created_models_come_back_in_order(client: AsyncMemoryClient) -> None:
    sent = [an_item(text_content=f"{number}") for number in range(600)]
    report = await client.memory_items.create_many(sent)
    assert [model.text_content for model in report.models] == [f"{number}" for number in range(600)]
    assert sent[0].id == ""
    assert len({model.id for model in report.models}) == 600
    assert await client.memory_items.get_many([model.id for model in report.models]) == report.models


async def test_an_outcome_says_what_was_written(client: AsyncMemoryClient) -> None:
    report = await client.memory_items.set_many([an_item(id="a")])
    (outcome,) = report.outcomes
    snapshot = await client.memory_items.get_snapshot("a")
    assert snapshot is not None
    assert (outcome.operation, outcome.collection, outcome.document_id) == ("set_many", "memory_items", "a")
    assert (outcome.update_time, outcome.error, outcome.model) == (snapshot.update_time, None, None)


async def test_ids_in_front(client: AsyncMemoryClient) -> None:
    turns = client.session_turns(session_id="s")
    made = await turns.create_many([("one", a_turn("1")), ("two", a_turn("2")), a_turn("3")])
    assert [outcome.document_id for outcome in made.outcomes][:2] == ["one", "two"]
    assert len(str(made.outcomes[2].document_id)) == 20
    assert [turn.created_at is not None for turn in made.models] == [True, True, True]
    await turns.set_many([("two", a_turn("4"))])
    assert (await turns.require("two")).content == "4"


def a_turn(content: str) -> SessionTurn:
    return SessionTurn(role=TurnRole.USER, content=content)


async def test_vectors_are_split_by_their_size(client: AsyncMemoryClient) -> None:
    """Together they are larger than what the emulator takes in one request."""
    embedding = [number / 7 for number in range(768)]
    report = await client.memory_items.set_many(some_items(500, embedding=embedding))
    assert report.written == 500
    found = await client.memory_items.get_many(["0000", "0499"])
    assert [item and item.embedding for item in found] == [embedding, embedding]


async def test_documents_of_the_largest_size(client: AsyncMemoryClient) -> None:
    report = await client.memory_items.set_many(some_items(9, text_content="x" * 1_000_000))
    assert report.written == 9
    assert await client.memory_items.all().count() == 9


async def test_good_and_bad_ones(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(id="taken", text_content="another's"))
    models: list[Any] = [
        an_item(id="a"),
        an_item(id="taken"),
        an_item(id="b/c"),
        "no model",
        an_item(id="bad", metadata={"a": object()}),
        an_item(id="refused", metadata={"a": DocumentPath("a/__b__")}),
        an_item(id="z"),
    ]
    with fails(BulkWriteError, "5 of 7 writes failed", "'taken'", operation="create_many") as caught:
        await client.memory_items.create_many(models)
    report = caught.value.report
    assert (report.written, report.failures) == (2, 5)
    errors = [outcome.error for outcome in report.outcomes]
    assert [type(error) for error in errors] == [
        type(None),
        AlreadyExistsError,
        *[ValidationError] * 4,
        type(None),
    ]
    assert [error and error.document_id for error in errors] == [None, "taken", "b/c", None, "bad", "refused", None]
    assert {error.operation for error in errors if error} == {"create_many"}
    assert report.outcomes[1].model == models[1]
    assert [item.id async for item in client.memory_items.all()] == ["a", "taken", "z"]
    assert (await client.memory_items.require("taken")).text_content == "another's"


async def test_failures_may_be_reported_only(client: AsyncMemoryClient) -> None:
    report = await client.memory_items.set_many([an_item(id="a"), an_item()], on_error="report")
    assert [outcome.document_id for outcome in report.succeeded] == ["a"]
    (failed,) = report.failed
    assert isinstance(failed.error, ValidationError)
    assert "has no id" in str(failed.error)


async def test_a_rerun_completes(client: AsyncMemoryClient) -> None:
    good, bad = some_items(50), an_item(id="bad", metadata={"a": DocumentPath("a/__b__")})
    with fails(BulkWriteError):
        await client.memory_items.set_many([*good[:25], bad, *good[25:]])
    assert (await client.memory_items.set_many(good)).written == 50
    assert await client.memory_items.all().list() == good


async def test_the_last_of_two_with_one_id_remains(client: AsyncMemoryClient) -> None:
    items = [an_item(id=f"{number % 7}", text_content=f"{number}") for number in range(40)]
    report = await client.memory_items.set_many(items)
    assert report.written == 40
    assert [item.text_content async for item in client.memory_items.all()] == [
        str(number) for number in (35, 36, 37, 38, 39, 33, 34)
    ]


async def test_the_first_of_two_with_one_id_is_created(client: AsyncMemoryClient) -> None:
    items = [an_item(id="a", text_content="first"), an_item(id="a", text_content="second")]
    report = await client.memory_items.create_many(items, on_error="report")
    assert isinstance(report.outcomes[1].error, AlreadyExistsError)
    assert (await client.memory_items.require("a")).text_content == "first"


async def test_deleting_what_is_not_there(client: AsyncMemoryClient) -> None:
    report = await client.memory_items.delete_many(["nobody", "nobody"])
    assert report.written == 2


async def test_nothing(client: AsyncMemoryClient) -> None:
    assert (await client.memory_items.create_many([])).outcomes == []
    assert (await client.memory_items.set_many(iter(()))).written == 0
    assert await client.memory_items.all().delete() == 0


@sends_nothing
async def test_one_instead_of_many(client: AsyncMemoryClient) -> None:
    for single in (an_item(id="a"), {"a": an_item()}, 5):
        with fails(ValidationError, "many are needed", type(single).__name__, operation="set_many"):
            await client.memory_items.set_many(single)  # type: ignore[arg-type]  # wrong on purpose
    with fails(ValidationError, "str", operation="delete_many"):
        await client.memory_items.delete_many("abc")


async def test_conditions(client: AsyncMemoryClient) -> None:
    await client.memory_items.set_many(some_items(2))
    seen = await client.memory_items.get_snapshot("0000")
    assert seen is not None
    await client.memory_items.set(an_item(id="0001", text_content="changed"))
    unchanged = client.memory_items.with_options(if_updated_at=seen.update_time)
    report = await unchanged.delete_many(["0000", "0001"], on_error="report")
    assert [type(outcome.error) for outcome in report.outcomes] == [type(None), ConflictError]
    assert [item.id async for item in client.memory_items.all()] == ["0001"]


async def test_items_are_taken_as_they_are_sent(client: AsyncMemoryClient) -> None:
    """A failing source of items ends the call, and what it gave before is written."""

    def source() -> Iterator[MemoryItem]:
        yield from some_items(600)
        raise RuntimeError("the source failed")

    with pytest.raises(RuntimeError, match="the source failed"):
        await client.memory_items.set_many(source())
    assert await client.memory_items.all().count() == 600


async def test_asynchronous_items(project: str) -> None:
    async def source() -> AsyncIterator[MemoryItem]:
        for item in some_items(3):
            yield item

    async with AsyncMemoryClient.connect(f"firestore://{project}") as client:
        report = await client.memory_items.set_many(source())
        assert report.written == 3
        assert [item.id async for item in client.memory_items.all()] == ["0000", "0001", "0002"]


async def test_a_query_deletes_what_it_finds(client: AsyncMemoryClient) -> None:
    await client.memory_items.set_many(some_items(520, item_type="note"))
    await client.memory_items.set_many([an_item(id="other", item_type="fact")])
    await put(client, "memories/corrupt", item_type="note", user_id=5)
    notes = client.memory_items.where(F.item_type == "note")
    assert await notes.order_by(F.document_id.desc()).limit(2).delete() == 2
    assert await client.memory_items.exists("0517")
    assert not await client.memory_items.exists("0519")
    assert await notes.delete() == 519
    assert [item.id async for item in client.memory_items.all()] == ["other"]


class Requests(FirestoreBackend):
    """A backend that remembers what it was asked to write."""

    seen: list[BatchWriteRequest]

    def batch_write(self, request: BatchWriteRequest, call: Call) -> BatchWriteResponse:
        self.seen.append(request)
        return super().batch_write(request, call)


def test_requests_keep_to_the_limits(project: str) -> None:
    backend = Requests.connect(project)
    backend.seen = []
    client = MemoryClient(backend)
    client.memory_items.set_many(some_items(1_200))
    assert sorted(len(request.writes) for request in backend.seen) == [200, MAX_BATCH_WRITES, MAX_BATCH_WRITES]
    backend.seen.clear()
    client.memory_items.set_many(some_items(500, embedding=[0.1] * 768))
    sizes = [request.ByteSize() for request in backend.seen]
    assert len(sizes) == 2
    assert max(sizes) <= MAX_BYTES + 100
    backend.close()
