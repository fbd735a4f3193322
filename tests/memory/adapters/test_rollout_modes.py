"""Which side each mode reads and writes, of each of the older managers; in one database, both at once or neither."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import pytest

from firestore_memory import AsyncMemoryClient, MemoryClient
from firestore_memory.adapters import legacy_async, legacy_sync
from firestore_memory.adapters.legacy_adapter import FirestoreMemoryAdapter
from firestore_memory.adapters.legacy_storage import StorageError
from firestore_memory.adapters.rollout import MigrationMode, migration_mode
from firestore_runtime._sync.untyped import UntypedCollection
from firestore_runtime.options import Options
from firestore_runtime.rollout._async.outbox import OUTBOX
from tests.memory.adapters.managers import DRIVERS, Driver
from tests.memory.adapters.rollouts import (
    MODES,
    READING_CURRENT,
    READING_OLD,
    Watched,
    a_record,
    agent_data,
    an_item,
    stored,
)

WRITES: Mapping[str, tuple[bool, bool]] = {
    "legacy": (True, False),
    "dual_write": (True, True),
    "shadow_read": (True, True),
    "current_read": (True, True),
    "current": (False, True),
}
"""Whether the older documents are written, and whether the current ones are."""

each_mode = pytest.mark.parametrize("mode", MODES)
each_manager = pytest.mark.parametrize("name", DRIVERS)
each_cleaning_manager = pytest.mark.parametrize("name", ["legacy_adapter", "legacy_async"])


class Managed:
    """A manager in a store that is watched."""

    def __init__(self, kind: type[Driver], backend: object, client: MemoryClient) -> None:
        self.driver = kind(backend)
        self.watched = self.driver.watched
        self.client = client

    def texts(self) -> tuple[dict[str, str], dict[str, str]]:
        """The texts that are stored by their ids: in the older documents, and in the current ones."""
        kind = self.driver
        old = stored(self.client.backend, kind.old_path)
        current = stored(self.client.backend, kind.current_path)
        return (
            {each: data[kind.old_key] for each, data in old.items()},
            {each: data[kind.current_key] for each, data in current.items()},
        )

    def change(self, path: str, document_id: str, **fields: object) -> None:
        """Change fields of a document behind the manager's back."""
        collection = UntypedCollection(self.client.backend, path, Options())
        document = collection.get(document_id)
        assert document is not None
        collection.set(document_id, {**document.data, **fields})


@pytest.fixture
async def managed(name: str, client: MemoryClient, async_client: AsyncMemoryClient) -> AsyncIterator[Managed]:
    kind = DRIVERS[name]
    managed = Managed(kind, async_client.backend if kind.is_async else client.backend, client)
    await managed.driver.initialize()
    yield managed
    assert stored(client.backend, OUTBOX) == {}, "one store needs no outbox"


@each_manager
@each_mode
async def test_what_is_written(name: str, mode: MigrationMode, managed: Managed) -> None:
    with migration_mode(mode):
        await managed.driver.save("x", "first")
        await managed.driver.save("x", "hello")
    with_old, with_current = WRITES[mode]
    assert managed.texts() == ({"x": "hello"} if with_old else {}, {"x": "hello"} if with_current else {})


@each_manager
@each_mode
async def test_what_is_read(name: str, mode: MigrationMode, managed: Managed) -> None:
    driver = managed.driver
    with migration_mode("dual_write"):
        await driver.save("x", "old")
    managed.change(driver.current_path, "x", **{driver.current_key: "new", "content_hash": None})
    text = "old" if mode in READING_OLD else "new"
    with migration_mode(mode):
        assert await driver.get("x") == text
        assert await driver.get("y") is None
        assert await driver.history() == [("x", text)]
        assert await driver.search() == [("x", text)]


@each_manager
@each_mode
async def test_duplicates(name: str, mode: MigrationMode, managed: Managed) -> None:
    with migration_mode(mode):
        await managed.driver.save("x", "hello")
        long = "ä" * 1_000
        await managed.driver.save("y", long)
        found = [await managed.driver.has(text) for text in ("hello", long, "other", "ä" * 999)]
        assert found == [True, True, False, False]
        assert not await managed.driver.has("hello", "bob")


@each_manager
@each_mode
async def test_both_shapes_are_one_commit(name: str, mode: MigrationMode, managed: Managed) -> None:
    with migration_mode(mode):
        await managed.driver.save("x", "hello")
    paths = [managed.driver.old_path, managed.driver.current_path]
    expected = [f"{path}/x" for path, is_written in zip(paths, WRITES[mode], strict=True) if is_written]
    assert managed.watched.commits() == [expected]


