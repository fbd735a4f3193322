"""Streams that break, stall or are slow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Timer

import pytest

from firestore_memory import (
    AsyncMemoryClient,
    AsyncMemoryItemsCollection,
    AsyncQuery,
    MemoryItem,
    Retry,
    StorageConnectionError,
    StorageTimeoutError,
)
from firestore_memory import MemoryItemFields as F
from tests.helpers.failures import fails
from tests.helpers.items import an_item
from tests.helpers.proxy import Proxy
from tests.helpers.stored import put_all
from tests.runtime.faults.limits import within

DOCUMENTS = 200
NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)

Read = Callable[[AsyncMemoryItemsCollection], AsyncQuery[MemoryItem]]


@pytest.fixture
async def stored(client: AsyncMemoryClient) -> list[MemoryItem]:
    """Documents of a kilobyte each, of which every four have the same values."""
    items = [
        an_item(
            id=f"{number:03}",
            timestamp=NOON + timedelta(minutes=number // 4),
            session_id=None if number % 8 == 0 else f"s{number % 8}",
            text_content="x" * 1_000,
            metadata={"odd.key `x`": (number * 7) % 50},
        )
        for number in range(DOCUMENTS)
    ]
    await put_all(client, {f"memories/{item.id}": item.model_dump() for item in items})
    return items


QUERIES: dict[str, Read] = {
    "all": lambda items: items.all(),
    "ascending": lambda items: items.order_by(F.timestamp.asc()),
    "descending": lambda items: items.order_by(F.timestamp.desc()),
    "two orders": lambda items: items.order_by(F.session_id.desc(), F.timestamp.asc()),
    "by a key of a map": lambda items: items.order_by(F.metadata["odd.key `x`"].desc()),
    "a range": lambda items: items.where(F.timestamp >= NOON + timedelta(minutes=3)),
    "a range of odd keys": lambda items: items.where(F.metadata["odd.key `x`"] > 3),
    "a range and an order": lambda items: items.where(F.timestamp > NOON).order_by(F.timestamp.desc()),
    "unequal": lambda items: items.where(F.session_id != "s3"),
    "not null": lambda items: items.where(F.session_id != None),  # noqa: E711
    "two ranges": lambda items: items.where(F.timestamp > NOON, F.session_id > "s1"),
    "two ranges and an order": lambda items: items.where(F.timestamp > NOON, F.session_id > "s1").order_by(
        F.session_id.desc()
    ),
    "or": lambda items: items.where((F.session_id == "s1") | (F.timestamp > NOON + timedelta(minutes=9))),
    "ids": lambda items: items.where(F.document_id > "010"),
    "a limit": lambda items: items.order_by(F.timestamp.asc()).limit(150),
    "a limit and a range": lambda items: items.where(F.session_id > "s1").limit(100),
}


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
async def test_a_broken_stream_goes_on(client: AsyncMemoryClient, proxy: Proxy, query: Read) -> None:
    expected = await query(client.memory_items).list()
    proxy.reset_after(40_000, 1_000, 30_000)
    impatient = client.memory_items.with_options(retry=Retry(initial=0.01))
    found = [item.id async for item in query(impatient)]
    assert found == [item.id for item in expected]
    assert proxy.resets == 3


async def test_get_many_goes_on(client: AsyncMemoryClient, proxy: Proxy, stored: list[MemoryItem]) -> None:
    proxy.reset_after(40_000, 1_000, 30_000)
    assert await client.memory_items.get_many([item.id for item in stored]) == stored
    assert proxy.resets == 3


async def test_count_starts_again(client: AsyncMemoryClient, proxy: Proxy, stored: list[MemoryItem]) -> None:
    proxy.reset_after(1)
    assert await client.memory_items.all().count() == len(stored)
    assert proxy.resets == 1


async def test_the_nearest_are_asked_for_again(client: AsyncMemoryClient, proxy: Proxy) -> None:
    vectors = [[float(number), 1.0, *[0.0] * 766] for number in range(40)]
    items = [an_item(id=f"{at:03}", embedding=vector) for at, vector in enumerate(vectors)]
    await client.memory_items.set_many(items)
    proxy.reset_after(60_000, 100_000)
    results = await client.memory_items.find_nearest(F.embedding, vectors[0], limit=30, distance="EUCLIDEAN")
    assert [(near.value.id, near.distance) for near in results] == [(f"{at:03}", at) for at in range(30)]
    assert proxy.resets == 2


async def test_a_sum_starts_again(client: AsyncMemoryClient, proxy: Proxy, stored: list[MemoryItem]) -> None:
    await client.memory_items.get("000")
    proxy.reset_after(1)
    numbers = [item.metadata["odd.key `x`"] for item in stored]
    assert await client.memory_items.all().sum(F.metadata["odd.key `x`"]) == sum(numbers)
    proxy.reset_after(1)
    assert await client.memory_items.all().average(F.metadata["odd.key `x`"]) == sum(numbers) / len(numbers)
    assert proxy.resets == 2


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
@pytest.mark.usefixtures("stored")
async def test_pages_go_on(client: AsyncMemoryClient, proxy: Proxy, query: Read) -> None:
    expected = await query(client.memory_items).list()
    proxy.reset_after(40_000, 1_000, 30_000)
    pages = [page async for page in query(client.memory_items).pages(60)]
    assert [item.id for page in pages for item in page.items] == [item.id for item in expected]
    assert proxy.resets == 3


@pytest.mark.usefixtures("stored")
async def test_the_last_documents_arrive_in_their_order(client: AsyncMemoryClient, proxy: Proxy) -> None:
    query = client.memory_items.order_by(F.timestamp.asc()).limit_to_last(150)
    proxy.reset_after(40_000, 1_000, 30_000)
    assert [item.id async for item in query] == [f"{number:03}" for number in range(50, 200)]
    assert proxy.resets == 3


async def test_a_consumer_slower_than_the_time_limit(
    client: AsyncMemoryClient, proxy: Proxy, stored: list[MemoryItem]
) -> None:
    """The limit is on waiting for the store: what the consumer spends on a document leaves as much for the next."""
    impatient = client.memory_items.with_options(timeout=0.5, retry=Retry(initial=0.01))
    proxy.reset_after(40_000)
    found: list[MemoryItem] = []
    async for item in impatient.all():
        if not found:
            await asyncio.sleep(0.6)
        found.append(item)
    assert found == stored
    assert proxy.resets == 1


async def test_an_end_that_got_lost(client: AsyncMemoryClient, proxy: Proxy, stored: list[MemoryItem]) -> None:
    """All documents of the limit have arrived, so that there is nothing left to ask for."""
    seen = []
    async for item in client.memory_items.all().limit(3):
        seen.append(item.id)
        if len(seen) == 3:
            proxy.refuse()
    assert seen == [item.id for item in stored[:3]]


@pytest.mark.usefixtures("stored")
async def test_a_broken_stream_without_retry(client: AsyncMemoryClient, proxy: Proxy) -> None:
    proxy.reset_after(40_000)
    with fails(StorageConnectionError, operation="list"):
        await client.memory_items.all().with_options(retry=False).list()
    assert await client.memory_items.all().count() == DOCUMENTS


@pytest.mark.usefixtures("stored")
async def test_a_stream_that_breaks_for_good(client: AsyncMemoryClient, proxy: Proxy) -> None:
    proxy.slow_down(0.01)
    seen = 0
    with within(2), fails(StorageConnectionError, operation="stream"):
        async for _ in client.memory_items.all().with_options(timeout=0.5):
            seen += 1
            if seen == 1:
                proxy.refuse()
    assert 0 < seen < DOCUMENTS


@pytest.mark.usefixtures("stored")
async def test_a_stream_that_stalls(client: AsyncMemoryClient, proxy: Proxy) -> None:
    proxy.slow_down(0.01)
    seen = 0
    with within(2), fails(StorageTimeoutError, "0.3 s", operation="stream"):
        async for _ in client.memory_items.all().with_options(timeout=0.6, attempt_timeout=0.3):
            seen += 1
            if seen == 1:
                proxy.stall()
    assert 0 < seen < DOCUMENTS


@pytest.mark.usefixtures("stored")
async def test_a_stream_that_stalls_for_a_while(client: AsyncMemoryClient, proxy: Proxy) -> None:
    proxy.slow_down(0.01)
    seen = []
    async for item in client.memory_items.all().with_options(timeout=10, attempt_timeout=0.3):
        seen.append(item.id)
        if len(seen) == 1:
            proxy.stall()
            proxy.slow_down(0)
            Timer(0.5, proxy.resume).start()
    assert seen == [f"{number:03}" for number in range(DOCUMENTS)]


@pytest.mark.usefixtures("stored")
async def test_a_slow_consumer_is_not_cut_off(client: AsyncMemoryClient, proxy: Proxy) -> None:
    """The limits are for the waits on the server, not for what the caller does with a document."""
    seen = 0
    async for _ in client.memory_items.all().with_options(timeout=0.2, attempt_timeout=0.2, retry=False):
        seen += 1
        if seen % 50 == 1:
            await asyncio.sleep(0.4)
    assert seen == DOCUMENTS


@pytest.mark.usefixtures("stored")
async def test_a_slow_server_is_not_given_up(client: AsyncMemoryClient, proxy: Proxy) -> None:
    """All together takes longer than the limits, but no wait for a document does."""
    proxy.slow_down(0.02)
    started = asyncio.get_running_loop().time()
    assert (
        len(await client.memory_items.all().with_options(timeout=0.5, attempt_timeout=0.5, retry=False).list()) == 200
    )
    assert asyncio.get_running_loop().time() - started > 0.5
