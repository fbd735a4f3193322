"""How the synchronous manager finds its project and its credentials, what it shares, and how long it waits."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from google.api_core.exceptions import GoogleAPIError
from google.cloud import firestore

from firestore_memory import MemoryRecord, StorageError, StorageTimeoutError
from firestore_memory import ValidationError as OurValidationError
from firestore_memory.adapters import legacy_storage, legacy_sync
from firestore_memory.adapters.legacy_sync import FirestoreMemoryManager
from tests.emulator import VARIABLE, free_port

RECORD = MemoryRecord(record_id="a", context="c", persona="p", content="t")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)


class Recorder:
    """Stands for Google's modules as the manager sees them, and takes note of what is asked of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> None:
        self.clients: list[dict[str, Any]] = []
        self.error = error
        kind = SimpleNamespace(
            from_service_account_info=lambda info: ("info", info), from_service_account_file=lambda path: ("file", path)
        )
        monkeypatch.setattr(legacy_sync, "firestore", SimpleNamespace(Client=self._client))
        monkeypatch.setattr(legacy_sync, "service_account", SimpleNamespace(Credentials=kind))

    def _client(self, **arguments: Any) -> Any:
        self.clients.append(arguments)
        if self.error:
            raise self.error
        return SimpleNamespace(_database_string="projects/p/databases/(default)", _emulator_host=None, close=_broken)


def _broken() -> None:
    raise OSError("it is broken")


def test_the_constructor_reads_the_environment_and_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = FirestoreMemoryManager("p", "{ no json", "/nowhere.json")
    found = (manager._project_id, manager._credentials_json, manager._credentials_path, manager._credentials)
    assert found == ("p", "{ no json", "/nowhere.json", None)
    assert (manager._client, manager._initialized) == (None, False)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "from-environment")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/elsewhere.json")
    manager = FirestoreMemoryManager("", None, "")
    assert (manager._project_id, manager._credentials_path) == ("from-environment", "/elsewhere.json")
    assert FirestoreMemoryManager(project_id="p", credentials_path="/x")._credentials_path == "/x"


def test_json_comes_before_a_file_and_a_file_before_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(monkeypatch)
    for credentials in (('{"k": 1}', "/x"), ("", "/x"), (None, None)):
        FirestoreMemoryManager("p", *credentials).initialize()
    assert recorder.clients == [
        {"project": "p", "credentials": ("info", {"k": 1})},
        {"project": "p", "credentials": ("file", "/x")},
        {"project": "p"},
    ]
    FirestoreMemoryManager().initialize()
    assert recorder.clients[-1] == {"project": None}


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (RuntimeError("no"), ConnectionError, "Failed to initialize Firestore: no"),
        (GoogleAPIError("no"), ConnectionError, "Failed to initialize Firestore connection: no"),
        (PermissionError("no"), PermissionError, "no"),
    ],
)
def test_what_fails_becomes_a_connection_error(
    error: Exception, kind: type[Exception], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Recorder(monkeypatch, error)
    manager = FirestoreMemoryManager("p")
    with pytest.raises(kind) as found:
        manager.initialize()
    assert str(found.value) == message
    assert manager._initialized is False
    if kind is ConnectionError:
        assert isinstance(found.value, StorageError)
        assert isinstance(found.value, legacy_storage.ConnectionError)
        assert found.value.original_exception is error
        assert found.value.retryable is False
    health = manager.health_check()
    assert health["status"] == "error"
    assert health["firestore"] is False
    assert health["error_count"] == 1
    assert health["last_error"] == message
    assert health["details"] == {"initialization_error": message}


def test_a_client_that_cannot_be_closed_is_only_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Recorder(monkeypatch)
    manager = FirestoreMemoryManager("p")
    manager.initialize()
    manager.close()
    assert (manager._client, manager._initialized) == (None, False)
    assert "it is broken" in caplog.text


def test_the_manager_and_its_client_share_a_channel(project: str) -> None:
    manager = FirestoreMemoryManager(project)
    manager.initialize()
    google_client = manager._client
    assert isinstance(google_client, firestore.Client)
    assert google_client.project == project
    manager.save_record(RECORD)
    assert google_client.collection("memory_records").document("a").get().get("content") == "t"
    google_client.collection("memory_records").document("b").set({**RECORD.model_dump(), "record_id": "b"})
    assert [record.record_id for record in manager.query_records({})] == ["a", "b"]
    channel = google_client._firestore_api.transport.grpc_channel
    manager.close()
    with pytest.raises(ValueError, match="closed"):
        channel.unary_unary("/x")(b"")
    manager.initialize()
    assert manager._client is not google_client
    assert manager.get_record("a") == RECORD
    manager.close()


def test_b15_b30_an_unreachable_server_is_reported_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"127.0.0.1:{free_port()}")
    manager = FirestoreMemoryManager("p", timeout=1.0, attempt_timeout=0.5, health_timeout=0.5)
    manager.initialize()
    started = time.monotonic()
    health = manager.health_check()
    assert time.monotonic() - started < 10
    assert (health["status"], health["firestore"], health["error_count"]) == ("error", False, 1)
    lead = "Failed to retrieve record health-check-non-existent from Firestore: "
    assert str(health["last_error"]).startswith(lead)
    assert health["details"] == {"firestore_error": health["last_error"]}
    for call, words in (
        (lambda: manager.save_record(RECORD), "Failed to save record a to Firestore: "),
        (lambda: manager.get_record("a"), "Failed to retrieve record a from Firestore: "),
        (lambda: manager.query_records({}), "Failed to query records from Firestore: "),
        (lambda: manager.delete_record("a"), "Failed to delete record a from Firestore: "),
        (lambda: manager.batch_save_records([RECORD]), "Failed to batch save records to Firestore: "),
        (lambda: manager.semantic_search("c", [1.0]), "Failed to perform semantic search: "),
    ):
        started = time.monotonic()
        with pytest.raises(RuntimeError) as found:
            call()
        assert str(found.value).startswith(words)
        assert time.monotonic() - started < 10
        assert isinstance(found.value, StorageError)
        assert found.value.retryable is True
    manager.close()


def test_b30_the_limits_are_sixty_seconds_ten_and_two_unless_told_otherwise() -> None:
    limits = FirestoreMemoryManager("p")._limits
    assert (limits.options.timeout, limits.options.attempt_timeout) == (60.0, 10.0)
    assert (limits.health.timeout, limits.health.attempt_timeout, limits.health.retry) == (2.0, 2.0, None)
    with pytest.raises(OurValidationError, match="timeout must be a positive number"):
        FirestoreMemoryManager("p", timeout=0)


def test_the_cause_of_a_failure_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"127.0.0.1:{free_port()}")
    manager = FirestoreMemoryManager("p", timeout=0.2, attempt_timeout=0.2)
    manager.initialize()
    with pytest.raises(RuntimeError) as found:
        manager.get_record("a")
    error = found.value
    assert isinstance(error, legacy_storage.StorageError)
    assert isinstance(error.original_exception, StorageError)
    assert error.__cause__ is error.original_exception
    assert (error.operation, error.collection, error.document_id) == ("get", "memory_records", "a")
    assert not isinstance(error, StorageTimeoutError)
    manager.close()
