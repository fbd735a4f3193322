"""A conversation, asynchronously, in a store that lives as long as the client.

Run it: `python examples/async_quickstart.py`.
"""

from __future__ import annotations

import asyncio

from firestore_memory import AsyncMemoryClient, MemoryItem
from firestore_memory import MemoryItemFields as F

LINES = ["Which city is this song about?", "Lisbon. It is sung in every street there."]


async def main() -> None:
    async with AsyncMemoryClient.connect("memory:") as client:
        await talk(client)


async def talk(client: AsyncMemoryClient) -> None:
    items = [MemoryItem(user_id="ada", item_type="conversation", text_content=line) for line in LINES]
    created = await asyncio.gather(*(client.memory_items.create(item) for item in items))  # at the same time

    print("The conversation, newest first, by the declared query `conversation_history`:")
    async for turn in client.memory_items.conversation_history(user_id="ada"):
        print(f"  {turn.timestamp:%H:%M:%S.%f}  {turn.text_content}")

    await client.memory_items.update(created[0].id, text_content="Which city is it about?")
    updated = await client.memory_items.require(created[0].id)
    print(f"\nThe first line, updated: {updated.text_content}")
    print(f"\nAda has {await client.memory_items.where(F.user_id == 'ada').count()} memories.")


if __name__ == "__main__":
    asyncio.run(main())
