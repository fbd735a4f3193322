"""The flags of the rollout: where they come from, whom they are for, and which mode a call has."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firestore_memory import ConfigurationError, MemoryClient, StorageError, ValidationError
from firestore_memory.adapters._bindings import ROLLOUT
from firestore_memory.adapters.legacy_storage import ConnectionError as ManagerConnectionError
from firestore_memory.adapters.legacy_sync import FirestoreMemoryManager
from firestore_memory.adapters.rollout import MigrationMode, migration_mode
from firestore_runtime.rollout.flags import Step
from firestore_runtime.rollout.settings import MIGRATION_MODES
from tests.memory.adapters.rollouts import a_record, stored

PREFIX = "FIRESTORE_MEMORY_MIGRATION_"
USERS = [f"user {number}" for number in range(2_000)]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """What the flags are read from, anew."""
    read_once = vars(ROLLOUT)
    read_once.pop("_flags_of_settings", None)
    yield monkeypatch
    read_once.pop("_flags_of_settings", None)


def mode_of(collection: str, user: str = "ada") -> MigrationMode:
    return ROLLOUT.current_flags().of(collection).for_writing(user)


def test_nothing_moves_by_default(environment: pytest.MonkeyPatch) -> None:
    assert mode_of("memory_items") == "legacy"


def test_flags_in_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv(f"{PREFIX}MODE", "shadow_read")
    environment.setenv(f"{PREFIX}MODES", '{"memory_items": "current"}')
    assert [mode_of(name) for name in ("memory_items", "memory_records", "agent_data")] == [
        "current",
        "shadow_read",
        "shadow_read",
    ]


def test_a_percentage_in_the_environment_is_for_all_of_them(environment: pytest.MonkeyPatch) -> None:
    environment.setenv(f"{PREFIX}MODE", "dual_write")
    environment.setenv(f"{PREFIX}MODES", '{"memory_items": "current"}')
    environment.setenv(f"{PREFIX}PERCENTAGE", "0")
    assert mode_of("memory_items") == "current_read"
    assert mode_of("agent_data") == "legacy"


@pytest.mark.parametrize(
    ("variable", "value", "mentions"),
    [
        ("MODE", "dual", ["migration_mode", "'dual_write'", "dual"]),
        ("MODES", '{"memory_items": "dual"}', ["migration_modes", "'dual_write'"]),
        ("MODES", '{"memories": "current"}', ["'memories'", "memory_items", "memory_records", "agent_data"]),
        ("MODES", "memory_items=current", ["migration_modes", "JSON"]),
        ("PERCENTAGE", "101", ["migration_percentage", "100"]),
        ("PERCENTAGE", "all", ["migration_percentage"]),
        ("URL", "mysql://there", ["mysql"]),
    ],
)
def test_what_is_wrong_in_the_environment(
    variable: str, value: str, mentions: list[str], environment: pytest.MonkeyPatch
) -> None:
    with MemoryClient.connect("memory:") as client:
        manager = FirestoreMemoryManager.from_client(client)
        environment.setenv(f"{PREFIX}{variable}", value)
        with pytest.raises(ManagerConnectionError) as caught:
            manager.initialize()
    assert isinstance(caught.value.original_exception, (ConfigurationError, ValidationError))
    assert [each for each in mentions if each.lower() not in str(caught.value).lower()] == []


def test_the_store_of_the_current_documents(environment: pytest.MonkeyPatch, tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path / 'current.db'}"
    environment.setenv(f"{PREFIX}URL", url)
    environment.setenv(f"{PREFIX}MODE", "current_read")
    environment.setenv("FIRESTORE_MEMORY_NAMESPACE", "prod")
    with MemoryClient.connect("memory:", namespace=None) as client:
        manager = FirestoreMemoryManager.from_client(client)
        manager.initialize()
        manager.save_record(a_record())
        assert manager.get_record("x").content == "hello"
        opened = manager._opened
        assert opened is not None
        manager.close()
        with pytest.raises(StorageError, match="closed"):
            stored(opened, "records")
        assert list(stored(client.backend, "memory_records")) == ["x"]
        assert stored(client.backend, "records") == {}
    with MemoryClient.connect(url) as current:
        assert current.namespace == "prod"
        assert current.memory_records.require("x").content == "hello"


def test_flags_of_a_block() -> None:
    with migration_mode("dual_write"):
        with migration_mode("current", collections=["memory_items"]):
            with migration_mode("current_read", percentage=0, collections=["agent_data"]):
                assert [mode_of(name) for name in ("memory_items", "agent_data", "memory_records")] == [
                    "current",
                    "shadow_read",
                    "dual_write",
                ]
            assert mode_of("agent_data") == "dual_write"
            with migration_mode("legacy"):
                assert mode_of("memory_items") == "legacy", "a block without collections is about all of them"
        assert mode_of("memory_items") == "dual_write"
    assert mode_of("memory_items") == "legacy"


def test_a_block_ends_with_its_errors_too() -> None:
    with pytest.raises(KeyError), migration_mode("current"):
        raise KeyError
    assert mode_of("memory_items") == "legacy"


async def test_tasks_have_the_flags_of_where_they_were_started() -> None:
    async def task() -> MigrationMode:
        await asyncio.sleep(0)
        return mode_of("memory_items")

    with migration_mode("current"):
        started = asyncio.create_task(task())
    with migration_mode("dual_write"):
        assert await started == "current"
        assert set(await asyncio.gather(task(), task())) == {"dual_write"}


def test_threads_have_flags_of_their_own() -> None:
    seen: list[MigrationMode] = []
    with migration_mode("current"):
        thread = threading.Thread(target=lambda: seen.append(mode_of("memory_items")))
        thread.start()
        thread.join()
    assert seen == ["legacy"]


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        ({"mode": "dual"}, ["'dual'", "legacy, dual_write, shadow_read, current_read, current"]),
        ({"mode": None}, ["None"]),
        ({"mode": "current", "percentage": 100.5}, ["percentage", "100.5"]),
        ({"mode": "current", "percentage": -1}, ["percentage", "-1"]),
        ({"mode": "current", "percentage": float("nan")}, ["percentage", "nan"]),
        ({"mode": "current", "percentage": True}, ["percentage", "True"]),
        ({"mode": "current", "collections": ["memories"]}, ["'memories'", "'memory_items'"]),
    ],
)
def test_what_a_block_refuses(arguments: dict[str, Any], mentions: list[str]) -> None:
    with pytest.raises(ValidationError) as caught, migration_mode(**arguments):
        pass
    assert [each for each in mentions if each not in str(caught.value)] == []
    assert mode_of("memory_items") == "legacy"


@pytest.mark.parametrize(("before", "mode"), list(pairwise(MIGRATION_MODES)))
def test_a_share_of_the_users(before: MigrationMode, mode: MigrationMode) -> None:
    shares = [0.0, 0.5, 10, 50, 90, 100]
    chosen = [{user for user in USERS if Step(mode, share).for_writing(user) == mode} for share in shares]
    for fewer, more in pairwise(chosen):
        assert fewer <= more, "who has it keeps it"
    for share, users in zip(shares, chosen, strict=True):
        assert abs(len(users) / len(USERS) * 100 - share) < 5
    assert (len(chosen[0]), len(chosen[-1])) == (0, len(USERS))
    step = Step(mode, 50)
    assert {step.for_writing(user) for user in USERS} == {step.for_reading(user) for user in USERS} == {before, mode}


def test_the_same_users_everywhere() -> None:
    """Programs of all versions must choose the same ones, so this never changes."""
    chosen = [user for user in USERS[:40] if Step("current", 10).for_writing(user) == "current"]
    assert chosen == CHOSEN


CHOSEN = ["user 0", "user 20", "user 31", "user 38"]


def test_there_is_nothing_before_the_first_mode() -> None:
    assert {Step("legacy", 50).for_writing(user) for user in USERS} == {"legacy"}


@given(st.text() | st.none() | st.integers(), st.sampled_from(MIGRATION_MODES), st.floats(0, 100))
def test_one_who_is_unknown_sees_and_reaches_what_either_mode_has_written(
    user: object, mode: MigrationMode, percentage: float
) -> None:
    """Whoever it is: what their mode writes is read without knowing them, and they read what is written without."""
    step = Step(mode, percentage)
    own_mode, unknown_reads, unknown_writes = step.for_writing(user), step.for_reading(None), step.for_writing(None)
    assert side_read(unknown_reads) in sides_written(own_mode)
    assert sides_written(own_mode) <= sides_written(unknown_writes)
    assert side_read(unknown_reads) in sides_written(unknown_writes)


def side_read(mode: MigrationMode) -> str:
    return "current" if mode in ("current_read", "current") else "old"


def sides_written(mode: MigrationMode) -> set[str]:
    return {"legacy": {"old"}, "current": {"current"}}.get(mode, {"old", "current"})


SPLITS = [(mode, percentage) for mode in MIGRATION_MODES[1:] for percentage in (0, 30, 100)]


@pytest.mark.parametrize(("mode", "percentage"), SPLITS)
def test_reads_and_deletes_by_id_on_every_split(mode: MigrationMode, percentage: float) -> None:
    with MemoryClient.connect("memory:") as client, migration_mode(mode, percentage=percentage):
        manager = FirestoreMemoryManager.from_client(client)
        manager.initialize()
        for user in USERS[:20]:
            manager.save_record(a_record(user, context=user))
        for user in USERS[:20]:
            assert manager.get_record(user).context == user
            assert [record.record_id for record in manager.query_records({"context": user})] == [user]
        assert [manager.delete_record(user) for user in USERS[:20]] == [True] * 20
        assert [manager.delete_record(user) for user in USERS[:20]] == [False] * 20
        assert stored(client.backend, "memory_records") == stored(client.backend, "records") == {}


@pytest.mark.parametrize(("mode", "percentage"), SPLITS)
def test_deletes_by_id_reach_what_earlier_modes_have_written(mode: MigrationMode, percentage: float) -> None:
    with MemoryClient.connect("memory:") as client:
        manager = FirestoreMemoryManager.from_client(client)
        manager.initialize()
        with migration_mode("dual_write"):
            for user in USERS[:20]:
                manager.save_record(a_record(user, context=user))
        with migration_mode(mode, percentage=percentage):
            assert [manager.delete_record(user) for user in USERS[:20]] == [True] * 20
        assert stored(client.backend, "memory_records") == stored(client.backend, "records") == {}
