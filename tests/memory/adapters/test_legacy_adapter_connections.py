"""How the adapter of records finds its project and its credentials, how it lives, and how long it waits."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import warnings
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from google.api_core.exceptions import GoogleAPIError
from google.cloud import firestore

from firestore_memory import AsyncMemoryClient, StorageError
from firestore_memory.adapters import legacy_storage, legacy_sync
from firestore_memory.adapters.legacy import AgentData, MemoryItem
from firestore_memory.adapters.legacy_adapter import FirestoreMemoryAdapter
from tests.emulator import VARIABLE, free_port


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)


def item(item_id: str | None = None) -> MemoryItem:
    return MemoryItem(id=item_id, user_id="u", item_type="note", text_content="t", metadata={"content_hash": "h"})


def test_the_constructor_reads_the_environment_and_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "from-environment")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/elsewhere.json")
    manager = FirestoreMemoryAdapter().firestore_manager
    assert manager is not None
    assert (manager._project_id, manager._credentials_path) == ("from-environment", "/elsewhere.json")
    manager = FirestoreMemoryAdapter("p", "{ no json", "/nowhere.json").firestore_manager
    assert manager is not None
    found = (manager._project_id, manager._credentials_json, manager._credentials_path, manager._client)
    assert found == ("p", "{ no json", "/nowhere.json", None)


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

    monkeypatch.setattr(legacy_sync, "firestore", SimpleNamespace(Client=refuse))
    adapter = FirestoreMemoryAdapter("p")
    with pytest.raises(kind) as found:
        await adapter.initialize()
    assert str(found.value) == message
    assert adapter._is_initialized is False
    if kind is ConnectionError:
        assert isinstance(found.value, legacy_storage.ConnectionError)
    assert await adapter.health_check() == {
        "status": "error",
        "firestore": False,
        "redis": False,
        "error_count": 1,
        "last_error": message,
        "details": {"message": f"Failed to initialize: {message}"},
    }


async def test_the_event_loop_does_not_wait_for_credentials(project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started, may_end = threading.Event(), threading.Event()

    def find(**arguments: Any) -> firestore.Client:
        started.set()
        assert may_end.wait(10)
        return firestore.Client(**arguments)

    monkeypatch.setattr(legacy_sync, "firestore", SimpleNamespace(Client=find))
    adapter = FirestoreMemoryAdapter(project)
    both = asyncio.gather(adapter.initialize(), adapter.initialize())
    assert await asyncio.to_thread(started.wait, 10)
    assert adapter._is_initialized is False
    may_end.set()
    await both
    assert adapter._is_initialized is True
    await adapter.close()


async def test_it_shares_the_account_of_its_manager(project: str) -> None:
    adapter = FirestoreMemoryAdapter(project)
    await adapter.initialize()
    manager = adapter.firestore_manager
    assert manager is not None
    assert isinstance(manager._client, firestore.Client)
    await adapter.add_memory_item(item("a"))
    assert manager.get_record("a").content == "t"
    await adapter.close()
    assert adapter._is_initialized is False
    assert adapter.firestore_manager is manager
    assert manager._initialized is False
    await adapter.initialize()
    found = await adapter.get_memory_item("a")
    assert found is not None
    assert found.text_content == "t"
    await adapter.close()


async def test_without_a_client_there_is_no_way_to_a_store(url: str) -> None:
    adapter = FirestoreMemoryAdapter("p")
    adapter.firestore_manager = None
    with pytest.raises(RuntimeError, match=r"^firestore_manager has no client"):
        await adapter.initialize()
    async with AsyncMemoryClient.connect(url) as client:
        await FirestoreMemoryAdapter.from_client(client).initialize()


def test_it_works_in_several_event_loops(project: str) -> None:
    adapter = FirestoreMemoryAdapter(project)
    asyncio.run(adapter.initialize())
    for at in range(3):
        assert asyncio.run(adapter.add_memory_item(item(f"i{at}"))) == f"i{at}"
    assert asyncio.run(adapter.check_duplicate(item())) is True

    async def twice() -> list[str | None]:
        found = await asyncio.to_thread(asyncio.run, adapter.get_conversation_history("u"))
        return [each.id for each in found + await adapter.get_conversation_history("u", limit=1)]

    assert asyncio.run(twice()) == ["i2", "i1", "i0", "i2"]
    asyncio.run(adapter.close())


def test_nothing_is_left_open(project: str) -> None:
    async def live() -> None:
        adapter = FirestoreMemoryAdapter(project)
        await adapter.initialize()
        await asyncio.gather(*(adapter.add_memory_item(item()) for _ in range(50)))
        await adapter.close()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asyncio.run(live())
        gc.collect()
    assert [str(warning.message) for warning in caught] == []


async def test_b31_nothing_warns_of_itself(project: str) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        adapter = FirestoreMemoryAdapter(project)
        await adapter.initialize()
        await adapter.add_memory_item(item())
        await adapter.get_conversation_history("u", "s", filters={"persona_active": "x"})
        await adapter.semantic_search("u", [1.0])
        await adapter.add_raw_agent_data(AgentData(agent_id="a", data_type="t", content=[1]))
        await adapter.check_duplicate(item())
        await adapter.cleanup_expired_items()
        await adapter.close()
    assert [str(warning.message) for warning in caught] == []


async def test_warnings_are_the_callers_alone(project: str, warnings_on: None) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        adapter = FirestoreMemoryAdapter(project)
        assert (await adapter.health_check())["status"] == "healthy"
        await adapter.initialize()
        await adapter.close()
    assert {warning.filename for warning in caught} == {__file__}
    leads = [str(warning.message).split(":")[0].split(" is ")[0] for warning in caught]
    assert leads == ["FirestoreMemoryAdapter", "health_check", "FirestoreMemoryAdapter", "FirestoreMemoryAdapter"]


async def test_b15_b30_an_unreachable_server_is_reported_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"127.0.0.1:{free_port()}")
    adapter = FirestoreMemoryAdapter("p", timeout=1.0, attempt_timeout=0.5, health_timeout=0.5, raise_read_errors=True)
    await adapter.initialize()
    started = time.monotonic()
    health = await adapter.health_check()
    assert time.monotonic() - started < 2
    assert (health["status"], health["firestore"], health["redis"], health["error_count"]) == ("error", False, False, 1)
    error = {"firestore_error": health["last_error"]}
    assert health["details"] == {"provider": "firestore", "adapter": "FirestoreMemoryAdapter", **error}
    data = AgentData(id="d", agent_id="a", data_type="t", content=1)
    calls: list[tuple[Callable[[], Awaitable[object]], str]] = [
        (lambda: adapter.add_memory_item(item("a")), "Failed to save record a to Firestore: "),
        (lambda: adapter.get_memory_item("a"), "Failed to retrieve record a from Firestore: "),
        (lambda: adapter.get_conversation_history("u"), "Failed to query records from Firestore: "),
        (lambda: adapter.semantic_search("u", [1.0]), "Failed to perform semantic search: "),
        (lambda: adapter.add_raw_agent_data(data), "Failed to save record d to Firestore: "),
        (lambda: adapter.check_duplicate(item()), "Failed to query records from Firestore: "),
        (lambda: adapter.cleanup_expired_items(), "Failed to clean up expired items: "),
    ]
    for call, lead in calls:
        with pytest.raises(RuntimeError) as found:
            await call()
        assert str(found.value).startswith(lead)
        assert isinstance(found.value, StorageError)
        assert found.value.retryable is True
    assert time.monotonic() - started < 20
    await adapter.close()


async def test_b6_b30_an_unreachable_server_has_no_items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"127.0.0.1:{free_port()}")
    adapter = FirestoreMemoryAdapter("p", timeout=1.0, attempt_timeout=0.5)
    await adapter.initialize()
    started = time.monotonic()
    assert await adapter.get_memory_item("a") is None
    assert time.monotonic() - started < 5
    await adapter.close()


def test_b30_by_default_it_waits_a_minute_at_most() -> None:
    limits = FirestoreMemoryAdapter("p")._limits
    assert (limits.options.timeout, limits.options.attempt_timeout, limits.health.timeout) == (60.0, 10.0, 2.0)
