"""What runs in a transaction, and what it results in."""

from datetime import datetime

from firestore_memory import AsyncMemoryClient, MemoryClient, MemoryItem


def rename(tx: MemoryClient) -> str:
    tx.memory_items.update("a", text_contnt="x")  # E: call-arg
    return "a"


async def rename_async(tx: AsyncMemoryClient) -> str:
    tx.memory_items.update("a", text_content="x")  # E: unused-coroutine
    return "a"


def nothing() -> None: ...


def memory(client: MemoryClient, item: MemoryItem) -> None:
    name: str = client.run_transaction(rename)
    number: int = client.run_transaction(rename)  # E: assignment
    client.run_transaction(nothing)  # E: arg-type
    client.run_transaction(rename, True)  # E: call-arg
    client.run_transaction(rename, max_attempts="5")  # E: arg-type
    client.run_transaction(rename_async)  # E: arg-type unused-coroutine
    client.run_transaction(lambda tx: tx.memory_itmes.get(name))  # E: attr-defined
    time: datetime = client.memory_items.set(item)  # E: assignment
    time = client.memory_items.set(item).update_time
    client.memory_items.with_options(if_updated_at=client.memory_items.set(item))  # E: arg-type
    print(number, time)


async def asynchronous(client: AsyncMemoryClient) -> None:
    name: str = await client.run_transaction(rename_async)
    client.run_transaction(rename_async)  # E: unused-coroutine
    await client.run_transaction(rename)  # E: arg-type
    print(name)
