"""A program for the older synchronous manager, written from the description of its interface alone.

It runs here with other imports and nothing else changed. It uses all of the interface, and fails where something is not
as described. Its argument is the project to work in.
"""
# mypy: ignore-errors
# The older modules are not there; only their names are.

import logging
import os
import sys
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

from future.firestore_memory_manager import (
    AGENT_DATA_COLLECTION,
    MEMORY_RECORDS_COLLECTION,
    USER_SESSIONS_COLLECTION,
    FirestoreMemoryManager,
    StorageError,
    ValidationError,
)
from google.cloud import firestore
from packages.shared.src.models.domain_models import MemoryRecord

DAY = datetime(2024, 3, 1, 12, 0, 0, 250)


class Priority(StrEnum):
    HIGH = "high"


def expect(kind, lead, function, *args, **kwargs):
    """Call something that fails in a known way."""
    try:
        outcome = function(*args, **kwargs)
    except kind as error:
        outcome = str(error)
        if outcome.startswith(lead):
            return
    raise AssertionError(f"{kind.__name__}: {lead}… was expected of {function}, not {outcome!r}")


def record(number, **fields):
    given = {"record_id": f"r{number}", "context": "orders", "persona": "Cherry", "content": f"text {number}"}
    return MemoryRecord(**{**given, **fields})


def names():
    assert (MEMORY_RECORDS_COLLECTION, AGENT_DATA_COLLECTION) == ("memory_records", "agent_data")
    assert USER_SESSIONS_COLLECTION == "user_sessions"
    assert issubclass(StorageError, Exception)
    assert issubclass(ValidationError, Exception)


def life_of_a_manager(project):
    manager = FirestoreMemoryManager(project)
    assert manager._client is None
    assert manager._initialized is False
    assert manager._project_id == project
    not_ready = "Firestore client not initialized. Call initialize() first."
    for function, args in (
        (manager.save_record, (record(1),)),
        (manager.get_record, ("r1",)),
        (manager.query_records, ({},)),
        (manager.delete_record, ("r1",)),
        (manager.batch_save_records, ([],)),
    ):
        expect(RuntimeError, not_ready, function, *args)
    manager.close()
    assert manager.initialize() is None
    manager.initialize()
    assert isinstance(manager._client, firestore.Client)
    assert manager._initialized is True
    assert manager._client.project == project
    manager.close()
    manager.close()
    assert manager._client is None
    expect(RuntimeError, not_ready, manager.get_record, "r1")
    manager.initialize()
    return manager


def failed_initialization():
    for arguments in (
        {"credentials_json": "{ not json"},
        {"credentials_json": "{}"},
        {"credentials_path": "/nowhere/key.json"},
    ):
        manager = FirestoreMemoryManager("p", **arguments)
        expect(ConnectionError, "Failed to initialize Firestore: ", manager.initialize)
        assert manager._initialized is False
        health = manager.health_check()
        assert health["status"] == "error"
        assert health["firestore"] is False
        assert "initialization_error" in health["details"]
    FirestoreMemoryManager("p", "", None).initialize()


