"""Searches by text, and vectors that are made of texts when documents are written."""

from __future__ import annotations

import asyncio
import math
import threading
from typing import Any, cast

import pytest

from firestore_memory import (
    AsyncFirestoreBackend,
    AsyncMemoryClient,
    ConfigurationError,
    FirestoreBackend,
    MemoryClient,
    MemoryItem,
    MemoryItemFields,
    OperationError,
    Options,
    ValidationError,
)
from tests.helpers.failures import fails
from tests.helpers.flavours import Driver
from tests.helpers.items import an_item
from tests.helpers.stored import look
from tests.helpers.stores import sends_nothing
from tests.memory.behaviour.embedders import AsyncCounting, Counting, counted

F = MemoryItemFields
TEXTS = {"pets": "cat dog", "cats": "cat cat cat", "wood": "tree tree", "park": "dog tree"}


def embedded(text: str, dimension: int = 768) -> list[float]:
    """What is stored for a text."""
    return [*counted(text), *[0.0] * (dimension - 3)]


@pytest.fixture
def embedder() -> Counting:
    """An embedder that any client can use."""
    return Counting()


@pytest.fixture
def searching(client: AsyncMemoryClient, embedder: Counting) -> AsyncMemoryClient:
    """A client that has it."""
    return client.with_options(embedder=embedder)


@pytest.fixture
async def items(searching: AsyncMemoryClient) -> list[MemoryItem]:
    """Items with texts, and one without."""
    await searching.memory_items.create(an_item(), id="blank")
    return [
        await searching.memory_items.create(an_item(user_id=id[0], text_content=text), id=id)
        for id, text in TEXTS.items()
    ]


# Searching


async def test_the_nearest_texts_are_found(searching: AsyncMemoryClient, items: list[MemoryItem]) -> None:
    results = await searching.memory_items.search("a cat")
    assert [result.value.id for result in results[:2]] == ["cats", "pets"]
    assert len(results) == len(items)
    assert results[0].value == items[1]
    assert [result.distance for result in results] == pytest.approx([0, 1 - math.sqrt(0.5), 1, 1])
    assert [result.similarity for result in results] == pytest.approx([1, math.sqrt(0.5), 0, 0])


@pytest.mark.usefixtures("items")
async def test_all_that_find_nearest_can_do(searching: AsyncMemoryClient) -> None:
    memories = searching.memory_items
    assert [near.value.id for near in await memories.search("tree", F.user_id == "p", limit=1)] == ["park"]
    assert [near.value.id for near in await memories.where(F.user_id == "p").search("tree", limit=1)] == ["park"]
    assert [near.value.id for near in await memories.search("tree", threshold=0.4)] == ["wood", "park"]
    nearest = await memories.search("cat", field=F.embedding, distance="EUCLIDEAN", limit=2)
    assert [(near.value.id, near.distance) for near in nearest] == [("pets", 1), ("park", math.sqrt(3))]


@sends_nothing
@pytest.mark.parametrize("text", ["", "  \n", None, 5, ["cat"]])
async def test_texts_that_cannot_be_searched_by(searching: AsyncMemoryClient, text: Any) -> None:
    with fails(ValidationError, "text", operation="search"):
        await searching.memory_items.search(text)


@sends_nothing
async def test_searches_are_checked_like_those_by_vector(searching: AsyncMemoryClient) -> None:
    arguments: dict[str, Any]
    for arguments in ({"limit": 1_001}, {"threshold": math.nan}, {"distance": "FAR"}, {"field": F.user_id}):
        with fails(ValidationError, operation="search"):
            await searching.memory_items.search("cat", **arguments)
    with fails(ValidationError, "order_by", operation="search"):
        await searching.memory_items.order_by(F.user_id.asc()).search("cat")
    with fails(ValidationError, "zeros", operation="search"):
        await searching.memory_items.search("no word it knows")


@sends_nothing
async def test_a_collection_without_vectors(searching: AsyncMemoryClient) -> None:
    with fails(ValidationError, "field=", "none", operation="search"):
        await searching.memory_records.search("cat")


@sends_nothing
async def test_without_an_embedder(client: AsyncMemoryClient) -> None:
    with fails(ConfigurationError, "embedder=", operation="search"):
        await client.memory_items.search("cat")


async def test_a_field_must_be_named_where_several_are_filled(gadgets_client: Any, gadgets: Any) -> None:
    meaning = gadgets.PhotoFields.meaning
    photos = gadgets_client.with_options(embedder=Counting()).photos(album="summer")
    with pytest.raises(gadgets.ValidationError, match="look, meaning, mood"):
        await photos.search("cat")
    await photos.create(gadgets.Photo(name="a", caption="dog dog", comment="cat"))
    [near] = await photos.search("dog", field=meaning)
    assert (near.value.name, near.distance, near.similarity) == ("a", 2, 2)


# Who has an embedder


