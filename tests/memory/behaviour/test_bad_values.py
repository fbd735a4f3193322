"""Values that cannot be stored: each a clear error before anything is written."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from firestore_memory import (
    AgentData,
    AsyncAgentDataCollection,
    AsyncMemoryClient,
    SessionTurn,
    TurnRole,
    ValidationError,
    Vector,
)
from firestore_memory import AgentDataFields as A
from tests.helpers.failures import fails
from tests.helpers.items import agent_data
from tests.helpers.stores import sends_nothing


def nested(depth: int, innermost: Any = 1) -> Any:
    """A value inside as many maps."""
    for _ in range(depth):
        innermost = {"a": innermost}
    return innermost


def nested_lists(depth: int) -> Any:
    """A value inside maps and lists in turn, as many together."""
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


@dataclass
class Point:
    x: int


CYCLE: dict[str, Any] = {}
CYCLE["itself"] = CYCLE

BAD_VALUES: dict[str, Any] = {
    "an int beyond int64": 2**63,
    "an int below int64": -(2**63) - 1,
    "a far larger int": {"a": [10**400]},
    "an array in an array": [[1]],
    "a tuple in a list": [(1,)],
    "an array in an array, deep": {"a": [{"b": [1, []]}]},
    "a vector in an array": [Vector([1.0])],
    "a lone surrogate": "a\ud800",
    "a lone surrogate in a key": {"a\udfff": 1},
    "a key that is a number": {"a": {1: 2}},
    "a key that is None": {None: 1},
    "an empty key": {"": 1},
    "a reserved key": {"__x__": 1},
    "a key of 1,501 bytes": {"k" * 1_501: 1},
    "too deep": nested(21),
    "too deep with lists": nested_lists(21),
    "deeper than Python's stack": nested(100_000),
    "a cycle": CYCLE,
    "a set": {1, 2},
    "an object": object(),
    "a dataclass": Point(1),
    "a class": Point,
    "a function": len,
    "a date": date(2024, 1, 1),
    "a complex number": 1j,
    "a generator": (number for number in [1]),
    "over 1 MiB": "x" * 1_048_576,
    "over 1 MiB of numbers, which take half of it when they are sent": [1] * 131_072,
    "over 1 MiB in keys": {f"{number:0>1000}": None for number in range(1_100)},
}

Writer = Callable[[AsyncAgentDataCollection, Any], Awaitable[object]]

WRITES: dict[str, Writer] = {
    "create": lambda collection, value: collection.create(agent_data(content=value), id="new"),
    "set": lambda collection, value: collection.set("old", agent_data(content=value)),
    "update": lambda collection, value: collection.update("old", content=value),
    "update with a change": lambda collection, value: collection.update("old", A.content["a"].set(value)),
}


def is_about_the_document(name: str) -> bool:
    return "1 MiB" in name


@sends_nothing
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("name", BAD_VALUES)
async def test_bad_values(client: AsyncMemoryClient, name: str, write: Writer) -> None:
    stored = await client.agent_data.create(agent_data(content={}), id="old")
    with fails(ValidationError, "1,048,576" if is_about_the_document(name) else "content") as caught:
        await write(client.agent_data, BAD_VALUES[name])
    assert len(str(caught.value)) < 600
    assert not caught.value.retryable
    assert await client.agent_data.all().list() == [stored]


@sends_nothing
@pytest.mark.parametrize("name", [name for name in BAD_VALUES if not is_about_the_document(name)])
async def test_bad_values_in_metadata(client: AsyncMemoryClient, name: str) -> None:
    with fails(ValidationError, "metadata", operation="create"):
        await client.agent_data.create(agent_data(metadata={"key": BAD_VALUES[name]}))
    assert await client.agent_data.all().count() == 0


@pytest.mark.parametrize("name", [name for name in BAD_VALUES if not is_about_the_document(name)])
def test_bad_values_in_filters(name: str) -> None:
    with pytest.raises(ValidationError, match="content"):
        A.content == BAD_VALUES[name]  # noqa: B015


async def test_the_deepest_that_fits(client: AsyncMemoryClient) -> None:
    for value in (nested(20), nested_lists(20), nested(19, {})):
        created = await client.agent_data.create(agent_data(content=value))
        assert (await client.agent_data.require(created.id)).content == value
    created = await client.agent_data.create(agent_data(metadata=nested(20)))
    assert (await client.agent_data.require(created.id)).metadata == nested(20)


async def test_the_largest_that_fits(client: AsyncMemoryClient) -> None:
    # https://firebase.google.com/docs/firestore/storage-size: the name, the other fields, and 32 bytes
    largest = 1_048_576 - len("agent_eventsa") - 2 - 16 - 32
    others = {"id": 2, "agent_id": 6, "timestamp": 8, "data_type": 12, "content": 1, "metadata": 0, "expiration": 1}
    largest -= sum(len(key) + 1 + size for key, size in others.items())
    # The emulator counts up to 28 bytes more than the documentation says.
    created = await client.agent_data.create(agent_data(content="x" * (largest - 28)), id="a")
    assert await client.agent_data.get("a") == created
    with fails(ValidationError, "1,048,577"):
        await client.agent_data.create(agent_data(content="x" * (largest + 1)), id="b")
    assert not await client.agent_data.exists("b")


@sends_nothing
async def test_all_bad_fields_are_named(client: AsyncMemoryClient) -> None:
    with fails(ValidationError, "content", "metadata"):
        await client.agent_data.create(agent_data(content={1}, metadata={"a": 2**64}))


@sends_nothing
async def test_typed_fields_set_behind_the_models_back(client: AsyncMemoryClient) -> None:
    bad: dict[str, Any] = {
        "agent_id": 5,
        "data_type": None,
        "timestamp": "soon",
        "metadata": [1],
        "expiration": date(2024, 1, 1),
    }
    for field, value in bad.items():
        model = agent_data().model_copy(update={field: value})
        with fails(ValidationError, field, operation="create"):
            await client.agent_data.create(model)
    with fails(ValidationError, "data_type", operation="create"):
        await client.agent_data.create(AgentData.model_construct(agent_id="a", content=1))
    assert await client.agent_data.all().count() == 0


@sends_nothing
@pytest.mark.parametrize("count", [2**63, True, 1.5, "1", math.nan])
async def test_typed_integers(client: AsyncMemoryClient, count: Any) -> None:
    turns, turn = client.session_turns(session_id="s"), SessionTurn(role=TurnRole.USER, content="hi")
    with fails(ValidationError, "token_count", operation="create"):
        await turns.create(turn.model_copy(update={"token_count": count}))
    assert await turns.all().count() == 0
