"""The asynchronous manager, held against what the older one did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient
from firestore_memory.adapters.legacy import AgentData, MemoryItem
from firestore_memory.adapters.legacy_async import FirestoreMemoryManager, StorageError
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
    stored_problem,
    unused_deviations,
)

RECORDED = recording("legacy_async")
MODELS = {"MemoryItem": MemoryItem, "AgentData": AgentData}

DEVIATIONS: Mapping[str, Deviation] = {}
"""There are none: whatever was recorded happens as it did."""
ADDED = {"memory_items/long": frozenset({"content_hash"})}
"""Fields that some documents have now as well (B19)."""
CLEANED_UP = {"agent_data/agent-1"}
"""Expired data of agents, which the older one left (B23)."""
DEFAULTS = {"default_ts_first": frozenset({"timestamp"}), "default_ts_second": frozenset({"timestamp"})}
"""Fields whose values are not the same twice (B1, B2)."""
WITHOUT_INDEX = {
    'get_conversation_history(user_id="hist-user", filters={"tag": "even"})': Deviation(
        "none: as in Firestore, a store that insists on declared indexes has none for this field",
        raises(StorageError, "Failed to retrieve conversation history from Firestore: "),
    )
}


@pytest.fixture
def manager(async_client: AsyncMemoryClient) -> FirestoreMemoryManager:
    manager = FirestoreMemoryManager.from_client(async_client)
    manager.initialize()
    return manager


@pytest.fixture
async def loaded(async_client: AsyncMemoryClient) -> None:
    await aput(async_client.backend, RECORDED.documents)


def name_of(step: Step) -> str:
    return f"{step.section}-{step.index}-{step.label or step.op}"


def deviations(store: str) -> Mapping[str, Deviation]:
    return {**DEVIATIONS, **WITHOUT_INDEX} if store == "strict" else DEVIATIONS


@pytest.mark.parametrize("step", RECORDED.reads, ids=name_of)
async def test_it_reads_what_the_older_one_wrote(
    step: Step, store: str, manager: FirestoreMemoryManager, loaded: None
) -> None:
    assert problem(step, await acall(manager, step, MODELS), deviations(store)) is None


@pytest.mark.parametrize("step", RECORDED.inputs, ids=name_of)
async def test_it_writes_what_the_older_one_wrote(
    step: Step, async_client: AsyncMemoryClient, manager: FirestoreMemoryManager
) -> None:
    fields = step.arguments["item"]["fields"]
    outcome = await acall(manager, step, MODELS)
    if fields["id"] is None:
        assert outcome.raised is None
        await _check_generated(step, str(outcome.returned), async_client)
        return
    assert problem(step, outcome, DEVIATIONS) is None
    if step.raised is None:
        expected = RECORDED.document(f"memory_items/{fields['id']}")
        actual = await afetch(async_client.backend, expected.path)
        assert stored_problem(expected, actual, added=ADDED.get(expected.path, frozenset())) is None


async def _check_generated(step: Step, item_id: str, client: AsyncMemoryClient) -> None:
    """Compare the document of an item without an id, whose id and default time are not the same twice."""
    expected = RECORDED.document(f"memory_items/{step.returned}")
    actual = await afetch(client.backend, f"memory_items/{item_id}")
    ignored = DEFAULTS.get(step.key, frozenset()) | {"id"}
    assert actual is not None
    assert actual.fields["id"] == {"stringValue": item_id}
    assert stored_problem(expected, actual, ignored=ignored) is None
    if step.key in DEFAULTS:
        stored = datetime.fromisoformat(actual.fields["timestamp"]["timestampValue"])
        assert abs((datetime.now(UTC) - stored).total_seconds()) < 60


async def test_it_cleans_up_what_the_older_one_cleaned_up(
    async_client: AsyncMemoryClient, manager: FirestoreMemoryManager, loaded: None
) -> None:
    for step in RECORDED.cleanup:
        assert problem(step, await acall(manager, step, MODELS), DEVIATIONS) is None
    left = {doc.path for doc in RECORDED.documents if await afetch(async_client.backend, doc.path) is not None}
    assert left == RECORDED.after_cleanup_paths - CLEANED_UP
    assert RECORDED.after_cleanup_paths > CLEANED_UP


async def test_every_item_that_the_older_one_wrote_is_read(manager: FirestoreMemoryManager, loaded: None) -> None:
    items = [stored for stored in RECORDED.written if stored.collection.startswith("memory_items")]
    assert len(items) > 20
    for stored in items:
        item = await manager.get_memory_item(_string(stored, "id"))
        assert item is not None
        assert (item.id, item.user_id) == (_string(stored, "id"), _string(stored, "user_id"))


async def test_every_document_is_written_as_the_older_one_wrote_it(
    async_client: AsyncMemoryClient, manager: FirestoreMemoryManager, loaded: None
) -> None:
    for stored in RECORDED.written:
        if not stored.collection.startswith("memory_items"):
            continue
        item = await manager.get_memory_item(_string(stored, "id"))
        assert item is not None
        item.id = f"{item.id}-again"
        await manager.add_memory_item(item)
        actual = await afetch(async_client.backend, f"{stored.path}-again")
        added = ADDED.get(stored.path, frozenset())
        assert stored_problem(stored, actual, ignored=frozenset({"id"}), added=added) is None


async def test_so_is_every_one_of_agents(async_client: AsyncMemoryClient, manager: FirestoreMemoryManager) -> None:
    agent_data = [stored for stored in RECORDED.written if stored.collection == "agent_data"]
    assert len(agent_data) == 4
    for stored in agent_data:
        data = AgentData.model_validate({key: _python(value) for key, value in stored.fields.items()})
        assert await manager.add_raw_agent_data(data) == stored.id
        assert stored_problem(stored, await afetch(async_client.backend, stored.path)) is None


def test_all_deviations_are_of_steps_that_there_are() -> None:
    assert unused_deviations({**DEVIATIONS, **WITHOUT_INDEX}, RECORDED.inputs, RECORDED.reads) == set()
    assert DEFAULTS.keys() <= {step.key for step in RECORDED.inputs}
    assert ADDED.keys() <= {stored.path for stored in RECORDED.documents}


def _string(stored: Stored, key: str) -> str:
    return str(stored.fields[key]["stringValue"])


def _python(typed: Mapping[str, Any]) -> Any:
    """The value of a typed one, as far as the documents of agents hold such."""
    match next(iter(typed.items())):
        case "mapValue", inner:
            return {key: _python(item) for key, item in inner.get("fields", {}).items()}
        case "arrayValue", inner:
            return [_python(item) for item in inner.get("values", [])]
        case "integerValue", number:
            return int(number)
        case "timestampValue", text:
            return datetime.fromisoformat(text)
        case _, value:
            return value
