"""Reading many documents by their ids."""

from __future__ import annotations

from firestore_memory import AsyncMemoryClient, CorruptDocumentError, ValidationError
from tests.helpers.failures import fails
from tests.helpers.items import an_item
from tests.helpers.stored import put, put_all
from tests.helpers.stores import sends_nothing


async def test_keeps_the_order_and_the_duplicates(client: AsyncMemoryClient) -> None:
    one, two = [await client.memory_items.create(an_item(text_content=text)) for text in ("one", "two")]
    ids = [two.id, "nobody", one.id, two.id, "nobody"]
    assert await client.memory_items.get_many(ids) == [two, None, one, two, None]


@sends_nothing
async def test_of_nothing(client: AsyncMemoryClient) -> None:
    assert await client.memory_items.get_many([]) == []


async def test_a_thousand(client: AsyncMemoryClient) -> None:
    ids = [f"{number:04}" for number in range(1_000)]
    await put_all(client, {f"memories/{name}": {"user_id": "ada", "item_type": "fact"} for name in ids[::2]})
    found = await client.memory_items.get_many(ids[::-1])
    assert [item and item.id for item in found] == [name if name in ids[::2] else None for name in ids[::-1]]


async def test_corrupt_documents(client: AsyncMemoryClient) -> None:
    good = await client.memory_items.create(an_item())
    await put(client, "memories/bad", user_id=5)
    ids = ["bad", good.id, "nobody"]
    with fails(CorruptDocumentError, "memories/bad", operation="get_many") as caught:
        await client.memory_items.get_many(ids)
    assert caught.value.path == "memories/bad"
    assert await client.memory_items.get_many(ids, on_corrupt="skip") == [None, good, None]
    reported: list[CorruptDocumentError] = []
    assert await client.memory_items.get_many(ids, on_corrupt=reported.append) == [None, good, None]
    assert [error.path for error in reported] == ["memories/bad"]


@sends_nothing
async def test_not_a_list(client: AsyncMemoryClient) -> None:
    with fails(ValidationError, "str", operation="get_many"):
        await client.memory_items.get_many("abc")
    with fails(ValidationError, "int", operation="get_many"):
        await client.memory_items.get_many(["a", 5])  # type: ignore[list-item]  # wrong on purpose