@each_manager
async def test_neither_shape_is_written_if_one_cannot_be(name: str, managed: Managed) -> None:
    managed.watched.hook = spoil_the_last_write
    with migration_mode("dual_write"), pytest.raises(StorageError):
        await managed.driver.save("x", "hello")
    assert managed.texts() == ({}, {})


def spoil_the_last_write(name: str, request: Any) -> None:
    if name == "commit":
        request.writes[-1].current_document.exists = True


@each_cleaning_manager
@each_mode
async def test_what_has_expired(name: str, mode: MigrationMode, managed: Managed) -> None:
    driver = managed.driver
    with migration_mode("dual_write"):
        for number in range(3):
            await driver.save(f"gone {number}", "hello", expired=True)
        await driver.save("stays", "hello")
    managed.watched.calls.clear()
    with migration_mode(mode):
        assert await driver.clean_up() == 3
        assert await driver.clean_up() == 0
    gone = {f"gone {number}": "hello" for number in range(3)}
    assert managed.texts() == ({"stays": "hello"}, {"stays": "hello"} | (gone if mode == "legacy" else {}))
    assert len(managed.watched.commits()) == 1, "both shapes at once"


@each_cleaning_manager
@each_mode
async def test_what_is_written_again_while_it_is_cleaned_up(name: str, mode: MigrationMode, managed: Managed) -> None:
    driver = managed.driver
    with migration_mode(mode):
        await driver.save("gone", "hello", expired=True)
        await driver.save("again", "hello", expired=True)
        is_first = True

        async def write_again(procedure: str, request: Any) -> None:
            nonlocal is_first
            if is_first:
                is_first = False
                await driver.save("again", "fresh")

        managed.watched.hook = lambda procedure, request: (
            write_again(procedure, request) if procedure == "commit" and is_first else None
        )
        assert await driver.clean_up() == 1
    with_old, with_current = WRITES[mode]
    fresh = {"again": "fresh"}
    assert managed.texts() == (fresh if with_old else {}, fresh if with_current else {})


@each_cleaning_manager
@pytest.mark.parametrize("mode", [mode for mode in MODES if WRITES[mode] == (True, True)])
async def test_what_expires_between_looking_at_both_sides(name: str, mode: MigrationMode, managed: Managed) -> None:
    """Found on the second side only, but not alone there: deleting one shape would leave a difference."""
    driver = managed.driver
    with migration_mode(mode):
        await driver.save("gone", "hello", expired=True)
        is_first = True

        async def write_another(procedure: str, request: Any) -> None:
            nonlocal is_first
            is_first = False
            await driver.save("late", "hello", expired=True)

        managed.watched.hook = lambda procedure, request: (
            write_another(procedure, request) if procedure == "commit" and is_first else None
        )
        assert await driver.clean_up() == 1
        assert managed.texts() == ({"late": "hello"}, {"late": "hello"})
        assert await driver.clean_up() == 1
        assert managed.texts() == ({}, {})


@each_mode
@pytest.mark.parametrize("name", ["legacy_sync"])
async def test_deleting(name: str, mode: MigrationMode, managed: Managed) -> None:
    manager = managed.driver.manager
    with migration_mode("dual_write"):
        await managed.driver.save("x", "hello")
    managed.watched.calls.clear()
    with migration_mode(mode):
        assert [manager.delete_record("x"), manager.delete_record("x")] == [True, False]
    left = {"x": "hello"} if mode == "legacy" else {}
    assert managed.texts() == ({}, left), "no way back may bring it back"
    assert len(managed.watched.commits()) == 1


@each_mode
def test_batches(mode: MigrationMode, client: MemoryClient) -> None:
    watched = Watched(client.backend)
    manager = legacy_sync.FirestoreMemoryManager.from_client(MemoryClient(cast("Any", watched)))
    manager.initialize()
    with migration_mode(mode):
        assert manager.batch_save_records([a_record(f"r{number:03}") for number in range(450)]) == 450
    with_old, with_current = WRITES[mode]
    assert len(stored(client.backend, "memory_records")) == (450 if with_old else 0)
    assert client.memory_records.all().count() == (450 if with_current else 0)
    sizes = [len(paths) for paths in watched.commits()]
    assert sizes == ([400, 400, 100] if with_old and with_current else [400, 50])


