"""Null, absent and unknown fields, and documents that do not fit their model."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, CorruptDocumentError, MemoryItem
from tests.helpers.failures import fails
from tests.helpers.items import an_item
from tests.helpers.stored import look, put

# Null


async def test_none_is_stored_as_null(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(), id="a")
    stored = await look(client, "memories/a")
    assert stored is not None
    nulls = {key for key, value in stored.items() if value is None}
    assert nulls == {"session_id", "persona_active", "text_content", "embedding", "expiration"}


async def test_none_in_any_value(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(metadata={"a": None, "b": [None, {"c": None}]}), id="a")
    assert (await client.memory_items.require("a")).metadata == {"a": None, "b": [None, {"c": None}]}


async def test_none_can_be_left_out(gadgets_client: Any, gadgets: Any) -> None:
    gadget = gadgets.Gadget(label="lamp", maker=gadgets.Maker(name="Ada"))
    created = await gadgets_client.sparse_gadgets.create(gadget)
    stored = await look(gadgets_client, f"sparse_gadgets/{created.code}")
    assert stored is not None
    assert stored["maker"] == {"name": "Ada"}
    assert set(stored) == {"code", "label", "tags", "stock", "scores", "maker", "made at", "changed_at"}
    assert await gadgets_client.sparse_gadgets.get(created.code) == created


async def test_none_removes_the_field_where_it_is_left_out(gadgets_client: Any, gadgets: Any) -> None:
    created = await gadgets_client.sparse_gadgets.create(gadgets.Gadget(label="lamp", note="a", price=1.5))
    await gadgets_client.sparse_gadgets.update(created.code, gadgets.GadgetFields.price.set(None), note=None)
    stored = await look(gadgets_client, f"sparse_gadgets/{created.code}")
    assert stored is not None
    assert not {"note", "price"} & set(stored)


# Absent


async def test_an_absent_field_takes_its_default(client: AsyncMemoryClient) -> None:
    await put(client, "memories/a", user_id="ada", item_type="fact")
    before = datetime.now(UTC)
    item = await client.memory_items.require("a")
    assert item == an_item(id="a", item_type="fact", timestamp=item.timestamp)
    assert before <= item.timestamp <= datetime.now(UTC)


async def test_an_absent_required_field(client: AsyncMemoryClient) -> None:
    await put(client, "memories/a", text_content="hi")
    with fails(CorruptDocumentError, "memories/a", "user_id", "item_type", operation="get") as caught:
        await client.memory_items.get("a")
    error = caught.value
    assert error.path == "memories/a"
    assert set(error.fields) == {"user_id", "item_type"}
    assert (error.document_id, error.retryable) == ("a", False)
    assert isinstance(error, ValueError)


# Unknown


async def test_unknown_fields_are_ignored_kept_and_replaced(client: AsyncMemoryClient) -> None:
    await put(client, "memories/a", user_id="ada", item_type="fact", mood="fine", __v1=[{"deep": 1}])
    item = await client.memory_items.require("a")
    assert not hasattr(item, "mood")
    await client.memory_items.update("a", text_content="hi")
    stored = await look(client, "memories/a")
    assert stored is not None
    assert (stored["mood"], stored["__v1"], stored["text_content"]) == ("fine", [{"deep": 1}], "hi")
    await client.memory_items.set(item)
    stored = await look(client, "memories/a")
    assert stored is not None
    assert not {"mood", "__v1"} & set(stored)


# Corrupt

BAD_DOCUMENTS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "a number for a string": ({"user_id": 5, "item_type": "fact"}, {"user_id"}),
    "null for a string": ({"user_id": None, "item_type": "fact"}, {"user_id"}),
    "a string for a time": ({"user_id": "ada", "item_type": "fact", "timestamp": "soon"}, {"timestamp"}),
    "a list for a map": ({"user_id": "ada", "item_type": "fact", "metadata": [1]}, {"metadata"}),
    "a string in a vector": ({"user_id": "ada", "item_type": "fact", "embedding": [0.5, "x"]}, {"embedding.1"}),
    "two at once": ({"user_id": 5, "item_type": "fact", "text_content": 7}, {"user_id", "text_content"}),
}


@pytest.mark.parametrize(("fields", "wrong"), BAD_DOCUMENTS.values(), ids=BAD_DOCUMENTS)
async def test_corrupt_documents(client: AsyncMemoryClient, fields: dict[str, Any], wrong: set[str]) -> None:
    await put(client, "memories/a", **fields)
    items = client.memory_items
    for operation, call in {"get": items.get, "require": items.require, "get_snapshot": items.get_snapshot}.items():
        with fails(CorruptDocumentError, "memories/a", *wrong, operation=operation) as caught:
            await call("a")
        assert set(caught.value.fields) == wrong
    assert await items.exists("a")


async def test_a_corrupt_document_of_a_subcollection(client: AsyncMemoryClient) -> None:
    await put(client, "sessions/s/turns/t", role="robot", content="beep")
    with fails(CorruptDocumentError, "sessions/s/turns/t", "role") as caught:
        await client.session_turns(session_id="s").get("t")
    assert caught.value.path == "sessions/s/turns/t"


async def two_good_ones_around_a_bad_one(client: AsyncMemoryClient) -> list[MemoryItem]:
    await put(client, "memories/b", user_id=5)
    return [await client.memory_items.create(an_item(), id=name) for name in ("a", "c")]


async def test_a_corrupt_document_does_not_hide_the_others(client: AsyncMemoryClient) -> None:
    good = await two_good_ones_around_a_bad_one(client)
    items, reported = client.memory_items, list[CorruptDocumentError]()
    assert await items.all(on_corrupt="skip").list() == good
    assert await items.all().list(on_corrupt="skip") == good
    assert [item async for item in items.all(on_corrupt="skip")] == good
    assert [item async for item in items.all().stream(on_corrupt=reported.append)] == good
    assert await items.all(on_corrupt=reported.append).list() == good
    assert [error.path for error in reported] == ["memories/b"] * 2
    assert [error.operation for error in reported] == ["stream", "list"]


async def test_a_corrupt_document_is_reported_by_default(client: AsyncMemoryClient) -> None:
    good = await two_good_ones_around_a_bad_one(client)
    seen = []
    with fails(CorruptDocumentError, "memories/b", operation="stream"):
        async for item in client.memory_items.all():
            seen.append(item)  # what came before the error counts
    assert seen == good[:1]
    with fails(CorruptDocumentError, "memories/b", operation="list"):
        await client.memory_items.all(on_corrupt="skip").list(on_corrupt="raise")


async def test_what_a_callback_raises_comes_out(client: AsyncMemoryClient) -> None:
    await two_good_ones_around_a_bad_one(client)

    def refuse(error: CorruptDocumentError) -> None:
        raise KeyError(error.path)

    with pytest.raises(KeyError, match="memories/b"):
        await client.memory_items.all(on_corrupt=refuse).list()


async def test_first_goes_on_to_one_that_fits(client: AsyncMemoryClient) -> None:
    await put(client, "memories/0", user_id=5)
    good = await two_good_ones_around_a_bad_one(client)
    assert await client.memory_items.all(on_corrupt="skip").first() == good[0]
    with fails(CorruptDocumentError, "memories/0", operation="first"):
        await client.memory_items.all().first()


async def test_counting_does_not_read(client: AsyncMemoryClient) -> None:
    await two_good_ones_around_a_bad_one(client)
    assert await client.memory_items.all().count() == 3
