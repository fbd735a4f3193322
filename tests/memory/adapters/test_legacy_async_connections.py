"""How the asynchronous manager finds its project and its credentials, how it lives, and how long it waits."""

from __future__ import annotations

import asyncio
import gc
import time
import warnings
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from google.api_core.exceptions import GoogleAPIError
from google.cloud import firestore

from firestore_memory import StorageError as OurStorageError
from firestore_memory import StorageTimeoutError
from firestore_memory.adapters import legacy_async, legacy_storage
from firestore_memory.adapters.legacy import AgentData, MemoryItem
from firestore_memory.adapters.legacy_async import FirestoreMemoryManager, StorageError
from firestore_runtime.legacy import item_connection
from tests.emulator import VARIABLE, free_port


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)


def item(item_id: str | None = None) -> MemoryItem:
    return MemoryItem(id=item_id, user_id="u", item_type="conversation", text_content="t")


def test_the_constructor_reads_the_environment_and_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = FirestoreMemoryManager("p", "{ no json", "/nowhere.json")
    found = (manager._project_id, manager._credentials_json, manager._credentials_path, manager._credentials)
    assert found == ("p", "{ no json", "/nowhere.json", None)
    assert (manager._client, manager._async_client, manager._initialized) == (None, None, False)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "from-environment")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/elsewhere.json")
    manager = FirestoreMemoryManager("", None, "")
    assert (manager._project_id, manager._credentials_path) == ("from-environment", "/elsewhere.json")


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (RuntimeError("no"), ConnectionError, "Failed to initialize Firestore: no"),
        (GoogleAPIError("no"), ConnectionError, "Failed to initialize Firestore connection: no"),
        (PermissionError("no"), PermissionError, "no"),
    ],
)
async def test_what_fails_becomes_a_connection_error(
    error: Exception, kind: type[Exception], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**arguments: Any) -> None:
        raise error

    monkeypatch.setattr(legacy_async, "firestore", SimpleNamespace(Client=refuse))
    manager = FirestoreMemoryManager("p")
    with pytest.raises(kind) as found:
        manager.initialize()
    assert str(found.value) == message
    assert manager._initialized is False
    if kind is ConnectionError:
        assert isinstance(found.value, legacy_storage.ConnectionError)
    assert await manager.health_check() == {
        "status": "error",
        "firestore": False,
        "error_count": 1,
        "last_error": message,
        "details": {"initialization_error": message},
    }


async def test_a_client_that_cannot_be_closed_is_only_logged(
    project: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(client: object) -> None:
        raise OSError("it is broken")

    monkeypatch.setattr(item_connection, "close_client", refuse)
    manager = FirestoreMemoryManager(project)
    manager.initialize()
    manager.close()
    assert (manager._client, manager._async_client, manager._initialized) == (None, None, False)
    assert "it is broken" in caplog.text


async def test_it_makes_clients_of_google_for_those_who_use_them(project: str) -> None:
    manager = FirestoreMemoryManager(project)
    manager.initialize()
    assert isinstance(manager._client, firestore.Client)
    assert isinstance(manager._async_client, firestore.AsyncClient)
    await manager.add_memory_item(item("a"))
    stored = manager._client.collection("memory_items").document("a").get()
    assert stored.get("text_content") == "t"
    seen = await manager._async_client.collection("memory_items").document("a").get()
    assert seen.get("text_content") == "t"
    await manager.close()
    assert manager._client is None
    manager.initialize()
    found = await manager.get_memory_item("a")
    assert found is not None
    assert found.text_content == "t"
    manager.close()


def test_b22_it_works_in_several_event_loops(project: str) -> None:
    manager = FirestoreMemoryManager(project)
    manager.initialize()
    for at in range(3):
        assert asyncio.run(manager.add_memory_item(item(f"i{at}"))) == f"i{at}"
    assert asyncio.run(manager.check_duplicate(item())) is True

    async def twice() -> list[str | None]:
        found = await asyncio.to_thread(asyncio.run, manager.get_conversation_history("u"))
        return [each.id for each in found + await manager.get_conversation_history("u", limit=1)]

    assert asyncio.run(twice()) == ["i2", "i1", "i0", "i2"]
    manager.close()


def test_nothing_is_left_open(project: str) -> None:
    async def live() -> None:
        manager = FirestoreMemoryManager(project)
        manager.initialize()
        await asyncio.gather(*(manager.add_memory_item(item()) for _ in range(50)))
        manager.close()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asyncio.run(live())
        gc.collect()
    assert [str(warning.message) for warning in caught] == []


async def test_b31_nothing_warns_of_itself(project: str) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        manager = FirestoreMemoryManager(project)
        manager.initialize()
        await manager.add_memory_item(item())
        await manager.get_conversation_history("u", "s", filters={"persona_active": "x"})
        await manager.semantic_search("u", [1.0])
        await manager.check_duplicate(item())
        await manager.cleanup_expired_items()
        manager.close()
    assert [str(warning.message) for warning in caught] == []


async def test_b15_b30_an_unreachable_server_is_reported_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"127.0.0.1:{free_port()}")
    manager = FirestoreMemoryManager("p", timeout=1.0, attempt_timeout=0.5, health_timeout=0.5)
    manager.initialize()
    started = time.monotonic()
    health = await manager.health_check()
    assert (health["status"], health["firestore"], health["error_count"]) == ("error", False, 1)
    assert health["details"] == {"firestore_error": health["last_error"]}
    data = AgentData(agent_id="a", data_type="t", content=1)
    calls: list[tuple[Callable[[], Awaitable[object]], str]] = [
        (lambda: manager.add_memory_item(item("a")), "Failed to save memory item to Firestore: "),
        (lambda: manager.get_memory_item("a"), "Failed to retrieve memory item a from Firestore: "),
        (lambda: manager.get_conversation_history("u"), "Failed to retrieve conversation history from Firestore: "),
        (lambda: manager.semantic_search("u", [1.0]), "Failed to perform semantic search in Firestore: "),
        (lambda: manager.add_raw_agent_data(data), "Failed to save agent data to Firestore: "),
        (lambda: manager.check_duplicate(item()), "Failed to check for duplicates in Firestore: "),
        (lambda: manager.cleanup_expired_items(), "Failed to clean up expired items in Firestore: "),
    ]
    for call, lead in calls:
        with pytest.raises(StorageError) as found:
            await call()
        assert str(found.value).startswith(lead)
        assert isinstance(found.value.original_exception, (StorageTimeoutError, OurStorageError))
        assert found.value.retryable is True
    assert data.id is None  # B18
    assert time.monotonic() - started < 20
    manager.close()
