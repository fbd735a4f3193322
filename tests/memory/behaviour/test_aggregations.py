"""What the server computes over a query: its size, sums and averages, and how it would run it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, OperationError, SessionTurn, TurnRole, ValidationError
from firestore_memory import MemoryItemFields as F
from firestore_memory import SessionTurnFields as T
from tests.helpers.failures import fails
from tests.helpers.items import an_item
from tests.helpers.stored import put
from tests.helpers.stores import only_firestore, sends_nothing


async def test_integers(client: AsyncMemoryClient) -> None:
    turns = client.session_turns(session_id="s")
    for count in (1, 2, None, 4):
        await turns.create(SessionTurn(role=TurnRole.USER, content="hi", token_count=count))
    await put(client, "sessions/s/turns/old", role="user", content="no count")
    total = await turns.all().sum(T.token_count)
    assert (total, type(total)) == (7, int)
    assert await turns.all().average(T.token_count) == pytest.approx(7 / 3)
    assert await turns.where(T.token_count > 1).sum(T.token_count) == 6
    assert await turns.order_by(T.token_count.desc()).limit(1).sum(T.token_count) == 4
    assert await turns.order_by(T.token_count.asc()).limit_to_last(2).average(T.token_count) == 3.0
    assert await turns.order_by(T.token_count.asc()).start_after(1).end_before(4).sum(T.token_count) == 2


async def test_floats(gadgets_client: Any, gadgets: Any) -> None:
    collection, size = gadgets_client.samples(run="r"), gadgets.SampleFields.size
    for number in (0.5, 1.0, -4.25):
        await collection.create(gadgets.Sample(size=number, scores={"a.b": 2.0}))
    assert await collection.all().sum(size) == -2.75
    assert await collection.all().average(size) == pytest.approx(-2.75 / 3)
    assert await collection.all().sum(gadgets.SampleFields.scores["a.b"]) == 6.0
    await collection.create(gadgets.Sample(size=math.nan))
    assert math.isnan(await collection.all().sum(size))
    assert math.isnan(await collection.all().average(size))


async def test_numbers_among_other_things(client: AsyncMemoryClient) -> None:
    for value in (1, 2.5, "3", None, [4], True):
        await client.memory_items.create(an_item(metadata={"n": value}))
    assert await client.memory_items.all().sum(F.metadata["n"]) == 3.5
    assert await client.memory_items.all().average(F.metadata["n"]) == 1.75


async def test_a_sum_that_no_integer_holds(client: AsyncMemoryClient) -> None:
    for _ in range(2):
        await client.memory_items.create(an_item(metadata={"n": 2**62}))
    assert await client.memory_items.all().sum(F.metadata["n"]) == 2.0**63


async def test_nothing(client: AsyncMemoryClient) -> None:
    turns = client.session_turns(session_id="s").all()
    assert (await turns.sum(T.token_count), await turns.average(T.token_count), await turns.count()) == (0, None, 0)


@sends_nothing
@pytest.mark.parametrize("field", [F.user_id, F.timestamp, F.embedding, F.metadata, "token_count", None], ids=repr)
async def test_fields_that_hold_no_number(client: AsyncMemoryClient, field: Any) -> None:
    with fails(ValidationError, "a number", operation="sum"):
        await client.memory_items.all().sum(field)
    with fails(ValidationError, "a number", operation="average"):
        await client.memory_items.all().average(field)


@only_firestore
@pytest.mark.parametrize("analyze", [False, True])
async def test_the_emulator_explains_nothing(client: AsyncMemoryClient, analyze: bool) -> None:
    await client.memory_items.create(an_item())
    with fails(OperationError, "does not explain", operation="explain"):
        await client.memory_items.where(F.user_id == "ada").explain(analyze=analyze)
