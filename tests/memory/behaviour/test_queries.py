"""Queries: filters, orders, limits, and the ways to read the results."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, MemoryItem, SessionTurn, SessionTurnFields, TurnRole, ValidationError
from firestore_memory import MemoryItemFields as F
from tests.helpers.items import an_item
from tests.helpers.stored import put
from tests.helpers.stores import sends_nothing

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
T = SessionTurnFields


@pytest.fixture
async def items(client: AsyncMemoryClient) -> list[MemoryItem]:
    """Six memories, one a minute, of Ada and of Bob, in and out of a session."""
    return [
        await client.memory_items.create(
            an_item(
                user_id="ada" if number % 2 else "bob",
                session_id=None if number < 2 else f"s{number}",
                timestamp=NOON + timedelta(minutes=number),
                text_content=f"text {number}",
                metadata={"rank": number, "odd key": f"{number}"},
            ),
            id=f"id{number}",
        )
        for number in range(6)
    ]


FILTERS: dict[str, tuple[Any, set[int]]] = {
    "==": (F.user_id == "ada", {1, 3, 5}),
    "!=": (F.user_id != "ada", {0, 2, 4}),
    "<": (F.timestamp < NOON + timedelta(minutes=2), {0, 1}),
    "<=": (F.timestamp <= NOON + timedelta(minutes=2), {0, 1, 2}),
    ">": (F.timestamp > NOON + timedelta(minutes=2), {3, 4, 5}),
    ">=": (F.timestamp >= NOON + timedelta(minutes=2), {2, 3, 4, 5}),
    "== None": (F.session_id == None, {0, 1}),  # noqa: E711
    "!= None": (F.session_id != None, {2, 3, 4, 5}),  # noqa: E711
    "a key of a map": (F.metadata["rank"] == 4, {4}),
    "a range of an odd key": (F.metadata["odd key"] >= "4", {4, 5}),
    "a whole map": (F.metadata == {"rank": 1, "odd key": "1"}, {1}),
    "&": ((F.user_id == "ada") & (F.timestamp > NOON + timedelta(minutes=1)), {3, 5}),
    "|": ((F.session_id == "s3") | (F.text_content == "text 0"), {0, 3}),
    "| of &": (((F.user_id == "ada") & (F.session_id == None)) | (F.session_id == "s4"), {1, 4}),  # noqa: E711
    "& of |": (((F.session_id == "s2") | (F.session_id == "s3")) & (F.user_id == "bob"), {2}),
    "the id": (F.document_id == "id3", {3}),
    "a range of ids": ((F.document_id > "id3") & (F.document_id <= "id5"), {4, 5}),
    "nothing": (F.user_id == "eve", set()),
}


@pytest.mark.parametrize(("condition", "expected"), FILTERS.values(), ids=FILTERS)
async def test_filters(client: AsyncMemoryClient, items: list[MemoryItem], condition: Any, expected: set[int]) -> None:
    query = client.memory_items.where(condition)
    found = await query.list()
    assert sorted(found, key=lambda item: item.id) == [items[number] for number in sorted(expected)]
    assert await query.count() == len(expected)


async def test_all_filters_of_a_call_must_match(client: AsyncMemoryClient, items: list[MemoryItem]) -> None:
    query = client.memory_items.where(F.user_id == "ada", F.timestamp > NOON + timedelta(minutes=1))
    assert await query.list() == [items[3], items[5]]
    assert await query.where(F.session_id == "s5").list() == [items[5]]
    assert await query.where().list() == [items[3], items[5]]


async def test_orders(client: AsyncMemoryClient, items: list[MemoryItem]) -> None:
    collection = client.memory_items
    assert await collection.order_by(F.timestamp.asc()).list() == items
    assert await collection.order_by(F.timestamp.desc()).list() == items[::-1]
    assert await collection.order_by(F.document_id.asc()).list() == items
    by_user = [items[number] for number in (1, 3, 5, 0, 2, 4)]
    assert await collection.order_by(F.user_id.asc(), F.timestamp.asc()).list() == by_user
    assert await collection.order_by(F.user_id.asc()).order_by(F.timestamp.asc()).list() == by_user
    assert await collection.where(F.user_id == "ada").order_by(F.metadata["rank"].desc()).list() == by_user[2::-1]


async def test_an_order_leaves_out_documents_without_the_field(
    client: AsyncMemoryClient, items: list[MemoryItem]
) -> None:
    await put(client, "memories/old", user_id="ada", item_type="fact")
    assert await client.memory_items.order_by(F.session_id.asc()).count() == len(items)
    assert await client.memory_items.all().count() == len(items) + 1


async def test_null_is_not_absent(client: AsyncMemoryClient, items: list[MemoryItem]) -> None:
    await put(client, "memories/old", user_id="ada", item_type="fact")
    assert await client.memory_items.where(F.session_id == None).list() == items[:2]  # noqa: E711
    assert await client.memory_items.where(F.session_id != "s2").count() == 3


async def test_limits(client: AsyncMemoryClient, items: list[MemoryItem]) -> None:
    query = client.memory_items.order_by(F.timestamp.asc())
    assert await query.limit(2).list() == items[:2]
    assert await query.limit(2).limit(3).list() == items[:3]
    assert await query.limit(100).list() == items
    assert await query.limit(4).count() == 4


async def test_first(client: AsyncMemoryClient, items: list[MemoryItem]) -> None:
    assert await client.memory_items.order_by(F.timestamp.desc()).first() == items[-1]
    assert await client.memory_items.order_by(F.timestamp.desc()).limit(3).first() == items[-1]
    assert await client.memory_items.where(F.user_id == "eve").first() is None


async def test_iteration(client: AsyncMemoryClient, items: list[MemoryItem]) -> None:
    query = client.memory_items.order_by(F.timestamp.asc())
    assert [item async for item in query] == items
    assert [item async for item in query.stream()] == items
    assert [item async for item in query] == items, "a query can be read again"


async def test_queries_are_values(client: AsyncMemoryClient, items: list[MemoryItem]) -> None:
    query = client.memory_items.where(F.user_id == "ada")
    query.where(F.session_id == "s3")
    query.order_by(F.timestamp.desc())
    query.limit(1)
    assert await query.count() == 3


async def test_an_empty_collection(client: AsyncMemoryClient) -> None:
    query = client.memory_items.all()
    assert (await query.list(), await query.first(), await query.count()) == ([], None, 0)


async def test_enumerations(client: AsyncMemoryClient) -> None:
    turns = client.session_turns(session_id="s")
    for role in TurnRole:
        await turns.create(SessionTurn(role=role, content="hi"), id=role.value)
    (found,) = await turns.where(T.role == TurnRole.TOOL).list()
    assert found.role is TurnRole.TOOL
    assert await turns.where(T.role > TurnRole.SYSTEM).count() == 2


async def test_ranges_of_numbers(client: AsyncMemoryClient) -> None:
    turns = client.session_turns(session_id="s")
    for count in (1, 5, 10, None):
        await turns.create(SessionTurn(role=TurnRole.USER, content="hi", token_count=count))
    query = turns.where(T.token_count > 1, T.token_count <= 10).order_by(T.token_count.desc())
    assert [turn.token_count async for turn in query] == [10, 5]


# What is refused


def test_a_filter_has_no_truth_value() -> None:
    one: Any = F.user_id == "ada"
    other: Any = F.session_id == "s"
    for wrong in (lambda: one and other, lambda: one or other, lambda: not one, lambda: NOON < F.timestamp < NOON):
        with pytest.raises(TypeError, match=r"& and \|"):
            wrong()


def test_values_of_the_wrong_type() -> None:
    count: Any = T.token_count
    for value in (True, 1.5, "1", NOON):
        for compare in (count.__eq__, count.__ne__, count.__lt__, count.__ge__):
            with pytest.raises(ValidationError, match="token_count"):
                compare(value)
    others: list[tuple[Any, Any]] = [
        (F.user_id, 5),
        (F.timestamp, "now"),
        (F.timestamp, date(2024, 1, 1)),
        (T.role, "robot"),
        (F.embedding, "text"),
    ]
    for field, wrong in others:
        with pytest.raises(ValidationError, match=field.path[0]):
            field == wrong  # noqa: B015


def test_a_datetime_for_a_date(gadgets: Any) -> None:
    with pytest.raises(gadgets.ValidationError, match="made_on"):
        gadgets.GadgetFields.made_on == NOON  # noqa: B015


def test_ranges_with_none() -> None:
    session: Any = F.session_id
    for compare in (session.__lt__, session.__le__, session.__gt__, session.__ge__):
        with pytest.raises(ValidationError, match=r"session_id .* None"):
            compare(None)


@sends_nothing
@pytest.mark.parametrize("limit", [0, -1, True, 1.5, "1", 2**31, None])
def test_bad_limits(client: AsyncMemoryClient, limit: Any) -> None:
    with pytest.raises(ValidationError, match="limit"):
        client.memory_items.all().limit(limit)


@sends_nothing
def test_what_is_no_filter_and_no_order(client: AsyncMemoryClient) -> None:
    wrong: Any
    for wrong in (True, None, "user_id == 'ada'", F.user_id, F.user_id.asc()):
        with pytest.raises(ValidationError, match="filter"):
            client.memory_items.where(wrong)
    for wrong in (F.user_id, "user_id", F.user_id == "ada"):
        with pytest.raises(ValidationError, match="order"):
            client.memory_items.order_by(wrong)
