"""The adapter of records, held against what the older one did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient
from firestore_memory.adapters.legacy import AgentData, MemoryItem
from firestore_memory.adapters.legacy_adapter import FirestoreMemoryAdapter
from tests.memory.adapters.golden import (
    Deviation,
    Step,
    Stored,
    acall,
    afetch,
    aput,
    problem,
    raises,
    recording,
    returns,
    stored_problem,
    unused_deviations,
)


def distinct(step: Step) -> Step:
    """Tell the checks for duplicates apart, whose keys are the same."""
    if step.op != "check_duplicate":
        return step
    fields = step.arguments["item"]["fields"]
    content_hash = fields["metadata"].get("content_hash")
    return replace(step, label=f"{fields['text_content']} of {fields['user_id']}, hash {content_hash}")


RECORDED = recording("legacy_adapter")
READS = tuple(map(distinct, RECORDED.reads))
MODELS = {"MemoryItem": MemoryItem, "AgentData": AgentData}
SLASHES = "Unexpected error saving record: the id 'a/b/c' has slashes"

DEVIATIONS: Mapping[str, Deviation] = {
    "slash_id_three_segments": Deviation("B32", raises(RuntimeError, SLASHES)),
    "other of user-2, hash cafe01": Deviation("B9", returns(False)),
    "cleanup_expired_items()": Deviation("B4", returns(1)),
}
ADDED = {
    "full_naive": {"embedding", "expiration"},
    "embedding_768": {"embedding"},
    "aware_non_utc": {"expiration"},
    "empty_strings": {"embedding"},
    "expired_naive": {"expiration"},
}
"""Fields that documents have now as well (B3)."""
CLEANED_UP = {"memory_records/meta-exp"}
"""What has expired and was left (B4); of items that were stored with an expiration, the documents do not tell (B3)."""
DEFAULTS = {"default_ts_first", "default_ts_second"}
"""Items whose times are not the same twice (B1)."""


@pytest.fixture
async def adapter(async_client: AsyncMemoryClient) -> FirestoreMemoryAdapter:
    adapter = FirestoreMemoryAdapter.from_client(async_client)
    await adapter.initialize()
    return adapter


@pytest.fixture
async def loaded(async_client: AsyncMemoryClient) -> None:
    await aput(async_client.backend, RECORDED.documents)


def name_of(step: Step) -> str:
    return f"{step.section}-{step.index}-{step.op if step.section == 'reads' else step.label}"


@pytest.mark.parametrize("step", READS, ids=name_of)
async def test_it_reads_what_the_older_one_wrote(step: Step, adapter: FirestoreMemoryAdapter, loaded: None) -> None:
    assert problem(step, await acall(adapter, step, MODELS), DEVIATIONS) is None


@pytest.mark.parametrize("step", RECORDED.inputs, ids=name_of)
async def test_it_writes_what_the_older_one_wrote(
    step: Step, async_client: AsyncMemoryClient, adapter: FirestoreMemoryAdapter
) -> None:
    outcome = await acall(adapter, step, MODELS)
    item_id = step.arguments["item"]["fields"]["id"]
    if item_id is None:
        assert outcome.raised is None
        await check_generated(step, str(outcome.returned), async_client)
        return
    assert problem(step, outcome, DEVIATIONS) is None
    if step.raised is None and step.key not in DEVIATIONS:
        expected = RECORDED.document(f"memory_records/{item_id}")
        actual = await afetch(async_client.backend, expected.path)
        added = frozenset(ADDED.get(step.key, ()))
        assert actual is not None
        assert actual.fields.keys() - expected.fields.keys() == added
        assert stored_problem(expected, actual, added=added) is None


async def check_generated(step: Step, item_id: str, client: AsyncMemoryClient) -> None:
    """Compare the document of an item without an id, whose id and default time are not the same twice (B1)."""
    prefix, time, random = item_id.split("_")
    assert (prefix, len(random)) == ("memory", 32)
    actual = await afetch(client.backend, f"memory_records/{item_id}")
    assert actual is not None
    assert actual.fields["record_id"] == {"stringValue": item_id}
    stored = datetime.fromisoformat(actual.fields["timestamp"]["timestampValue"])
    assert datetime.fromisoformat(time) == stored
    if step.key in DEFAULTS:
        assert abs((datetime.now(UTC) - stored).total_seconds()) < 60
        assert actual.fields["content"] == {"stringValue": step.arguments["item"]["fields"]["text_content"]}
    else:
        expected = RECORDED.document(f"memory_records/{step.returned}")
        assert item_id.startswith(step.returned)
        assert stored_problem(expected, actual, ignored=frozenset({"record_id"})) is None


async def test_it_cleans_up_what_has_expired_and_nothing_else(
    async_client: AsyncMemoryClient, adapter: FirestoreMemoryAdapter, loaded: None
) -> None:
    for step in RECORDED.cleanup:
        assert problem(step, await acall(adapter, step, MODELS), DEVIATIONS) is None
    left = {doc.path for doc in RECORDED.documents if await afetch(async_client.backend, doc.path) is not None}
    assert left == RECORDED.after_cleanup_paths - CLEANED_UP
    assert RECORDED.after_cleanup_paths > CLEANED_UP


async def test_every_item_that_the_older_one_wrote_is_read(adapter: FirestoreMemoryAdapter, loaded: None) -> None:
    items = [stored for stored in RECORDED.written if stored.collection.startswith("memory_records")]
    assert len(items) > 20
    for stored in items:
        item = await adapter.get_memory_item(string(stored, "record_id"))
        assert item is not None
        assert (item.id, item.user_id) == (string(stored, "record_id"), string(stored, "context"))


async def test_every_document_is_written_as_the_older_one_wrote_it(
    async_client: AsyncMemoryClient, adapter: FirestoreMemoryAdapter, loaded: None
) -> None:
    for stored in RECORDED.written:
        if stored.collection != "memory_records":
            continue  # agent data, and an id that is no longer written (B32)
        item = await adapter.get_memory_item(stored.id)
        assert item is not None
        item.id = f"{stored.id}-again"
        await adapter.add_memory_item(item)
        actual = await afetch(async_client.backend, f"{stored.path}-again")
        added = frozenset({"expiration"} if stored.id in {"evil", "meta-exp"} else ())
        assert stored_problem(stored, actual, ignored=frozenset({"record_id"}), added=added) is None


async def test_so_is_every_one_of_agents(async_client: AsyncMemoryClient, adapter: FirestoreMemoryAdapter) -> None:
    agent_data = [stored for stored in RECORDED.written if stored.collection == "agent_data"]
    assert len(agent_data) == 5
    for stored in agent_data:
        fields = {key: python(value) for key, value in stored.fields.items()}
        metadata = fields["metadata"]
        data = AgentData(
            id=stored.id,
            agent_id=metadata.pop("agent_id"),
            data_type=metadata.pop("data_type"),
            timestamp=fields["timestamp"],
            content=fields["content"],
            metadata=metadata,
        )
        assert await adapter.add_raw_agent_data(data) == stored.id
        assert stored_problem(stored, await afetch(async_client.backend, stored.path)) is None


def test_all_deviations_are_of_steps_that_there_are() -> None:
    assert unused_deviations(DEVIATIONS, RECORDED.inputs, READS, RECORDED.cleanup) == set()
    assert len({step.key for step in READS if step.op == "check_duplicate"}) == 3
    assert ADDED.keys() | DEFAULTS <= {step.key for step in RECORDED.inputs}


def string(stored: Stored, key: str) -> str:
    return str(stored.fields[key]["stringValue"])


def python(typed: Mapping[str, Any]) -> Any:
    """The value of a typed one, as far as the documents of agents hold such."""
    match next(iter(typed.items())):
        case "mapValue", inner:
            return {key: python(item) for key, item in inner.get("fields", {}).items()}
        case "arrayValue", inner:
            return [python(item) for item in inner.get("values", [])]
        case "timestampValue", text:
            return datetime.fromisoformat(text)
        case _, value:
            return value
