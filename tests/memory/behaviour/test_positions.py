"""Parts of an order: where it starts, where it ends, and the last of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, AsyncQuery, MemoryItem, ValidationError
from firestore_memory import MemoryItemFields as F
from tests.helpers.items import an_item
from tests.helpers.stored import put
from tests.helpers.stores import sends_nothing

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
Narrow = Callable[[AsyncQuery[MemoryItem]], AsyncQuery[MemoryItem]]


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
async def collection(client: AsyncMemoryClient) -> Any:
    """Eight memories, "0" to "7", two a minute; Ada's have even numbers."""
    for number in range(8):
        item = an_item(
            user_id="bob" if number % 2 else "ada",
            timestamp=at(number // 2),
            metadata={"rank": None if number == 0 else number},
        )
        await client.memory_items.create(item, id=f"{number}")
    return client.memory_items


POSITIONS: dict[str, tuple[Narrow, str]] = {
    "start_at": (lambda q: q.start_at(at(1)), "234567"),
    "start_after": (lambda q: q.start_after(at(1)), "4567"),
    "end_at": (lambda q: q.end_at(at(1)), "0123"),
    "end_before": (lambda q: q.end_before(at(1)), "01"),
    "both": (lambda q: q.start_at(at(1)).end_before(at(3)), "2345"),
    "the same twice": (lambda q: q.start_at(at(1)).end_at(at(1)), "23"),
    "the later call counts": (lambda q: q.start_at(at(3)).start_after(at(0)).end_at(at(1)), "23"),
    "nothing": (lambda q: q.start_after(at(2)).end_before(at(2)), ""),
    "behind the end": (lambda q: q.start_after(at(9)), ""),
    "between two values": (lambda q: q.start_after(at(1) + timedelta(seconds=1)), "4567"),
    "with a limit": (lambda q: q.start_after(at(0)).limit(3), "234"),
    "with a filter": (lambda q: q.where(F.user_id == "ada").start_after(at(0)), "246"),
    "with a range": (lambda q: q.where(F.timestamp < at(3)).start_after(at(0)), "2345"),
    "the last": (lambda q: q.limit_to_last(3), "567"),
    "the last of more than there are": (lambda q: q.limit_to_last(30), "01234567"),
    "the last, from a start": (lambda q: q.start_at(at(1)).limit_to_last(3), "567"),
    "the last, up to an end": (lambda q: q.end_before(at(2)).limit_to_last(3), "123"),
    "the last, up to an end that counts": (lambda q: q.end_at(at(2)).limit_to_last(3), "345"),
    "the last, of a part": (lambda q: q.start_after(at(0)).end_at(at(1)).limit_to_last(9), "23"),
    "the last, of a part that is longer": (lambda q: q.start_at(at(1)).end_before(at(3)).limit_to_last(3), "345"),
    "the last, of a filter": (lambda q: q.where(F.user_id == "ada").limit_to_last(2), "46"),
    "the later limit counts": (lambda q: q.limit(3).limit_to_last(2), "67"),
    "the later limit counts, reversed": (lambda q: q.limit_to_last(3).limit(2), "01"),
}


@pytest.mark.parametrize(("narrow", "expected"), POSITIONS.values(), ids=POSITIONS)
async def test_positions(collection: Any, narrow: Narrow, expected: str) -> None:
    query = narrow(collection.order_by(F.timestamp.asc(), F.document_id.asc()))
    assert "".join([item.id async for item in query]) == expected
    assert "".join([item.id for item in await query.list()]) == expected
    assert await query.count() == len(expected)
    first = await query.first()
    assert (first.id if first else "") == expected[:1]


SEVERAL_KEYS: dict[str, tuple[Narrow, str]] = {
    "descending": (lambda q: q.order_by(F.timestamp.desc()).start_after(at(2)), "3210"),
    "descending to an end": (lambda q: q.order_by(F.timestamp.desc()).end_at(at(2)), "7654"),
    "the last, descending": (lambda q: q.order_by(F.timestamp.desc()).limit_to_last(3), "210"),
    "two keys": (lambda q: q.order_by(F.user_id.asc(), F.timestamp.asc()).start_at("ada", at(2)), "461357"),
    "the first key alone": (lambda q: q.order_by(F.user_id.asc(), F.timestamp.asc()).start_after("ada"), "1357"),
    "mixed directions": (lambda q: q.order_by(F.user_id.desc(), F.timestamp.asc()).start_after("bob", at(2)), "70246"),
    "mixed, to an end": (lambda q: q.order_by(F.user_id.desc(), F.timestamp.asc()).end_before("ada", at(1)), "13570"),
    "mixed, the last": (
        lambda q: q.order_by(F.user_id.desc(), F.timestamp.asc()).end_at("ada", at(1)).limit_to_last(3),
        "702",
    ),
    "the id": (lambda q: q.order_by(F.document_id.asc()).start_after("2").end_at("5"), "345"),
    "the id behind a key, descending": (
        lambda q: q.order_by(F.user_id.asc(), F.document_id.desc()).start_after("ada", "4"),
        "207531",
    ),
    "the id behind a key": (
        lambda q: q.order_by(F.timestamp.asc(), F.document_id.asc()).start_after(at(1), "2").end_before(at(3), "7"),
        "3456",
    ),
    "null": (lambda q: q.order_by(F.metadata["rank"].asc()).start_after(None), "1234567"),
    "null, included": (lambda q: q.order_by(F.metadata["rank"].desc()).end_at(None), "76543210"),
    "a value of another type": (lambda q: q.order_by(F.metadata["rank"].asc()).start_at("text"), ""),
    "a number of another type": (lambda q: q.order_by(F.metadata["rank"].asc()).start_at(5.5), "67"),
    "an order after the start": (
        lambda q: q.order_by(F.user_id.asc()).start_after("ada").order_by(F.timestamp.desc()),
        "7531",
    ),
}


@pytest.mark.parametrize(("narrow", "expected"), SEVERAL_KEYS.values(), ids=SEVERAL_KEYS)
async def test_several_keys_and_directions(collection: Any, narrow: Narrow, expected: str) -> None:
    query = narrow(collection.all())
    assert "".join([item.id async for item in query]) == expected
    assert await query.count() == len(expected)


async def test_documents_of_which_not_all_fit(client: AsyncMemoryClient, collection: Any) -> None:
    await put(client, "memories/bad", user_id=5, timestamp=at(9))
    order = F.timestamp.asc()
    assert [item.id for item in await collection.order_by(order).limit_to_last(2).list(on_corrupt="skip")] == ["7"]
    first = await collection.order_by(order).limit_to_last(3).first(on_corrupt="skip")
    assert first.id == "6"


@sends_nothing
@pytest.mark.parametrize("name", ["start_at", "start_after", "end_at", "end_before"])
def test_positions_that_are_none(client: AsyncMemoryClient, name: str) -> None:
    by_two = client.memory_items.order_by(F.user_id.asc(), F.timestamp.asc())
    for query, values, said in (
        (client.memory_items.all(), ("ada",), "1 values, .* 0 keys .*order_by"),
        (client.memory_items.where(F.user_id > "a"), ("ada",), "0 keys"),
        (by_two, (), "0 values, .* 2 keys"),
        (by_two, ("ada", NOON, "id"), r"3 values, .* 2 keys \(user_id, timestamp\)"),
        (by_two, (5,), "a string"),
        (by_two, ("ada", "noon"), "a datetime"),
        (client.memory_items.order_by(F.document_id.asc()), ("a/b",), "slash"),
        (client.memory_items.order_by(F.metadata["a"].asc()), (object(),), "store"),
    ):
        with pytest.raises(ValidationError, match=said):
            getattr(query, name)(*values)


@sends_nothing
@pytest.mark.parametrize("limit", [0, -1, True, 1.5, "1", 2**31, None])
def test_bad_limits(client: AsyncMemoryClient, limit: Any) -> None:
    with pytest.raises(ValidationError, match="limit"):
        client.memory_items.order_by(F.timestamp.asc()).limit_to_last(limit)


@sends_nothing
def test_the_last_of_no_order(client: AsyncMemoryClient) -> None:
    with pytest.raises(ValidationError, match="order_by"):
        client.memory_items.all().limit_to_last(1)