@each_mode
def test_records_of_other_collections_stay_there(mode: MigrationMode, client: MemoryClient) -> None:
    manager = legacy_sync.FirestoreMemoryManager.from_client(client)
    manager.initialize()
    with migration_mode(mode):
        manager.save_record(a_record(), "mine")
        assert manager.get_record("x", "mine").content == "hello"
        assert [record.record_id for record in manager.query_records({"context": "ada"}, "mine")] == ["x"]
        assert manager.delete_record("x", "mine")
    assert stored(client.backend, "records") == {}


@each_mode
def test_records_further_down_stay_there(mode: MigrationMode, client: MemoryClient) -> None:
    UntypedCollection(client.backend, "memory_records/a/b", Options()).set("c", a_record("a/b/c").model_dump())
    manager = legacy_sync.FirestoreMemoryManager.from_client(client)
    manager.initialize()
    with migration_mode(mode):
        assert manager.get_record("a/b/c").content == "hello"
        assert [manager.delete_record("a/b/c"), manager.delete_record("a/b/c")] == [True, False]


@each_mode
async def test_data_of_agents(mode: MigrationMode, client: MemoryClient, async_client: AsyncMemoryClient) -> None:
    adapter = FirestoreMemoryAdapter.from_client(async_client)
    await adapter.initialize()
    manager = legacy_async.FirestoreMemoryManager.from_client(async_client)
    await manager.initialize()
    with migration_mode(mode):
        await adapter.add_raw_agent_data(agent_data("of the adapter", {"a": 1}))
        await manager.add_raw_agent_data(agent_data("of the manager", {"a": 1}))
    with_old, with_current = WRITES[mode]
    assert len(stored(client.backend, "agent_data")) == (2 if with_old else 0)
    current = client.agent_data.all().list()
    assert [(each.id, each.content, each.agent_id) for each in current] == (
        [("of the adapter", {"a": 1}, "bot"), ("of the manager", {"a": 1}, "bot")] if with_current else []
    )


@each_mode
async def test_separate_namespaces(mode: MigrationMode, client: MemoryClient, async_client: AsyncMemoryClient) -> None:
    adapters = [FirestoreMemoryAdapter.from_client(async_client, name, separate_namespaces=True) for name in ("a", "b")]
    with migration_mode(mode):
        for adapter in adapters:
            await adapter.initialize()
            await adapter.add_memory_item(an_item("x", f"of {adapter.namespace}"))
        found = [await adapter.get_memory_item("x") for adapter in adapters]
    assert [item and item.text_content for item in found] == ["of a", "of b"]
    with_old, with_current = WRITES[mode]
    assert len(stored(client.backend, "namespaces/a/memory_records")) == (1 if with_old else 0)
    assert len(stored(client.backend, "namespaces/b/memories")) == (1 if with_current else 0)


@pytest.mark.parametrize("mode", READING_CURRENT)
async def test_current_documents_that_do_not_fit_are_left_out(
    mode: MigrationMode, client: MemoryClient, async_client: AsyncMemoryClient
) -> None:
    adapter = FirestoreMemoryAdapter.from_client(async_client)
    await adapter.initialize()
    with migration_mode(mode):
        for item_id in ("x", "y"):
            await adapter.add_memory_item(an_item(item_id))
        broken = UntypedCollection(client.backend, "memories", Options())
        broken.set("y", {"user_id": "ada", "item_type": "t", "metadata": None, "timestamp": an_item().timestamp})
        assert [item.id for item in await adapter.get_conversation_history("ada")] == ["x"]
        assert await adapter.get_memory_item("y") is None


async def test_options_that_older_documents_have_do_not_matter_to_current_ones(
    client: MemoryClient, async_client: AsyncMemoryClient
) -> None:
    """Whether embeddings are stored as arrays, or which items histories have, is up to the manager as before."""
    manager = legacy_async.FirestoreMemoryManager.from_client(async_client, history_item_type=None)
    await manager.initialize()
    with migration_mode("current_read"):
        await manager.add_memory_item(an_item("x", item_type="note", embedding=[1.0, 2.0]))
        assert [item.id for item in await manager.get_conversation_history("ada")] == ["x"]
    assert type(stored(client.backend, "memory_items")["x"]["embedding"]) is list
    assert type(stored(client.backend, "memories")["x"]["embedding"]).__name__ == "Vector"
