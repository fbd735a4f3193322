"""Values come back as they went: vectors, times, numbers, texts."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, DocumentPath, GeoPoint, ValidationError, Vector
from firestore_memory import MemoryItemFields as F
from tests.helpers.failures import fails
from tests.helpers.items import agent_data, an_item
from tests.helpers.stored import look, put
from tests.helpers.stores import sends_nothing

# Vectors


@pytest.mark.parametrize("length", [768, 1, 2, 3, 2048])
async def test_vectors_of_any_length(client: AsyncMemoryClient, length: int) -> None:
    vector = [math.sin(number) for number in range(length)]
    created = await client.memory_items.create(an_item(embedding=vector))
    assert created.embedding == vector
    assert (await client.memory_items.require(created.id)).embedding == vector
    stored = await look(client, f"memories/{created.id}")
    assert stored is not None
    assert stored["embedding"] == {"__type__": "__vector__", "value": vector}


async def test_extreme_elements(client: AsyncMemoryClient) -> None:
    vector = [0.0, -0.0, 5e-324, 1.7976931348623157e308, -1e-10, 1 / 3]
    created = await client.memory_items.create(an_item(embedding=vector))
    found = (await client.memory_items.require(created.id)).embedding
    assert repr(found) == repr(vector)


async def test_an_empty_vector(client: AsyncMemoryClient) -> None:
    created = await client.memory_items.create(an_item(embedding=[]))
    assert (await client.memory_items.require(created.id)).embedding == []


async def test_whole_numbers_become_doubles(client: AsyncMemoryClient) -> None:
    created = await client.memory_items.create(an_item(embedding=[1, 2]))
    await client.memory_items.update(created.id, embedding=[3, 4])
    stored = await look(client, f"memories/{created.id}")
    assert stored is not None
    assert [type(element) for element in stored["embedding"]["value"]] == [float, float]


@pytest.mark.parametrize(
    "left_behind",
    [[0.5, 1.5], [1, 2], [1, 0.5, 2], [0.5] * 768, [0.5] * 767 + [1], [], [0.5] * 3000],
    ids=lambda elements: f"{len(elements)} elements",
)
async def test_arrays_that_older_code_left(client: AsyncMemoryClient, left_behind: list[float]) -> None:
    await put(client, "memories/a", user_id="ada", item_type="fact", embedding=left_behind)
    found = (await client.memory_items.require("a")).embedding
    assert found == left_behind
    assert all(type(element) is float for element in found)


async def test_updates_of_a_vector(client: AsyncMemoryClient) -> None:
    created = await client.memory_items.create(an_item(embedding=[0.5]))
    for change in (F.embedding.set([1.5, 2.5]), F.embedding.set([]), F.embedding.set(None)):
        await client.memory_items.update(created.id, change)
    assert (await client.memory_items.require(created.id)).embedding is None


async def test_a_vector_in_a_map_survives(client: AsyncMemoryClient) -> None:
    sent = {"v": Vector([0.5, 1.0]), "plain": [0.5, 1.0], "inside": [{"v": Vector([0.25])}]}
    created = await client.memory_items.create(an_item(metadata=sent))
    for _ in range(2):  # what was read can be written again
        found = await client.memory_items.require(created.id)
        assert found.metadata == sent
        assert type(found.metadata["v"]) is type(found.metadata["inside"][0]["v"]) is Vector
        assert type(found.metadata["plain"]) is list
        await client.memory_items.set(found)


async def test_a_vector_that_is_too_long(client: AsyncMemoryClient) -> None:
    with fails(ValidationError, operation="create"):
        await client.memory_items.create(an_item(embedding=[0.5] * 2049), id="a")
    assert not await client.memory_items.exists("a")


async def test_a_vector_with_something_else_in_it(client: AsyncMemoryClient) -> None:
    for embedding in (["x"], [None], "text", 5):
        with fails(ValidationError, "embedding", operation="create"):
            await client.memory_items.create(an_item().model_copy(update={"embedding": embedding}), id="a")
    assert not await client.memory_items.exists("a")


async def test_a_vector_of_a_declared_dimension(gadgets_client: Any, gadgets: Any) -> None:
    collection, fields = gadgets_client.gadgets, gadgets.GadgetFields
    created = await collection.create(gadgets.Gadget(label="lamp", direction=[0.5, 1, 0]))
    for attempt in (
        collection.set(created.model_copy(update={"direction": [1.0]})),
        collection.create(gadgets.Gadget(label="lamp", direction=[])),
        collection.update(created.code, direction=[1.0, 2.0, 3.0, 4.0]),
        collection.update(created.code, fields.direction.set([1.0])),
    ):
        with pytest.raises(gadgets.ValidationError, match=r"direction: a vector of \d elements, where .* 3"):
            await attempt
    assert await collection.all().list() == [created]


async def test_reading_takes_any_length(gadgets_client: Any) -> None:
    await put(gadgets_client, "gadgets/a", label="lamp", direction=[0.5])
    assert (await gadgets_client.gadgets.require("a")).direction == [0.5]


# Times


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (datetime(2024, 2, 29, 12, 30, 15, 123456), datetime(2024, 2, 29, 12, 30, 15, 123456, UTC)),
        (
            datetime(2024, 5, 6, 7, tzinfo=timezone(timedelta(hours=5, minutes=30))),
            datetime(2024, 5, 6, 1, 30, 0, 0, UTC),
        ),
        (datetime(2024, 5, 6, 1, tzinfo=timezone(-timedelta(hours=8))), datetime(2024, 5, 6, 9, 0, 0, 0, UTC)),
        (datetime(1969, 12, 31, 23, 59, 59, 999999, UTC), datetime(1969, 12, 31, 23, 59, 59, 999999, UTC)),
        (datetime(1, 1, 1, 0, 0, 0, 1, UTC), datetime(1, 1, 1, 0, 0, 0, 1, UTC)),
        (datetime(9999, 12, 31, 23, 59, 59, 999999, UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
    ],
    ids=["naive", "east", "west", "before 1970", "the first", "the last"],
)
async def test_times(client: AsyncMemoryClient, sent: datetime, read: datetime) -> None:
    created = await client.memory_items.create(an_item(timestamp=sent, expiration=sent, metadata={"at": sent}))
    found = await client.memory_items.require(created.id)
    for moment in (found.timestamp, found.expiration, found.metadata["at"]):
        assert moment == read
        assert moment.tzinfo is UTC
    assert created.timestamp == read
    await client.memory_items.update(created.id, timestamp=sent)
    assert await client.memory_items.where(F.timestamp == sent, F.metadata["at"] == read).count() == 1


async def test_a_naive_time_set_behind_the_models_back(client: AsyncMemoryClient) -> None:
    item = an_item()
    item.timestamp = datetime(2024, 1, 1)
    created = await client.memory_items.create(item)
    assert (await client.memory_items.require(created.id)).timestamp == datetime(2024, 1, 1, tzinfo=UTC)


async def test_naive_times_where_they_are_an_error(gadgets_client: Any, gadgets: Any) -> None:
    created = await gadgets_client.gadgets.create(gadgets.Gadget(label="lamp"))
    naive, checked_at = datetime(2024, 1, 1), gadgets.GadgetFields.checked_at
    with pytest.raises(gadgets.ValidationError, match="checked_at"):
        await gadgets_client.gadgets.update(created.code, checked_at=naive)
    with pytest.raises(gadgets.ValidationError, match="checked_at"):
        await gadgets_client.gadgets.update(created.code, checked_at.set(naive))
    with pytest.raises(gadgets.ValidationError, match="checked_at"):
        await gadgets_client.gadgets.create(created.model_copy(update={"checked_at": naive, "code": ""}))
    with pytest.raises(gadgets.ValidationError, match="checked_at"):
        checked_at > naive  # noqa: B015
    assert await gadgets_client.gadgets.all().list() == [created]


# Everything else


@pytest.mark.parametrize(
    "value",
    [
        0, -1, 2**63 - 1, -(2**63), 2**53 + 1, 0.1, -0.0, math.inf, -math.inf, 1e308, True, False, None,
        "", "a\0b", "é", "e\u0301", "😀", "\n", b"", b"\x00\xff", [], {}, [[{}]][0], [None, [1]][0], {"a": {"b": {}}},
        GeoPoint(-90.0, 180.0), DocumentPath("memories/a"), DocumentPath("projects/p/databases/d/documents/a/b"),
    ],
    ids=repr,
)  # fmt: skip
async def test_values_of_no_declared_type(client: AsyncMemoryClient, value: Any) -> None:
    created = await client.agent_data.create(
        agent_data(content=value, metadata={"value": value, "list": [{"v": value}]})
    )
    found = await client.agent_data.require(created.id)
    for copy in (found.content, found.metadata["value"], found.metadata["list"][0]["v"]):
        assert repr(copy) == repr(value)
        assert type(copy) is type(value)


async def test_nan(client: AsyncMemoryClient) -> None:
    created = await client.agent_data.create(agent_data(content=math.nan))
    assert math.isnan((await client.agent_data.require(created.id)).content)


async def test_firestores_own_types(gadgets_client: Any, gadgets: Any) -> None:
    other = await gadgets_client.gadgets.create(gadgets.Gadget(label="torch"))
    gadget = gadgets.Gadget(
        label="lamp",
        tags=["a", ""],
        price=2,
        made_on=date(2020, 2, 29),
        spot=gadgets.GeoPoint(51.5, -0.1),
        twin=gadgets_client.gadgets.path(other.code),
        maker=gadgets.Maker(name="Ada"),
        scores={"a b": 1},
    )
    created = await gadgets_client.gadgets.create(gadget)
    assert await gadgets_client.gadgets.get(created.code) == created
    stored = await look(gadgets_client, f"gadgets/{created.code}")
    assert stored is not None
    root = f"{gadgets_client.backend.database}/documents"
    assert (stored["twin"], stored["spot"]) == (f"{root}/gadgets/{other.code}", (51.5, -0.1))
    assert (stored["made_on"], stored["price"]) == ("2020-02-29", 2.0)


@sends_nothing
async def test_a_reference_into_another_collection(gadgets_client: Any, gadgets: Any) -> None:
    gadget = gadgets.Gadget(label="lamp", twin=gadgets_client.sparse_gadgets.path("a"))
    with pytest.raises(gadgets.ValidationError, match=r"twin.*sparse_gadgets"):
        await gadgets_client.gadgets.create(gadget)


async def test_integers_where_doubles_are_declared(client: AsyncMemoryClient) -> None:
    await put(client, "personas/Ada", description="a mathematician", traits={"wit": 1, "patience": 0.5})
    assert (await client.personas.require("Ada")).traits == {"wit": 1.0, "patience": 0.5}
