"""What the older managers did is done by the current documents, too, once the older ones have been copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from firestore_memory import AsyncMemoryClient, MemoryClient
from firestore_memory.adapters._bindings import ROLLOUT
from firestore_memory.adapters.legacy_adapter import FirestoreMemoryAdapter
from firestore_memory.adapters.legacy_async import FirestoreMemoryManager as AsyncManager
from firestore_memory.adapters.legacy_sync import FirestoreMemoryManager as SyncManager
from firestore_memory.adapters.rollout import migration_mode
from firestore_runtime.options import Options
from firestore_runtime.rollout._sync.copying import Copier
from firestore_runtime.rollout.copies import Route
from tests.memory.adapters import test_legacy_adapter_golden, test_legacy_async_golden, test_legacy_sync_golden
from tests.memory.adapters.golden import (
    Deviation,
    Step,
    acall,
    call,
    problem,
    put,
    raises,
    recording,
    returns,
    unused_deviations,
)
from tests.memory.adapters.rollouts import stored

SYNC, ADAPTER, ASYNC = (recording(f"legacy_{name}") for name in ("sync", "adapter", "async"))
ADAPTER_READS = test_legacy_adapter_golden.READS

NOT_COPIED = "none: what the older manager could not read cannot be converted either, so it is not found"
A_RECORD = "none: records of other programs are in a collection of their own now, which the adapter does not read"

SYNC_DEVIATIONS: Mapping[str, Deviation] = {
    **test_legacy_sync_golden.DEVIATIONS,
    **{
        f'get_record(record_id="{record_id}")': Deviation(
            NOT_COPIED, raises(ValueError, f"Record {record_id} not found")
        )
        for record_id in ("missing_fields", "null_metadata")
    },
}
ADAPTER_DEVIATIONS: Mapping[str, Deviation] = {
    **test_legacy_adapter_golden.DEVIATIONS,
    **{
        f'get_memory_item(item_id="{record_id}")': Deviation(A_RECORD, returns(None))
        for record_id in ("string_timestamp", "extra_field", "no_metadata")
    },
}
ASYNC_DEVIATIONS: Mapping[str, Deviation] = {**test_legacy_async_golden.DEVIATIONS}


def copied(client: MemoryClient, layouts: Sequence[str]) -> None:
    """Copy documents into the current collections."""
    for name in layouts:
        layout = ROLLOUT.layouts[name]
        route = Route(layout, "forward", layout.path, "/".join(layout.schema.path))
        ids = sorted(stored(client.backend, layout.path))
        Copier(route, client.backend, client.backend, Options(), always=False).copy(ids)


def name_of(step: Step) -> str:
    return f"{step.section}-{step.index}-{step.label or step.op}"


@pytest.fixture(scope="module")
def sync_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return loaded(tmp_path_factory.mktemp("sync"), "legacy_sync", ["records"])


@pytest.fixture(scope="module")
def adapter_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return loaded(tmp_path_factory.mktemp("adapter"), "legacy_adapter", ["record_items", "record_agent_data"])


@pytest.fixture(scope="module")
def async_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return loaded(tmp_path_factory.mktemp("async"), "legacy_async", ["items", "agent_data"])


def loaded(directory: Path, name: str, layouts: Sequence[str]) -> str:
    """The URL of a store with what was recorded, in both shapes."""
    url = f"sqlite:///{directory / 'store.db'}?strict_indexes=false"
    with MemoryClient.connect(url) as client:
        put(client.backend, recording(name).documents)
        copied(client, layouts)
    return url


@pytest.mark.parametrize("step", SYNC.reads, ids=name_of)
def test_the_synchronous_manager(step: Step, sync_url: str) -> None:
    with MemoryClient.connect(sync_url) as client, migration_mode("current"):
        manager = SyncManager.from_client(client)
        manager.initialize()
        assert problem(step, call(manager, step, test_legacy_sync_golden.MODELS), SYNC_DEVIATIONS) is None


@pytest.mark.parametrize("step", ADAPTER_READS, ids=name_of)
async def test_the_adapter(step: Step, adapter_url: str) -> None:
    async with AsyncMemoryClient.connect(adapter_url) as client:
        adapter = FirestoreMemoryAdapter.from_client(client)
        with migration_mode("current"):
            await adapter.initialize()
            outcome = await acall(adapter, step, test_legacy_adapter_golden.MODELS)
        assert problem(step, outcome, ADAPTER_DEVIATIONS) is None


@pytest.mark.parametrize("step", ASYNC.reads, ids=name_of)
async def test_the_asynchronous_manager(step: Step, async_url: str) -> None:
    async with AsyncMemoryClient.connect(async_url) as client:
        manager = AsyncManager.from_client(client)
        with migration_mode("current"):
            await manager.initialize()
            outcome = await acall(manager, step, test_legacy_async_golden.MODELS)
        assert problem(step, outcome, ASYNC_DEVIATIONS) is None


def test_all_deviations_are_of_steps_that_there_are() -> None:
    assert unused_deviations(SYNC_DEVIATIONS, SYNC.inputs, SYNC.reads) == set()
    assert unused_deviations(ADAPTER_DEVIATIONS, ADAPTER.inputs, ADAPTER_READS, ADAPTER.cleanup) == set()
    assert unused_deviations(ASYNC_DEVIATIONS, ASYNC.inputs, ASYNC.reads) == set()