async def test_ways_to_give_an_embedder(driver: Driver, client: AsyncMemoryClient, embedder: Counting) -> None:
    await client.memory_items.create(an_item(embedding=embedded("cat")), id="a")
    connected = driver.connect_to(driver.url, embedder=embedder)
    for memories in (
        connected.memory_items,
        client.with_options(embedder=embedder).with_options(timeout=9, retry=False).memory_items,
        client.memory_items.with_options(embedder=embedder),
        client.memory_items.all().with_options(embedder=embedder),
    ):
        assert [near.value.id for near in await memories.search("cat")] == ["a"]
    await connected.close()


async def test_constructors_take_an_embedder(project: str, embedder: Counting) -> None:
    backend = FirestoreBackend.connect(project)
    MemoryClient(backend, embedder=embedder).memory_items.create(an_item(text_content="cat"), id="a")
    [near] = MemoryClient(backend, options=Options(embedder=embedder)).memory_items.search("cat")
    assert near.value.id == "a"
    backend.close()
    async_backend = AsyncFirestoreBackend.connect(project)
    [near] = await AsyncMemoryClient(async_backend, embedder=AsyncCounting()).memory_items.search("cat")
    assert near.value.id == "a"
    await async_backend.close()


async def test_an_asynchronous_embedder(driver: Driver, client: AsyncMemoryClient) -> None:
    searching = client.with_options(embedder=AsyncCounting())
    if driver.flavour == "sync":
        with fails(ConfigurationError, "asynchronous", operation="search"):
            await searching.memory_items.search("cat")
    else:
        await searching.memory_items.create(an_item(text_content="cat"), id="a")
        [near] = await searching.memory_items.search("cat")
        assert (near.value.id, near.distance) == ("a", 0)


async def test_the_loop_goes_on_while_an_embedder_works(project: str) -> None:
    goes_on = threading.Event()

    class Waiting(Counting):
        def embed(self, texts: Any, /) -> list[list[float]]:
            assert goes_on.wait(30), "the loop stands still"
            return super().embed(texts)

    embedder = Waiting()
    async with AsyncMemoryClient.connect(f"firestore://{project}", embedder=embedder) as client:
        search = asyncio.create_task(client.memory_items.search("cat"))
        await asyncio.sleep(0.05)
        assert not search.done()
        goes_on.set()
        assert await search == []
    assert embedder.threads.isdisjoint({threading.get_ident()})


@sends_nothing
def test_what_is_no_embedder(driver: Driver) -> None:
    no_embedder: Any = 3
    with pytest.raises(ConfigurationError, match="dimension must be a positive integer, not None"):
        driver.connect_to(driver.url, embedder=no_embedder)


@sends_nothing
async def test_dimensions(client: AsyncMemoryClient, driver: Driver) -> None:
    with pytest.raises(ConfigurationError, match="769 elements, which do not fit into a field of 768"):
        client.with_options(embedder=Counting(769))
    with pytest.raises(ConfigurationError, match="769"):
        driver.connect_to(driver.url, embedder=Counting(769))
    wrong: Any
    for wrong in (0, -1, True, None, 2.0, "256"):
        with pytest.raises(ConfigurationError, match="positive integer"):
            client.memory_items.with_options(embedder=Counting(wrong))
    with fails(ConfigurationError, "3 elements, but its dimension is 768", operation="search"):
        await client.memory_items.with_options(embedder=Counting(768)).search("cat")


@sends_nothing
async def test_a_field_that_is_searched_but_not_filled(gadgets_client: Any, gadgets: Any) -> None:
    photos = gadgets_client.photos(album="summer").with_options(embedder=Counting())
    with pytest.raises(gadgets.ConfigurationError, match="3 elements, which do not fit into a field of 2"):
        await photos.search("cat", field=gadgets.PhotoFields.look)


class Failing:
    """An embedder that does anything but what it should."""

    dimension = 3

    def __init__(self, result: Any) -> None:
        self._result = result

    def embed(self, texts: Any, /) -> Any:
        if isinstance(self._result, Exception):
            raise self._result
        return self._result


async def test_embedders_that_fail(client: AsyncMemoryClient) -> None:
    cause = RuntimeError("out of memory")
    with fails(OperationError, "out of memory", operation="create") as caught:
        await client.memory_items.with_options(embedder=Failing(cause)).create(an_item(text_content="cat"))
    assert caught.value.__cause__ is cause
    with fails(OperationError, "2 vectors for 1 texts", operation="search"):
        await client.memory_items.with_options(embedder=Failing([[1.0] * 3] * 2)).search("cat")
    for vector in ([1.0, 2.0, math.nan], ["a", "b", "c"], []):
        with fails(ValidationError, "embedder", operation="search"):
            await client.memory_items.with_options(embedder=Failing([vector])).search("cat")
    assert await client.memory_items.all().list() == []


# Writing


async def test_many_texts_are_embedded_at_once(searching: AsyncMemoryClient, embedder: Counting) -> None:
    items = [an_item(id=id, text_content=text) for id, text in TEXTS.items()]
    await searching.memory_items.create_many([*items, an_item(id="blank")])
    await searching.memory_items.set_many([an_item(id="pets", text_content="dog dog")])
    assert embedder.asked == [list(TEXTS.values()), ["dog dog"]]
    stored = await searching.memory_items.get_many(["pets", "cats", "blank"])
    assert [item and item.embedding for item in stored] == [embedded("dog dog"), embedded("cat cat cat"), None]


