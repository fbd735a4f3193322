"""Opening, sharing and closing connections."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient, Client

from firestore_memory import AsyncMemoryClient, MemoryClient, StorageConnectionError
from tests.helpers.failures import fails
from tests.helpers.flavours import Driver
from tests.helpers.items import an_item
from tests.helpers.stores import only_firestore


async def test_a_client_is_a_context(driver: Driver) -> None:
    async with driver.connect() as client:
        created = await client.memory_items.create(an_item())
    with fails(StorageConnectionError, "closed", operation="get"):
        await client.memory_items.get(created.id)


async def test_closing_twice(driver: Driver) -> None:
    client = driver.connect()
    await client.memory_items.all().count()
    await client.close()
    await client.close()


async def test_closing_before_the_first_call(driver: Driver) -> None:
    client = driver.connect()
    await client.close()
    with fails(StorageConnectionError, "closed"):
        await client.memory_items.get("a")


async def test_every_operation_after_closing(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(), id="a")
    await client.close()
    items = client.memory_items
    for operation, call in {
        "get": lambda: items.get("a"),
        "require": lambda: items.require("a"),
        "exists": lambda: items.exists("a"),
        "get_snapshot": lambda: items.get_snapshot("a"),
        "get_many": lambda: items.get_many(["a"]),
        "create": lambda: items.create(an_item()),
        "set": lambda: items.set("a", an_item()),
        "update": lambda: items.update("a", text_content="hi"),
        "delete": lambda: items.delete("a"),
        "list": lambda: items.all().list(),
        "first": lambda: items.all().first(),
        "count": lambda: items.all().count(),
    }.items():
        with fails(StorageConnectionError, "closed", operation=operation) as caught:
            await call()  # type: ignore[no-untyped-call]  # each of another type
        assert isinstance(caught.value, ConnectionError)
    with fails(StorageConnectionError, "closed", operation="stream"):
        [item async for item in items.all()]
    health = await client.health()
    assert not health
    assert isinstance(health.error, StorageConnectionError)


async def test_other_options_share_the_connection(client: AsyncMemoryClient) -> None:
    hasty = client.with_options(timeout=5)
    await hasty.close()
    assert await client.memory_items.all().count() == 0
    await client.close()
    with fails(StorageConnectionError):
        await hasty.memory_items.get("a")


async def test_a_client_leaves_a_backend_that_it_was_given_open(driver: Driver, client: AsyncMemoryClient) -> None:
    second = driver.client_on(client.backend)
    created = await second.memory_items.create(an_item())
    await second.close()
    assert await client.memory_items.exists(created.id)
    await client.backend.close()
    with fails(StorageConnectionError, "closed"):
        await client.memory_items.exists(created.id)


# Clients of Google's


@pytest.fixture
async def google_client(driver: Driver, project: str) -> AsyncIterator[Any]:
    """A client of Google's, of the tested flavour."""
    client: Any = Client(project=project) if driver.flavour == "sync" else AsyncClient(project=project)
    yield client
    closing = client._firestore_api.transport.close()
    if driver.flavour == "async":
        await closing


async def text_of(google_client: Any, path: str) -> str:
    """Read a document with Google's client."""
    snapshot = google_client.document(path).get()
    found = snapshot if isinstance(google_client, Client) else await snapshot
    return str(found.get("text_content"))


@only_firestore
async def test_sharing_a_client_of_googles(driver: Driver, google_client: Any) -> None:
    client = driver.client_on(driver.backend_from(google_client))
    assert client.backend.database == f"projects/{google_client.project}/databases/(default)"
    created = await client.memory_items.create(an_item(text_content="shared"))
    assert await client.memory_items.get(created.id) == created
    assert [item async for item in client.memory_items.all()] == [created]
    assert await text_of(google_client, f"memories/{created.id}") == "shared"


@only_firestore
async def test_the_shared_channel_stays_open(driver: Driver, google_client: Any) -> None:
    backend = driver.backend_from(google_client)
    client = driver.client_on(backend)
    created = await client.memory_items.create(an_item(text_content="shared"))
    await client.close()
    assert await client.memory_items.exists(created.id)
    await backend.close()
    await backend.close()
    with fails(StorageConnectionError, "closed"):
        await client.memory_items.exists(created.id)
    assert await text_of(google_client, f"memories/{created.id}") == "shared"


@only_firestore
async def test_a_shared_channel_that_its_owner_closes(driver: Driver, google_client: Any) -> None:
    client = driver.client_on(driver.backend_from(google_client))
    await client.memory_items.create(an_item(), id="a")
    closing = google_client._firestore_api.transport.close()
    if driver.flavour == "async":
        await closing
    with fails(StorageConnectionError, operation="get"):
        await client.memory_items.get("a")
    with fails(StorageConnectionError, operation="update"):
        await client.memory_items.update("a", text_content="hi")
    with fails(StorageConnectionError, operation="list"):
        await client.memory_items.all().list()


# Closing while calls are in flight


async def test_closing_ends_calls_in_flight_of_an_async_client(project: str) -> None:
    """Their tasks go on with an error of ours; that they were cancelled would be a lie."""
    client = AsyncMemoryClient.connect(f"firestore://{project}")
    items = client.memory_items
    await asyncio.gather(*(items.create(an_item(text_content="x" * 10_000)) for _ in range(50)))

    async def get_until_it_fails() -> None:
        while True:
            await items.get("a")

    async def list_until_it_fails() -> None:
        while True:
            await items.all().list()

    tasks = [asyncio.create_task(call()) for call in (get_until_it_fails, list_until_it_fails) for _ in range(5)]
    await asyncio.sleep(0.05)
    await client.close()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(result, StorageConnectionError)


def test_closing_ends_calls_in_flight_of_a_sync_client(project: str) -> None:
    client = MemoryClient.connect(f"firestore://{project}")
    items = client.memory_items
    for _ in range(50):
        items.create(an_item(text_content="x" * 10_000))

    def repeat(call: Callable[[], object]) -> None:
        while True:
            call()

    with ThreadPoolExecutor(8) as pool:
        calls: list[Callable[[], object]] = [lambda: items.get("a"), lambda: items.all().list()]
        running = [pool.submit(repeat, call) for call in calls for _ in range(4)]
        time.sleep(0.05)
        client.close()
        for future in running:
            assert isinstance(future.exception(), StorageConnectionError)


# Event loops and threads


def test_an_async_client_in_two_event_loops(project: str) -> None:
    client = AsyncMemoryClient.connect(f"firestore://{project}")

    async def create(text: str) -> list[str | None]:
        await client.memory_items.create(an_item(text_content=text), id=text)
        return [item.text_content async for item in client.memory_items.all()]

    assert asyncio.run(create("first")) == ["first"]
    assert asyncio.run(create("second")) == ["first", "second"]

    async def close() -> None:
        await client.memory_items.all().count()
        await client.close()

    asyncio.run(close())
    with pytest.raises(StorageConnectionError):
        asyncio.run(create("third"))


def test_an_async_client_is_made_outside_of_any_event_loop(project: str) -> None:
    async def count() -> int:
        async with client:
            return await client.memory_items.all().count()

    client = AsyncMemoryClient.connect(f"firestore://{project}")
    assert asyncio.run(count()) == 0


async def test_a_sync_client_inside_of_an_event_loop(project: str) -> None:
    with MemoryClient.connect(f"firestore://{project}") as client:
        created = await asyncio.to_thread(client.memory_items.create, an_item())
        assert client.memory_items.get(created.id) == created
