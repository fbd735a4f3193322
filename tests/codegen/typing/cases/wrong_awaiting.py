"""`await`, `async for` and `async with`: where they belong and where they do not."""

from firestore_memory import AsyncMemoryClient, MemoryClient, MemoryItem
from firestore_memory import MemoryItemFields as F


async def asynchronous(client: AsyncMemoryClient, item: MemoryItem) -> None:
    items = client.memory_items
    await items.set(item)
    items.set(item)  # E: unused-coroutine
    items.update("a", text_content="x")  # E: unused-coroutine
    items.get("a").text_content  # E: attr-defined
    found: MemoryItem | None = items.get("a")  # E: assignment
    for one in items.all():  # E: attr-defined
        print(one)
    async for one in items.all():
        print(one.id)
    async for one in items.all().list():  # E: attr-defined
        print(one)
    await items.all()  # E: misc
    await items.where(F.user_id == "ada").list()
    listed: list[MemoryItem] = items.where(F.user_id == "ada").list()  # E: assignment
    number: int = items.all().count()  # E: assignment
    await client.close()
    client.close()  # E: unused-coroutine
    with AsyncMemoryClient.connect() as other:  # E: attr-defined
        print(other)
    await AsyncMemoryClient.connect()  # E: misc


async def synchronous(client: MemoryClient, item: MemoryItem) -> None:
    await client.memory_items.set(item)  # E: misc
    async for one in client.memory_items.all():  # E: attr-defined
        print(one)
    async with MemoryClient.connect() as other:  # E: attr-defined
        print(other)


def mixed(client: MemoryClient, asynchronous_client: AsyncMemoryClient) -> None:
    MemoryClient(asynchronous_client.backend)  # E: arg-type
    AsyncMemoryClient(client.backend)  # E: arg-type
