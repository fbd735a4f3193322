"""What the synchronous manager does differently from the older one, by the items of the bug ledger, on any store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from firestore_memory import CorruptDocumentError, MemoryClient, MemoryRecord, NotFoundError, StorageError
from firestore_memory.adapters.legacy_sync import FirestoreMemoryManager
from firestore_runtime._sync.untyped import UntypedCollection
from firestore_runtime.options import Options

RECORDS = "memory_records"
SENTINEL = "health-check-non-existent"
NOT_READY = "Firestore client not initialized. Call initialize() first."


@pytest.fixture
def manager(client: MemoryClient) -> FirestoreMemoryManager:
    manager = FirestoreMemoryManager.from_client(client)
    manager.initialize()
    return manager


@pytest.fixture
def documents(client: MemoryClient) -> UntypedCollection:
    """The collection of the older documents, beneath the manager."""
    return UntypedCollection(client.backend, RECORDS, Options())


def record(record_id: str, **fields: object) -> MemoryRecord:
    given = {"record_id": record_id, "context": "orders", "persona": "Cherry", "content": "text"}
    return MemoryRecord.model_validate({**given, **fields})


def test_b1_each_record_has_a_time_of_its_own() -> None:
    assert record("a").timestamp < record("b").timestamp
    assert abs(record("a").timestamp - datetime.now(UTC)) < timedelta(minutes=1)


def test_b13_a_malformed_document_does_not_look_like_a_missing_one(
    manager: FirestoreMemoryManager, documents: UntypedCollection
) -> None:
    documents.set("odd", {"record_id": "odd", "context": 5})
    with pytest.raises(RuntimeError, match="Failed to retrieve record odd from Firestore: ") as found:
        manager.get_record("odd")
    assert not isinstance(found.value, ValueError)
    assert isinstance(found.value, StorageError)
    assert isinstance(found.value.__cause__, CorruptDocumentError)
    assert found.value.__cause__.fields == ("context", "persona", "content")
    with pytest.raises(ValueError, match="Record nobody not found in collection memory_records") as missing:
        manager.get_record("nobody")
    assert isinstance(missing.value, NotFoundError)


@pytest.mark.parametrize("content", [{"record_id": SENTINEL}, {"record_id": "x", "context": "c"}])
def test_b13_b14_the_document_of_the_health_check_may_exist(
    content: dict[str, object], manager: FirestoreMemoryManager, documents: UntypedCollection
) -> None:
    documents.set(SENTINEL, content)
    details = {"firestore_check": "Successfully verified connectivity"}
    healthy = {"status": "healthy", "firestore": True, "error_count": 0, "details": details}
    assert manager.health_check() == healthy
    manager.save_record(record(SENTINEL))
    assert manager.health_check() == healthy


def test_b32_an_id_with_slashes_is_refused_but_read_where_it_lies(
    client: MemoryClient, manager: FirestoreMemoryManager
) -> None:
    deeper = UntypedCollection(client.backend, f"{RECORDS}/a/b", Options())
    fields = {"record_id": "a/b/c", "context": "orders", "persona": "p", "content": "c", "timestamp": datetime.now(UTC)}
    deeper.set("c", fields)
    assert manager.get_record("a/b/c").record_id == "a/b/c"
    with pytest.raises(RuntimeError, match="Unexpected error saving record: the id 'a/b/c' has slashes"):
        manager.save_record(record("a/b/c", content="new"))
    with pytest.raises(RuntimeError, match="Unexpected error during batch save: the id 'a/b/c' has slashes"):
        manager.batch_save_records([record("a/b/c", content="new")])
    assert manager.get_record("a/b/c").content == "c"
    assert manager.delete_record("a/b/c") is True
    assert deeper.get("c") is None


def test_b33_the_stored_id_wins_over_that_of_the_document(
    manager: FirestoreMemoryManager, documents: UntypedCollection
) -> None:
    documents.set("one", {"record_id": "other", "context": "c", "persona": "p", "content": "t"})
    assert manager.get_record("one").record_id == "other"


def test_b34_naive_times_are_utc_and_aware_ones_come_back(manager: FirestoreMemoryManager) -> None:
    assigned = record("a")
    assigned.timestamp = datetime(2024, 1, 1, 12)
    manager.save_record(assigned)
    assert manager.get_record("a").timestamp == datetime(2024, 1, 1, 12, tzinfo=UTC)
    found = manager.query_records({"timestamp": {"start": datetime(2024, 1, 1, 12), "end": datetime(2024, 1, 1, 12)}})
    assert [each.record_id for each in found] == ["a"]


def test_a_document_without_a_time_is_read_as_of_now(
    manager: FirestoreMemoryManager, documents: UntypedCollection
) -> None:
    documents.set("a", {"record_id": "a", "context": "c", "persona": "p", "content": "t"})
    assert abs(manager.get_record("a").timestamp - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("bound", [None, float("nan"), object()])
def test_a_span_of_time_needs_times(bound: object, manager: FirestoreMemoryManager) -> None:
    with pytest.raises(RuntimeError, match="Unexpected error querying records: "):
        manager.query_records({"timestamp": {"start": bound}})


def test_a_query_leaves_out_what_does_not_fit_and_says_so(
    manager: FirestoreMemoryManager, documents: UntypedCollection, caplog: pytest.LogCaptureFixture
) -> None:
    documents.set("odd", {"record_id": "odd", "context": "orders"})
    manager.save_record(record("a"))
    assert [each.record_id for each in manager.query_records({"context": "orders"})] == ["a"]
    assert "The document 'odd' is left out" in caplog.text


def test_400_records_are_committed_at_once(manager: FirestoreMemoryManager) -> None:
    saved = [record(f"{number:03}") for number in range(405)]
    saved[401].metadata["bad"] = object()
    with pytest.raises(RuntimeError, match="Unexpected error during batch save: "):
        manager.batch_save_records(saved)
    assert len(manager.query_records({})) == 400
    assert manager.batch_save_records(saved[:401]) == 401
    assert len(manager.query_records({})) == 401


def test_a_batch_leaves_out_records_without_an_id(
    manager: FirestoreMemoryManager, caplog: pytest.LogCaptureFixture
) -> None:
    assert manager.batch_save_records([record("a", content="1"), record(""), record("a", content="2")]) == 2
    assert manager.get_record("a").content == "2"
    assert "without an id" in caplog.text
    assert "text" not in caplog.text


def test_records_of_a_subclass_and_of_other_makers_are_stored(manager: FirestoreMemoryManager) -> None:
    class Theirs:
        record_id, context, persona, content = "theirs", "c", "p", "t"
        timestamp = datetime(2024, 1, 1, tzinfo=UTC)
        metadata = {"k": 1}  # noqa: RUF012  # as plain as can be

    manager.save_record(Theirs())  # type: ignore[arg-type]  # as untyped programs do
    assert manager.get_record("theirs").metadata == {"k": 1}


def test_without_initialization_nothing_works(client: MemoryClient) -> None:
    manager = FirestoreMemoryManager.from_client(client)
    calls = (
        lambda: manager.save_record(record("")),
        lambda: manager.get_record("a/b"),
        lambda: manager.query_records({}),
        lambda: manager.delete_record(""),
        lambda: manager.batch_save_records([]),
        lambda: manager.semantic_search("c", []),
    )
    for call in calls:
        with pytest.raises(RuntimeError, match=f"^{NOT_READY}".replace("(", r"\(").replace(")", r"\)")):
            call()
    assert manager.health_check()["details"]["initialization"] == "Initialized during health check"
    manager.save_record(record("a"))
    manager.close()
    with pytest.raises(RuntimeError, match="not initialized"):
        manager.get_record("a")
    manager.initialize()
    assert manager.get_record("a").record_id == "a"
    assert manager._client is None


def test_the_store_of_a_client_stays_open(client: MemoryClient) -> None:
    manager = FirestoreMemoryManager.from_client(client)
    manager.initialize()
    manager.close()
    assert client.health()