def one_record(manager):
    aware = datetime(2024, 3, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    metadata = {
        "n": 1,
        "x": {"y": [1, 2.0, None, {"z": True}]},
        "raw": b"\x00\xff",
        "tags": ("a", "b"),
        "only": {"one"},
        "when": DAY,
        "priority": Priority.HIGH,
        "dotted.key": 1,
        "owner": record(99, timestamp=DAY),
    }
    assert manager.save_record(record(1, timestamp=DAY, metadata=metadata)) == "r1"
    found = manager.get_record("r1")
    assert (found.context, found.persona, found.content) == ("orders", "Cherry", "text 1")
    assert found.timestamp == DAY.replace(tzinfo=UTC)
    assert found.timestamp.utcoffset() == timedelta(0)
    assert found.metadata["x"] == {"y": [1, 2.0, None, {"z": True}]}
    assert found.metadata["tags"] == ["a", "b"]
    assert found.metadata["only"] == ["one"]
    assert found.metadata["priority"] == "high"
    assert found.metadata["when"] == DAY.replace(tzinfo=UTC)
    assert found.metadata["owner"]["record_id"] == "r99"
    manager.save_record(record(1, timestamp=aware, metadata={"other": 1}))
    assert manager.get_record("r1").metadata == {"other": 1}
    assert manager.get_record("r1").timestamp == datetime(2024, 3, 1, 12, tzinfo=UTC)
    before = datetime.now(UTC)
    manager.save_record(record(2), collection="elsewhere")
    assert before - timedelta(seconds=5) < manager.get_record("r2", collection="elsewhere").timestamp
    assert manager.get_record("r2", "elsewhere").metadata == {}
    manager.save_record(record(3, record_id="a b#?[]*`~.%2F"), "tenants/t1/records")
    assert manager.get_record("a b#?[]*`~.%2F", "tenants/t1/records").record_id == "a b#?[]*`~.%2F"
    server_made = {
        "at": firestore.SERVER_TIMESTAMP,
        "count": firestore.Increment(3),
        "set": firestore.ArrayUnion(["a"]),
    }
    manager.save_record(record(4, metadata=server_made))
    made = manager.get_record("r4").metadata
    assert abs(made["at"] - datetime.now(UTC)) < timedelta(minutes=5)
    assert (made["count"], made["set"]) == (3, ["a"])


def failures_of_one_record(manager):
    expect(
        ValueError, "record_id must be provided for saving to Firestore", manager.save_record, record(0, record_id="")
    )
    expect(AttributeError, "", manager.save_record, {"record_id": "r1"})
    unstorable = record(5, metadata={"what": object()})
    expect(RuntimeError, "Unexpected error saving record: ", manager.save_record, unstorable)
    nested = record(5, metadata={"rows": [[1]]})
    expect(RuntimeError, "Failed to save record r5 to Firestore: ", manager.save_record, nested)
    reserved = record(6, record_id="__x__")
    expect(RuntimeError, "Failed to save record __x__ to Firestore: ", manager.save_record, reserved)
    two_segments = record(7, record_id="a/b")
    expect(RuntimeError, "Unexpected error saving record: A document", manager.save_record, two_segments)
    expect(RuntimeError, "Unexpected error saving record: ", manager.save_record, record(8), "a/b")
    expect(ValueError, "Record nobody not found in collection memory_records", manager.get_record, "nobody")
    expect(ValueError, "Record None not found in collection memory_records", manager.get_record, None)
    expect(ValueError, "A document must have an even number of path elements", manager.get_record, "a/b")
    expect(RuntimeError, "Failed to retrieve record  from Firestore: ", manager.get_record, "")
    expect(RuntimeError, "Unexpected error retrieving record: ", manager.get_record, 5)
    assert manager.delete_record("r2", collection="elsewhere") is True
    assert manager.delete_record("r2", collection="elsewhere") is False
    assert manager.delete_record("nobody") is False
    expect(RuntimeError, "Unexpected error deleting record: ", manager.delete_record, "a/b")
    expect(RuntimeError, "Failed to delete record  from Firestore: ", manager.delete_record, "")


def queries(manager):
    for number in range(10, 16):
        fields = {"n": number, "odd": bool(number % 2), "none": None, "dashed-key": number, "map": {"a": 1}}
        manager.save_record(record(number, context="q", timestamp=DAY + timedelta(hours=20 - number), metadata=fields))

    def ids(filters, **options):
        return [found.record_id for found in manager.query_records(filters, **options)]

    everything = ["r10", "r11", "r12", "r13", "r14", "r15"]
    assert ids({"context": "q"}) == everything
    assert ids({"context": "q", "persona": "Sophia"}) == []
    assert ids({"context": "q", "metadata.n": 12.0}) == ["r12"]
    assert ids({"context": "q", "metadata.odd": True}) == ["r11", "r13", "r15"]
    assert ids({"context": "q", "metadata.odd": 1}) == []
    assert ids({"metadata.none": None, "context": "q"}) == everything
    assert ids({"metadata.map": {"a": 1}, "context": "q"}) == everything
    assert ids({"metadata.`dashed-key`": 14}) == ["r14"]
    assert ids({"context": "q", "timestamp": {}}) == everything
    since = DAY + timedelta(hours=8)
    assert ids({"context": "q", "timestamp": {"start": since}}) == ["r12", "r11", "r10"]
    assert ids({"context": "q", "timestamp": {"end": since}}) == ["r15", "r14", "r13", "r12"]
    span = {"start": since - timedelta(hours=1), "end": since.replace(tzinfo=UTC)}
    assert ids({"context": "q", "timestamp": span}) == ["r13", "r12"]
    assert ids({"context": "q"}, collection="elsewhere") == []
    expect(RuntimeError, "Unexpected error querying records: ", manager.query_records, {"metadata.dashed-key": 14})
    expect(RuntimeError, "Unexpected error querying records: ", manager.query_records, None)
    expect(RuntimeError, "Unexpected error querying records: ", manager.query_records, {"context": object()})
    manager._client.collection("memory_records").document("odd").set({"context": "q", "record_id": "odd"})
    assert ids({"context": "q"}) == everything


def batches(manager):
    assert manager.batch_save_records([]) == 0
    assert manager.batch_save_records(record(n, context="batch") for n in range(100, 501)) == 401
    assert len(manager.query_records({"context": "batch"})) == 401
    some = [record(1, content="first"), record(0, record_id=""), record(1, content="last")]
    assert manager.batch_save_records(some, collection="batches") == 2
    assert manager.get_record("r1", "batches").content == "last"
    many = [record(n, context="broken") for n in range(405)]
    many[401].metadata["bad"] = object()
    expect(RuntimeError, "Unexpected error during batch save: ", manager.batch_save_records, many, "broken")
    assert len(manager.query_records({}, "broken")) == 400


def health(project, manager):
    answer = manager.health_check()
    details = {"firestore_check": "Successfully verified connectivity"}
    assert answer == {"status": "healthy", "firestore": True, "error_count": 0, "details": details}
    fresh = FirestoreMemoryManager(project_id=project)
    details["initialization"] = "Initialized during health check"
    assert fresh.health_check()["details"] == details
    assert fresh._initialized is True
    fresh.close()


def main(project):
    logging.basicConfig(level=logging.ERROR)
    os.environ.pop("GOOGLE_APPLICATION_CREDENTIALS", None)
    names()
    manager = life_of_a_manager(project)
    failed_initialization()
    one_record(manager)
    failures_of_one_record(manager)
    queries(manager)
    batches(manager)
    health(project, manager)
    manager.close()
    print("everything is as described")


if __name__ == "__main__":
    main(sys.argv[1])
