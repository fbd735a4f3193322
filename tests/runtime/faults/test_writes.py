"""Writes whose answer gets lost: the server has applied them, and the client cannot know."""

from __future__ import annotations

import pytest

from firestore_memory import (
    AlreadyExistsError,
    AsyncMemoryClient,
    AsyncMemoryItemsCollection,
    ConflictError,
    MemoryClient,
    SessionTurn,
    SessionTurnFields,
    StorageConnectionError,
    TurnRole,
)
from firestore_memory import MemoryItemFields as F
from tests.helpers.failures import fails
from tests.helpers.items import an_item
from tests.helpers.proxy import Proxy
from tests.helpers.stored import put


@pytest.fixture
async def items(client: AsyncMemoryClient) -> AsyncMemoryItemsCollection:
    """A collection behind the proxy, to which a connection is open already."""
    assert await client.health()
    return client.memory_items.with_options(timeout=10)


async def test_create_reports_no_false_already_exists(
    items: AsyncMemoryItemsCollection, direct: MemoryClient, proxy: Proxy
) -> None:
    item = an_item(text_content="hi", embedding=[0.5] * 768, metadata={"a": [1, {"b": None}]})
    with proxy.losing_answers(until=lambda: direct.memory_items.all().count() == 1):
        created = await items.create(item)
    assert direct.memory_items.all().list() == [created]
    assert created == item.model_copy(update={"id": created.id})


async def test_create_still_returns_what_the_server_set(
    client: AsyncMemoryClient, direct: MemoryClient, proxy: Proxy
) -> None:
    assert await client.health()
    stored = direct.session_turns(session_id="s")
    with proxy.losing_answers(until=lambda: stored.exists("t")):
        created = await client.session_turns(session_id="s").create(
            SessionTurn(role=TurnRole.USER, content="hi"), id="t"
        )
    assert created.created_at is not None
    assert stored.get("t") == created


async def test_create_still_reports_a_true_already_exists(
    items: AsyncMemoryItemsCollection, direct: MemoryClient, proxy: Proxy
) -> None:
    first = direct.memory_items.create(an_item(text_content="another's"), id="a")
    with proxy.losing_answers(until=lambda: proxy.dropped > 0), fails(AlreadyExistsError, "'a'", operation="create"):
        await items.create(an_item(text_content="ours"), id="a")
    assert direct.memory_items.get("a") == first


async def test_create_says_so_when_nobody_can_know(
    items: AsyncMemoryItemsCollection, direct: MemoryClient, proxy: Proxy
) -> None:
    def somebody_changes_it() -> bool:
        if not direct.memory_items.exists("a"):
            return False
        direct.memory_items.update("a", text_content="changed")
        return True

    with proxy.losing_answers(until=somebody_changes_it), fails(ConflictError, "cannot be known") as caught:
        await items.create(an_item(text_content="ours"), id="a")
    assert not caught.value.retryable
    assert direct.memory_items.require("a").text_content == "changed"


async def test_increments_are_not_sent_twice(client: AsyncMemoryClient, direct: MemoryClient, proxy: Proxy) -> None:
    stored = direct.session_turns(session_id="s")
    stored.create(SessionTurn(role=TurnRole.USER, content="hi", token_count=1), id="t")
    assert await client.health()
    counted = client.session_turns(session_id="s")
    with proxy.losing_answers(until=lambda: stored.require("t").token_count == 2), fails(StorageConnectionError):
        await counted.update("t", SessionTurnFields.token_count.increment(1))
    await counted.update("t", content="still there")
    assert stored.require("t").token_count == 2


async def test_conditional_writes_are_not_sent_twice(
    items: AsyncMemoryItemsCollection, direct: MemoryClient, proxy: Proxy
) -> None:
    """The second attempt would fail by the success of the first, which nobody should take for a conflict."""
    time = direct.memory_items.set(an_item(id="a")).update_time
    applied = lambda: direct.memory_items.require("a").text_content == "new"  # noqa: E731
    with proxy.losing_answers(until=applied), fails(StorageConnectionError, operation="update"):
        await items.with_options(if_updated_at=time).update("a", text_content="new")


async def test_set_is_sent_again(items: AsyncMemoryItemsCollection, direct: MemoryClient, proxy: Proxy) -> None:
    with proxy.losing_answers(until=lambda: direct.memory_items.exists("a")):
        written = await items.set(an_item(id="a", text_content="new"))
    snapshot = direct.memory_items.get_snapshot("a")
    assert snapshot is not None
    assert snapshot.value.text_content == "new"
    assert snapshot.update_time <= written.update_time


async def test_update_is_sent_again(items: AsyncMemoryItemsCollection, direct: MemoryClient, proxy: Proxy) -> None:
    direct.memory_items.create(an_item(metadata={"n": 1}), id="a")
    with proxy.losing_answers(until=lambda: direct.memory_items.require("a").text_content == "new"):
        await items.update("a", F.metadata["n"].maximum(7), F.expiration.server_timestamp(), text_content="new")
    assert direct.memory_items.require("a").metadata == {"n": 7}


async def test_delete_is_sent_again(items: AsyncMemoryItemsCollection, direct: MemoryClient, proxy: Proxy) -> None:
    direct.memory_items.create(an_item(), id="a")
    with proxy.losing_answers(until=lambda: not direct.memory_items.exists("a")):
        await items.delete("a")
    assert not direct.memory_items.exists("a")


async def test_without_retry_nothing_is_sent_again(
    items: AsyncMemoryItemsCollection, direct: MemoryClient, proxy: Proxy
) -> None:
    once = items.with_options(retry=False)
    with (
        proxy.losing_answers(until=lambda: direct.memory_items.exists("a")),
        fails(StorageConnectionError, operation="create"),
    ):
        await once.create(an_item(), id="a")
    assert direct.memory_items.exists("a")


async def test_what_was_lost_on_the_way_there_is_sent_again(
    client: AsyncMemoryClient, items: AsyncMemoryItemsCollection, direct: MemoryClient, proxy: Proxy
) -> None:
    await put(client, "memories/b", user_id="ada", item_type="fact")
    proxy.reset()
    created = await items.create(an_item())
    assert direct.memory_items.get(created.id) == created
