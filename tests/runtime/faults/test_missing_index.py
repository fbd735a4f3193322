"""A server that lacks an index says so, and the error says which one to add. The emulator never lacks any."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from firestore_memory import AsyncMemoryClient, MemoryClient, MissingIndexError
from tests.emulator import VARIABLE
from tests.runtime.faults.server import serving

URL = "firestore://my-project"
FIELDS = [
    {"fieldPath": "item_type", "order": "ASCENDING"},
    {"fieldPath": "user_id", "order": "ASCENDING"},
    {"fieldPath": "timestamp", "order": "DESCENDING"},
]


@pytest.fixture(autouse=True)
def refusing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with serving() as server:
        server.status, server.details = "FAILED_PRECONDITION", "The query requires an index."
        server.failures = 100
        monkeypatch.setenv(VARIABLE, server.host)
        yield


def test_synchronous() -> None:
    with MemoryClient.connect(URL) as client, pytest.raises(MissingIndexError) as raised:
        client.memory_items.conversation_history(user_id="ada").list()
    assert raised.value.index is not None
    assert raised.value.index.as_json()["fields"] == FIELDS


async def test_asynchronous() -> None:
    async with AsyncMemoryClient.connect(URL) as client:
        with pytest.raises(MissingIndexError) as raised:
            await client.memory_items.conversation_history(user_id="ada").count()
    assert raised.value.index is not None
    assert raised.value.index.as_json()["fields"] == FIELDS
