"""Streams of many documents."""

from __future__ import annotations

import tracemalloc

import pytest

from firestore_memory import AsyncMemoryClient
from tests.helpers.items import an_item


@pytest.mark.slow
async def test_memory_stays_flat(client: AsyncMemoryClient) -> None:
    async def peak() -> int:
        tracemalloc.start()
        found = 0
        async for _ in client.memory_items.all():
            found += 1
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert found == stored
        return highest

    stored = 2_500
    await client.memory_items.set_many([an_item(id=f"{number:06}") for number in range(stored)])
    few = await peak()
    await client.memory_items.set_many([an_item(id=f"{number:06}") for number in range(stored, 4 * stored)])
    stored *= 4
    assert await peak() < 1.5 * few
