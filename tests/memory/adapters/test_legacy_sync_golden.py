"""The synchronous manager, held against what the older one did."""

from __future__ import annotations

from typing import Any

import pytest

from firestore_memory import MemoryClient, MemoryRecord
from firestore_memory.adapters.legacy_sync import FirestoreMemoryManager
from tests.memory.adapters.golden import (
    Deviation,
    Step,
    call,
    fetch,
    problem,
    put,
    raises,
    recording,
    stored_problem,
    unused_deviations,
)

RECORDED = recording("legacy_sync")
MODELS = {"MemoryRecord": MemoryRecord}
SLASHES = "Unexpected error saving record: the id 'a/b/c' has slashes"

DEVIATIONS = {
    "slash_three": Deviation("B32", raises(RuntimeError, SLASHES)),
    'get_record(record_id="missing_fields")': Deviation(
        "B13", raises(RuntimeError, "Failed to retrieve record missing_fields from Firestore: ")
    ),
    'get_record(record_id="null_metadata")': Deviation(
        "B13", raises(RuntimeError, "Failed to retrieve record null_metadata from Firestore: ")
    ),
}
UNREPRODUCIBLE = {"default_timestamp": frozenset({"timestamp"})}


@pytest.fixture
def manager(client: MemoryClient) -> FirestoreMemoryManager:
    manager = FirestoreMemoryManager.from_client(client)
    manager.initialize()
    return manager


def name_of(step: Step) -> str:
    return f"{step.section}-{step.index}-{step.label or step.op}"


@pytest.fixture
def loaded(client: MemoryClient) -> None:
    put(client.backend, RECORDED.documents)


@pytest.mark.parametrize("step", RECORDED.reads, ids=name_of)
def test_it_reads_what_the_older_one_wrote(step: Step, manager: FirestoreMemoryManager, loaded: None) -> None:
    assert problem(step, call(manager, step, MODELS), DEVIATIONS) is None


@pytest.mark.parametrize("step", RECORDED.inputs, ids=name_of)
def test_it_writes_what_the_older_one_wrote(step: Step, client: MemoryClient, manager: FirestoreMemoryManager) -> None:
    arguments: dict[str, Any] = dict(step.arguments)
    assert problem(step, call(manager, step, MODELS), DEVIATIONS) is None
    if step.raised is None and step.key not in DEVIATIONS:
        expected = RECORDED.document(f"memory_records/{arguments['record']['fields']['record_id']}")
        ignored = UNREPRODUCIBLE.get(step.key, frozenset())
        assert stored_problem(expected, fetch(client.backend, expected.path), ignored=ignored) is None


def test_it_changes_what_the_older_one_changed(manager: FirestoreMemoryManager, loaded: None) -> None:
    for step in RECORDED.after_reads:
        assert problem(step, call(manager, step, MODELS), DEVIATIONS) is None


def test_every_document_that_the_older_one_wrote_is_read(manager: FirestoreMemoryManager, loaded: None) -> None:
    for stored in RECORDED.written:
        document_id = stored.id if stored.collection != "memory_records/a/b" else "a/b/c"
        collection = stored.collection if stored.collection != "memory_records/a/b" else "memory_records"
        record = manager.get_record(document_id, collection)
        assert record.record_id == stored.fields["record_id"]["stringValue"]


def test_every_document_is_written_as_the_older_one_wrote_it(
    client: MemoryClient, manager: FirestoreMemoryManager, loaded: None
) -> None:
    for stored in RECORDED.written:
        if stored.collection == "memory_records/a/b":
            continue  # B32: such an id is no longer written
        manager.save_record(manager.get_record(stored.id, stored.collection), "rewritten")
        expected = type(stored)("rewritten", stored.id, stored.fields)
        assert stored_problem(expected, fetch(client.backend, expected.path)) is None


def test_all_deviations_are_of_steps_that_there_are() -> None:
    assert unused_deviations(DEVIATIONS, RECORDED.inputs, RECORDED.reads, RECORDED.after_reads) == set()