async def test_create_fills_the_vector(searching: AsyncMemoryClient, embedder: Counting) -> None:
    item = an_item(text_content="cat tree")
    created = await searching.memory_items.create(item)
    assert item.embedding is None
    assert created.embedding == embedded("cat tree")
    assert await searching.memory_items.require(created.id) == created
    assert embedder.asked == [["cat tree"]]


async def test_set_fills_the_vector(searching: AsyncMemoryClient) -> None:
    item = an_item(id="a", text_content="dog")
    await searching.memory_items.set(item)
    assert item.embedding is None
    assert (await searching.memory_items.require("a")).embedding == embedded("dog")
    await searching.memory_items.set("a", an_item(text_content="tree"))
    assert (await searching.memory_items.require("a")).embedding == embedded("tree")


async def test_a_vector_that_is_there_stays(searching: AsyncMemoryClient, embedder: Counting) -> None:
    own = embedded("dog dog")
    created = await searching.memory_items.create(an_item(text_content="cat", embedding=own))
    await searching.memory_items.set(created)
    assert (await searching.memory_items.require(created.id)).embedding == own
    assert embedder.asked == []


async def test_no_text_and_no_embedder(
    searching: AsyncMemoryClient, client: AsyncMemoryClient, embedder: Counting
) -> None:
    for text in (None, ""):
        assert (await searching.memory_items.create(an_item(text_content=text))).embedding is None
    assert (await client.memory_items.create(an_item(text_content="cat"))).embedding is None
    assert embedder.asked == []


async def test_update_refreshes_the_vector(searching: AsyncMemoryClient, embedder: Counting) -> None:
    created = await searching.memory_items.create(an_item(text_content="cat"))
    embedder.asked.clear()
    await searching.memory_items.update(created.id, text_content="dog dog")
    assert (await searching.memory_items.require(created.id)).embedding == embedded("dog dog")
    await searching.memory_items.update(created.id, F.text_content.set("tree"))
    assert (await searching.memory_items.require(created.id)).embedding == embedded("tree")
    assert embedder.asked == [["dog dog"], ["tree"]]


async def test_update_of_something_else(searching: AsyncMemoryClient, embedder: Counting) -> None:
    created = await searching.memory_items.create(an_item(text_content="cat"))
    embedder.asked.clear()
    await searching.memory_items.update(created.id, user_id="bob")
    assert (await searching.memory_items.require(created.id)).embedding == embedded("cat")
    own = embedded("dog")
    await searching.memory_items.update(created.id, text_content="tree", embedding=own)
    assert (await searching.memory_items.require(created.id)).embedding == own
    await searching.memory_items.update(created.id, F.embedding.set(embedded("cat")), text_content="tree")
    assert (await searching.memory_items.require(created.id)).embedding == embedded("cat")
    assert embedder.asked == []


async def test_a_text_that_goes_takes_its_vector_along(searching: AsyncMemoryClient) -> None:
    created = await searching.memory_items.create(an_item(text_content="cat"))
    for changes, patch in (([], {"text_content": None}), ([], {"text_content": ""}), ([F.text_content.delete()], {})):
        await searching.memory_items.update(created.id, text_content="cat")
        assert (await searching.memory_items.require(created.id)).embedding == embedded("cat")
        await searching.memory_items.update(created.id, *changes, **cast("Any", patch))
        assert (await searching.memory_items.require(created.id)).embedding is None
    assert await searching.memory_items.search("cat") == []


async def test_an_update_without_an_embedder_leaves_the_vector(
    searching: AsyncMemoryClient, client: AsyncMemoryClient
) -> None:
    created = await searching.memory_items.create(an_item(text_content="cat"))
    await client.memory_items.update(created.id, text_content="dog")
    assert (await searching.memory_items.require(created.id)).embedding == embedded("cat")


@sends_nothing
async def test_bad_updates_are_refused_as_ever(searching: AsyncMemoryClient) -> None:
    wrong: Any
    for wrong in ({"text_content": 5}, {"text_contnt": "cat"}, {}):
        with fails(ValidationError, operation="update"):
            await searching.memory_items.update("a", **wrong)
    with fails(ValidationError, "a change", operation="update"):
        await searching.memory_items.update("a", cast("Any", "text"), text_content="cat")


async def test_several_vectors_and_no_nulls(gadgets_client: Any, gadgets: Any) -> None:
    embedder = Counting()
    photos = gadgets_client.with_options(embedder=embedder).photos(album="summer")
    created = await photos.create(gadgets.Photo(name="a", caption="cat", comment="dog tree"))
    assert (created.meaning, created.mood, created.look) == ([1, 0, 0, 0], [0, 1, 1], None)
    await photos.update("a", gadgets.PhotoFields.caption.set(None), comment="cat")
    stored = await look(gadgets_client, "albums/summer/photos/a")
    assert stored == {"comment": "cat", "mood": {"__type__": "__vector__", "value": [1, 0, 0]}}
