"""Writes that only happen if nobody has changed the document meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone

import pytest

from firestore_memory import AsyncMemoryClient, AsyncMemoryItemsCollection, ConflictError, ValidationError
from tests.helpers.failures import fails
from tests.helpers.items import an_item
from tests.helpers.stores import sends_nothing

Writer = Callable[[AsyncMemoryItemsCollection], Awaitable[object]]

WRITES: dict[str, Writer] = {
    "set": lambda items: items.set(an_item(id="a", text_content="new")),
    "update": lambda items: items.update("a", text_content="new"),
    "delete": lambda items: items.delete("a"),
}
each_write = pytest.mark.parametrize(("operation", "write"), WRITES.items(), ids=WRITES)


async def stored(client: AsyncMemoryClient) -> datetime:
    """Store a document, and return the time of its last change."""
    await client.memory_items.create(an_item(text_content="old"), id="a")
    snapshot = await client.memory_items.get_snapshot("a")
    assert snapshot is not None
    return snapshot.update_time


@each_write
async def test_an_unchanged_document_is_written(client: AsyncMemoryClient, operation: str, write: Writer) -> None:
    update_time = await stored(client)
    await write(client.memory_items.with_options(if_updated_at=update_time))
    found = await client.memory_items.get("a")
    assert (found and found.text_content) == (None if operation == "delete" else "new")


@each_write
async def test_a_changed_document_is_left(client: AsyncMemoryClient, operation: str, write: Writer) -> None:
    update_time = await stored(client)
    await client.memory_items.update("a", text_content="changed meanwhile")
    with fails(ConflictError, "'a'", operation=operation) as caught:
        await write(client.memory_items.with_options(if_updated_at=update_time))
    assert caught.value.document_id == "a"
    assert (await client.memory_items.require("a")).text_content == "changed meanwhile"


@each_write
async def test_a_deleted_document_stays_deleted(client: AsyncMemoryClient, operation: str, write: Writer) -> None:
    update_time = await stored(client)
    await client.memory_items.delete("a")
    with fails(ConflictError, operation=operation):
        await write(client.memory_items.with_options(if_updated_at=update_time))
    assert not await client.memory_items.exists("a")


async def test_the_time_of_a_write_is_the_next_condition(client: AsyncMemoryClient) -> None:
    first = await client.memory_items.set(an_item(id="a"))
    unchanged = client.memory_items.with_options(if_updated_at=first.update_time)
    second = await unchanged.update("a", text_content="1")
    await client.memory_items.with_options(if_updated_at=second.update_time).set(an_item(id="a", text_content="2"))
    assert (await client.memory_items.require("a")).text_content == "2"


async def test_the_condition_may_have_any_time_zone(client: AsyncMemoryClient) -> None:
    update_time = await stored(client)
    elsewhere = update_time.astimezone(timezone(timedelta(hours=5, minutes=30)))
    await client.memory_items.with_options(if_updated_at=elsewhere).update("a", text_content="new")


async def test_the_condition_of_a_whole_client(client: AsyncMemoryClient) -> None:
    update_time = await stored(client)
    conditional = client.with_options(if_updated_at=update_time)
    await conditional.memory_items.update("a", text_content="new")
    with fails(ConflictError):
        await conditional.memory_items.update("a", text_content="newer")


@sends_nothing
async def test_a_condition_that_is_no_time(client: AsyncMemoryClient) -> None:
    for write in WRITES.values():
        with fails(ValidationError, "if_updated_at"):
            await write(client.memory_items.with_options(if_updated_at="yesterday"))  # type: ignore[arg-type]  # wrong on purpose
