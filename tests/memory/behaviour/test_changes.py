"""Changes of single fields that keyword arguments cannot say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from firestore_memory import AgentDataFields as A
from firestore_memory import (
    AsyncMemoryClient,
    NotFoundError,
    PersonaConfig,
    PersonaConfigFields,
    SessionTurn,
    SessionTurnFields,
    TurnRole,
    ValidationError,
)
from firestore_memory import MemoryItemFields as F
from tests.helpers.failures import fails
from tests.helpers.items import agent_data, an_item
from tests.helpers.stored import look

ODD_KEYS = [
    "dots.and.more",
    "two words",
    "`",
    "a`b`c",
    "\\",
    "a\\`b",
    "ünï😀",
    "1st",
    "a[0]",
    "'\"",
    "\n",
    "~/*",
    "class",
]


# Numbers


async def test_increment(client: AsyncMemoryClient) -> None:
    turns, count = client.session_turns(session_id="s"), SessionTurnFields.token_count
    await turns.create(SessionTurn(role=TurnRole.USER, content="hi", token_count=40), id="t")
    await turns.update("t", count.increment(3))
    await turns.update("t", count.increment(-1))
    assert (await turns.require("t")).token_count == 42


async def test_increment_of_what_is_absent_or_null_starts_at_zero(client: AsyncMemoryClient) -> None:
    turns, count = client.session_turns(session_id="s"), SessionTurnFields.token_count
    await turns.create(SessionTurn(role=TurnRole.USER, content="hi"), id="t")
    await turns.update("t", count.increment(3))
    await turns.update("t", SessionTurnFields.metadata["seen"].increment(1.5))
    turn = await turns.require("t")
    assert (turn.token_count, turn.metadata) == (3, {"seen": 1.5})


async def test_maximum_and_minimum(client: AsyncMemoryClient) -> None:
    turns, count = client.session_turns(session_id="s"), SessionTurnFields.token_count
    await turns.create(SessionTurn(role=TurnRole.USER, content="hi", token_count=10), id="t")
    found = []
    for change in (count.maximum(5), count.maximum(20), count.minimum(30), count.minimum(7)):
        await turns.update("t", change)
        found.append((await turns.require("t")).token_count)
    assert found == [10, 20, 20, 7]


@pytest.mark.parametrize("operand", [True, 1.5, "1", 2**63, None])
async def test_operands_of_the_wrong_type(client: AsyncMemoryClient, operand: Any) -> None:
    turns, count = client.session_turns(session_id="s"), SessionTurnFields.token_count
    await turns.create(SessionTurn(role=TurnRole.USER, content="hi", token_count=1), id="t")
    for change in (count.increment, count.maximum, count.minimum):
        with fails(ValidationError, "token_count", operation="update"):
            await turns.update("t", change(operand))
    assert (await turns.require("t")).token_count == 1


# Lists


async def test_union_and_remove(gadgets_client: Any, gadgets: Any) -> None:
    collection, tags = gadgets_client.gadgets, gadgets.GadgetFields.tags
    created = await collection.create(gadgets.Gadget(label="lamp", tags=["a", "b", "a"]))
    await collection.update(created.code, tags.union("b", "c"))
    assert (await collection.require(created.code)).tags == ["a", "b", "a", "c"]
    await collection.update(created.code, tags.remove("a", "nothing"))
    assert (await collection.require(created.code)).tags == ["b", "c"]


async def test_elements_of_the_wrong_type(gadgets_client: Any, gadgets: Any) -> None:
    created = await gadgets_client.gadgets.create(gadgets.Gadget(label="lamp", tags=["a"]))
    with pytest.raises(gadgets.ValidationError, match="tags"):
        await gadgets_client.gadgets.update(created.code, gadgets.GadgetFields.tags.union(5))
    assert (await gadgets_client.gadgets.require(created.code)).tags == ["a"]


# Set, delete, server timestamp


async def test_set_and_delete(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(text_content="hi", session_id="s"), id="a")
    await client.memory_items.update("a", F.text_content.set("bye"), F.session_id.delete())
    stored = await look(client, "memories/a")
    assert stored is not None
    assert stored["text_content"] == "bye"
    assert "session_id" not in stored
    assert (await client.memory_items.require("a")).session_id is None


async def test_server_timestamp(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(), id="a")
    written = await client.memory_items.update("a", F.expiration.server_timestamp())
    expiration = (await client.memory_items.require("a")).expiration
    assert expiration is not None
    assert abs(written.update_time - expiration) < timedelta(seconds=1)


async def test_keywords_and_changes_together(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(metadata={"kept": 1}), id="a")
    await client.memory_items.update("a", F.metadata["n"].increment(2), F.session_id.set(None), text_content="hi")
    item = await client.memory_items.require("a")
    assert (item.metadata, item.session_id, item.text_content) == ({"kept": 1, "n": 2}, None, "hi")


async def test_changes_need_the_document(client: AsyncMemoryClient) -> None:
    with fails(NotFoundError):
        await client.memory_items.update("a", F.metadata["n"].increment(1))
    assert not await client.memory_items.exists("a")


async def test_fields_with_odd_names(gadgets_client: Any, gadgets: Any) -> None:
    fields, moment = gadgets.GadgetFields, datetime(2020, 2, 3, tzinfo=UTC)
    created = await gadgets_client.gadgets.create(gadgets.Gadget(label="lamp"))
    await gadgets_client.gadgets.update(created.code, fields.made_at.set(moment))
    found = await gadgets_client.gadgets.where(fields.made_at == moment).list()
    assert [gadget.made_at for gadget in found] == [moment]


async def test_fields_of_an_embedded_model(gadgets_client: Any, gadgets: Any) -> None:
    fields, maker = gadgets.GadgetFields, gadgets.Maker(name="Ada", town="London")
    created = await gadgets_client.gadgets.create(gadgets.Gadget(label="lamp", maker=maker))
    await gadgets_client.gadgets.update(created.code, fields.maker.town.set("Turin"))
    assert (await gadgets_client.gadgets.require(created.code)).maker == gadgets.Maker(name="Ada", town="Turin")
    assert await gadgets_client.gadgets.where(fields.maker.town == "Turin").count() == 1


async def test_a_date_is_no_datetime(gadgets_client: Any, gadgets: Any) -> None:
    made_on = gadgets.GadgetFields.made_on
    created = await gadgets_client.gadgets.create(gadgets.Gadget(label="lamp"))
    with pytest.raises(gadgets.ValidationError, match="made_on"):
        await gadgets_client.gadgets.update(created.code, made_on.set(datetime(2020, 1, 1, tzinfo=UTC)))
    await gadgets_client.gadgets.update(created.code, made_on.set(date(2020, 1, 1)))
    assert (await gadgets_client.gadgets.require(created.code)).made_on == date(2020, 1, 1)


# Maps


@pytest.mark.parametrize("key", ODD_KEYS)
async def test_keys_with_odd_characters(client: AsyncMemoryClient, key: str) -> None:
    field = F.metadata[key]
    await client.memory_items.create(an_item(metadata={"kept": 1, "dots": {"and": {"more": 2}}}), id="a")
    before = (await client.memory_items.require("a")).metadata
    await client.memory_items.update("a", field.set({"deep": [1]}))
    assert (await client.memory_items.require("a")).metadata == {**before, key: {"deep": [1]}}
    await client.memory_items.update("a", field["deep"].set(7))
    await client.memory_items.update("a", field["deep"].increment(1))
    assert (await client.memory_items.require("a")).metadata == {**before, key: {"deep": 8}}
    assert [item.id for item in await client.memory_items.where(field["deep"] == 8).list()] == ["a"]
    assert [item.id for item in await client.memory_items.where(field["deep"] > 7).list()] == ["a"]
    await client.memory_items.update("a", field.delete())
    assert (await client.memory_items.require("a")).metadata == before


@pytest.mark.parametrize("key", ["", "a\ud800", 5, None, "k" * 1_501, "__reserved__"])
def test_keys_that_cannot_be(key: Any) -> None:
    for field in (F.metadata, F.metadata["a"], PersonaConfigFields.traits):
        with pytest.raises(ValidationError, match="key"):
            field[key]


async def test_values_of_a_typed_map(client: AsyncMemoryClient) -> None:
    traits = PersonaConfigFields.traits
    await client.personas.create(PersonaConfig(name="Ada", description="a mathematician", traits={"dry wit": 0.5}))
    await client.personas.update("Ada", traits["patience"].set(1), traits["dry wit"].delete())
    assert (await client.personas.require("Ada")).traits == {"patience": 1.0}
    with fails(ValidationError, "traits"):
        await client.personas.update("Ada", traits["patience"].set("high"))  # type: ignore[arg-type]  # wrong on purpose


async def test_a_value_of_no_declared_type(client: AsyncMemoryClient) -> None:
    await client.agent_data.create(agent_data(content={"a": {"b": 1}}), id="x")
    await client.agent_data.update("x", A.content["a"]["b"].increment(2), A.content["c"].set([1]))
    assert (await client.agent_data.require("x")).content == {"a": {"b": 3}, "c": [1]}


# Overlaps


async def test_overlapping_changes(client: AsyncMemoryClient) -> None:
    created = await client.memory_items.create(an_item(metadata={"a": 1}), id="a")
    overlaps: list[tuple[Any, ...]] = [
        (F.text_content.set("a"), F.text_content.set("b")),
        (F.metadata["a"].set(1), F.metadata["a"].increment(1)),
        (F.metadata["a"].set(1), F.metadata["a"]["b"].set(1)),
        (F.metadata.set({}), F.metadata["a-1"].set(1), F.metadata["a"].delete()),
        (F.metadata["a"].set(1), F.metadata["a b"].set(1), F.metadata["a"]["z"].set(1)),
    ]
    for changes in overlaps:
        with fails(ValidationError, "overlap", operation="update"):
            await client.memory_items.update("a", *changes)
    with fails(ValidationError, "overlap", "text_content"):
        await client.memory_items.update("a", F.text_content.delete(), text_content="b")
    assert await client.memory_items.get("a") == created


async def test_neighbours_do_not_overlap(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(), id="a")
    keys = ["a", "a.b", "a b", "ab"]
    await client.memory_items.update("a", *(F.metadata[key].set(key) for key in keys), F.metadata["c"]["a"].set(1))
    assert (await client.memory_items.require("a")).metadata == {**{key: key for key in keys}, "c": {"a": 1}}
