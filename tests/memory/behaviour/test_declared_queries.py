"""The queries that the schema declares."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from firestore_memory import (
    AsyncMemoryClient,
    MemoryRecord,
    SessionState,
    SessionTurn,
    TurnRole,
    UserSession,
    ValidationError,
)
from firestore_memory import MemoryItemFields as F
from tests.helpers.items import agent_data, an_item
from tests.helpers.stores import sends_nothing

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


async def test_conversation_history(client: AsyncMemoryClient) -> None:
    collection = client.memory_items
    for number in range(25):
        await collection.create(an_item(timestamp=at(number), session_id=f"s{number % 2}", text_content=f"{number}"))
    await collection.create(an_item(timestamp=at(99), user_id="bob"))
    await collection.create(an_item(timestamp=at(99), item_type="fact"))
    newest = [item.text_content for item in await collection.conversation_history(user_id="ada").list()]
    assert newest == [f"{number}" for number in range(24, 4, -1)]
    query = collection.conversation_history(user_id="ada", session_id="s1")
    assert [item.text_content async for item in query] == [f"{number}" for number in range(23, 0, -2)]
    assert await collection.conversation_history(user_id="ada", persona_active="Bard").list() == []
    assert await query.where(F.timestamp < at(3)).limit(1).count() == 1


async def test_optional_parameters_of_a_range(client: AsyncMemoryClient) -> None:
    for number in range(5):
        record = MemoryRecord(
            record_id=f"{number}", context="c", persona=f"p{number % 2}", content="text", timestamp=at(number)
        )
        await client.memory_records.create(record)

    async def found(**arguments: Any) -> list[str]:
        return [record.record_id async for record in client.memory_records.in_context(context="c", **arguments)]

    assert await found() == ["0", "1", "2", "3", "4"]
    assert await found(start=at(3)) == ["3", "4"]
    assert await found(end=at(1)) == ["0", "1"]
    assert await found(start=at(1), end=at(3), persona="p1") == ["1", "3"]
    assert await found(start=None, end=None, persona=None) == ["0", "1", "2", "3", "4"]
    assert await client.memory_records.in_context(context="other").count() == 0


async def test_by_agent(client: AsyncMemoryClient) -> None:
    for number in range(3):
        await client.agent_data.create(agent_data(timestamp=at(number), content=number))
    query = client.agent_data.by_agent(agent_id="scout", data_type="observation", since=at(1))
    assert [data.content async for data in query] == [2, 1]


async def test_expired(client: AsyncMemoryClient) -> None:
    for number in (3, 1, 2):
        await client.memory_items.create(an_item(expiration=at(number), text_content=f"{number}"))
    await client.memory_items.create(an_item(expiration=None))
    assert [item.text_content async for item in client.memory_items.expired(now=at(2))] == ["1", "2"]


async def test_an_enumeration_in_the_schema(client: AsyncMemoryClient) -> None:
    for state in SessionState:
        await client.user_sessions.create(UserSession(user_id="ada", state=state, last_active_at=NOON))
    assert [session.state async for session in client.user_sessions.active(user_id="ada")] == [SessionState.ACTIVE]
    assert await client.user_sessions.active(user_id="ada", since=at(1)).count() == 0


async def test_of_a_subcollection(client: AsyncMemoryClient) -> None:
    turns = client.session_turns(session_id="s")
    for role in (TurnRole.USER, TurnRole.ASSISTANT, TurnRole.USER):
        await turns.create(SessionTurn(role=role, content=role.value))
    await client.session_turns(session_id="other").create(SessionTurn(role=TurnRole.USER, content="elsewhere"))
    assert [turn.content async for turn in turns.transcript()] == ["user", "assistant", "user"]
    assert await turns.transcript(role=TurnRole.ASSISTANT).count() == 1


async def test_ranges_and_inequality(gadgets_client: Any, gadgets: Any) -> None:
    readings = gadgets_client.readings(code="lamp")
    for value in (1, 2, 3):
        await readings.create(gadgets.Reading(sensor="a", value=value))
    await readings.create(gadgets.Reading(sensor="broken", value=2))
    assert [reading.value async for reading in readings.between()] == [1, 2, 3]
    assert [reading.value async for reading in readings.between(lowest=2)] == [2, 3]
    assert [reading.value async for reading in readings.between(lowest=1.5, highest=3)] == [2]


async def test_operators_with_several_values(gadgets_client: Any, gadgets: Any) -> None:
    for label, stock, tags in (("a", 1, ["new", "red"]), ("b", 2, ["red"]), ("c", 3, ["new"]), ("d", 1, ["blue"])):
        await gadgets_client.gadgets.create(gadgets.Gadget(label=label, stock=stock, tags=tags))

    async def found(query: Any) -> list[str]:
        return [gadget.label async for gadget in query]

    collection = gadgets_client.gadgets
    assert await found(collection.tagged(tags=["red", "new"])) == ["a", "b", "c"]
    assert await found(collection.tagged(tags=["red", "blue"], stocks=[1, 3])) == ["a", "d"]
    assert sorted(await found(collection.new())) == ["a", "c"]
    assert await found(collection.not_labelled(labels=("a", "c"))) == ["b", "d"]
    with pytest.raises(gadgets.ValidationError, match="1 to 10"):
        collection.not_labelled(labels=[])
    with pytest.raises(gadgets.ValidationError, match="a list is needed"):
        collection.tagged(tags="red")


async def test_fields_inside_of_maps_and_models(gadgets_client: Any, gadgets: Any) -> None:
    for town, grip in (("Lisbon", 1), ("Porto", 3), ("Faro", 9), ("Lisbon", 5)):
        maker = gadgets.Maker(name="Ada", town=town)
        await gadgets_client.gadgets.create(gadgets.Gadget(label=town, maker=maker, scores={"grip": grip}))
    assert [gadget.scores["grip"] async for gadget in gadgets_client.gadgets.made_in()] == [5, 3, 1]
    assert [gadget.scores["grip"] async for gadget in gadgets_client.gadgets.made_in(grip=2)] == [5, 3]


@sends_nothing
def test_arguments_of_the_wrong_type(client: AsyncMemoryClient) -> None:
    wrong: Any = 5
    with pytest.raises(ValidationError, match="user_id"):
        client.memory_items.conversation_history(user_id=wrong)
    with pytest.raises(ValidationError, match="timestamp"):
        client.agent_data.by_agent(agent_id="a", since=wrong)
