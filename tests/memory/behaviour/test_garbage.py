"""What a call leaves behind: nothing that only a collection of garbage would free."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from firestore_memory import AsyncMemoryClient, MemoryClient

CALLS = 20


@contextmanager
def no_garbage() -> Iterator[None]:
    """See that less than an object for each of the calls is left."""
    gc.collect()
    gc.disable()
    try:
        yield
        assert gc.collect() < CALLS
    finally:
        gc.enable()


def test_a_document_that_is_not_there(project: str) -> None:
    with MemoryClient.connect(f"firestore://{project}") as client:
        assert client.memory_items.get("none") is None
        with no_garbage():
            for _ in range(CALLS):
                assert client.memory_items.get("none") is None


async def test_a_document_that_is_not_there_async(project: str) -> None:
    async with AsyncMemoryClient.connect(f"firestore://{project}") as client:
        assert await client.memory_items.get("none") is None
        with no_garbage():
            for _ in range(CALLS):
                assert await client.memory_items.get("none") is None
