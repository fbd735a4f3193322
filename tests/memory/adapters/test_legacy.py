"""What the older managers share: the abstract interface, its models, and the manager that keeps all in memory."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pydantic
import pytest

import firestore_memory
from firestore_memory.adapters import legacy
from firestore_memory.adapters.legacy import (
    AgentData,
    InMemoryMemoryManager,
    MemoryHealth,
    MemoryItem,
    MemoryManager,
    PersonaConfig,
)

NOW = datetime.now(UTC)
MODULES = ["legacy", "legacy_async", "legacy_storage", "legacy_sync"]
SIGNATURES = {
    "initialize": "(self)",
    "close": "(self)",
    "add_memory_item": "(self, item)",
    "get_memory_item": "(self, item_id)",
    "get_conversation_history": "(self, user_id, session_id=None, limit=20, filters=None)",
    "semantic_search": "(self, user_id, query_embedding, persona_context=None, top_k=5)",
    "add_raw_agent_data": "(self, data)",
    "check_duplicate": "(self, item)",
    "cleanup_expired_items": "(self)",
    "health_check": "(self)",
}


def item(item_id: str | None = None, **fields: object) -> MemoryItem:
    return MemoryItem.model_validate({"id": item_id, "user_id": "u", "item_type": "message", **fields})


@pytest.fixture
async def manager() -> AsyncIterator[InMemoryMemoryManager]:
    manager = InMemoryMemoryManager()
    await manager.initialize()
    yield manager
    await manager.close()


# The interface


def test_the_interface_has_ten_coroutines_and_nothing_else() -> None:
    assert MemoryManager.__abstractmethods__ == SIGNATURES.keys()
    for kind in (MemoryManager, InMemoryMemoryManager):
        for name, expected in SIGNATURES.items():
            method = getattr(kind, name)
            given = inspect.signature(method)
            bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in given.parameters.values()]
            assert str(inspect.Signature(bare)) == expected
            assert asyncio.iscoroutinefunction(method)
    with pytest.raises(TypeError, match="abstract"):
        MemoryManager()  # type: ignore[abstract]  # that is what is tested


def test_health_is_a_dictionary() -> None:
    assert MemoryHealth.__required_keys__ == set()
    assert MemoryHealth.__optional_keys__ == {"status", "firestore", "redis", "error_count", "last_error", "details"}


def test_its_names_are_there() -> None:
    assert legacy.MEMORY_RECORDS_COLLECTION == "memory_records"
    assert legacy.MEMORY_ITEMS_COLLECTION == "memory_items"
    assert legacy.AGENT_DATA_COLLECTION == "agent_data"
    assert legacy.USER_SESSIONS_COLLECTION == "user_sessions"
    assert legacy.InMemoryMemoryManagerStub is InMemoryMemoryManager
    assert all(hasattr(legacy, name) for name in legacy.__all__)


@pytest.mark.parametrize("order", list(itertools.permutations(MODULES, 2)), ids="-".join)
def test_b35_modules_may_be_imported_in_any_order(order: tuple[str, ...]) -> None:
    code = "; ".join(f"import firestore_memory.adapters.{name}" for name in order)
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


# The models


def test_models_have_the_defaults_of_the_older_ones() -> None:
    minimal = MemoryItem(user_id="u", item_type="t")
    given = minimal.model_dump(exclude={"timestamp"})
    assert given == {
        "id": None,
        "user_id": "u",
        "session_id": None,
        "item_type": "t",
        "persona_active": None,
        "text_content": None,
        "embedding": None,
        "metadata": {},
        "expiration": None,
    }
    data = AgentData(id=None, agent_id="a", data_type="", content=None).model_dump(exclude={"timestamp"})
    assert data == {
        "id": None,
        "agent_id": "a",
        "data_type": "",
        "content": None,
        "metadata": {},
        "expiration": None,
    }
    assert list(MemoryItem.model_fields) == [*list(given)[:3], "timestamp", *list(given)[3:]]
    persona = PersonaConfig(name="", description="d")
    assert persona.model_dump() == {
        "name": "",
        "description": "d",
        "traits": {},
        "prompt_template": None,
        "metadata": {},
    }


def test_models_check_what_the_older_ones_checked() -> None:
    refused: list[dict[str, Any]] = [{"user_id": 1, "item_type": "t"}, {"user_id": "u"}, {"item_type": "t"}]
    for given in refused:
        with pytest.raises(pydantic.ValidationError):
            MemoryItem(**given)
    with pytest.raises(ValueError, match="content"):
        AgentData(agent_id="a", data_type="t")  # type: ignore[call-arg]  # that is what is tested
    lax: Any = {"embedding": [1, "2.5"], "unknown": 1, "timestamp": "2024-01-02T03:04:05"}
    made = item(**lax)
    assert made.embedding == [1.0, 2.5]
    assert made.timestamp == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_they_are_models_of_this_package() -> None:
    assert issubclass(MemoryItem, firestore_memory.MemoryItem)
    assert issubclass(AgentData, firestore_memory.AgentData)
    assert legacy.MemoryRecord is firestore_memory.MemoryRecord


def test_b1_each_has_a_time_of_its_own() -> None:
    assert item().timestamp < item().timestamp


# In memory


async def test_it_keeps_items(manager: InMemoryMemoryManager) -> None:
    given = item(text_content="t", metadata={"n": [1, {"x": None}]}, embedding=[1.0])
    item_id = await manager.add_memory_item(given)
    assert item_id.startswith("memory_")
    assert len(item_id) == len("memory_") + 32
    assert given.id is None
    found = await manager.get_memory_item(item_id)
    assert found == given.model_copy(update={"id": item_id})
    assert await manager.add_memory_item(item("own")) == "own"
    assert await manager.get_memory_item("nobody") is None
    assert [each.id for each in manager.memory_items] == [item_id, "own"]
    assert isinstance(manager.memory_items, list)
    assert manager.namespace == "default"
    assert InMemoryMemoryManager("tenant").namespace == "tenant"
    assert InMemoryMemoryManager(namespace="tenant").memory_items == []


async def test_the_first_of_several_with_an_id_is_found(manager: InMemoryMemoryManager) -> None:
    await manager.add_memory_item(item("a", text_content="first"))
    await manager.add_memory_item(item("a", text_content="second"))
    found = await manager.get_memory_item("a")
    assert found is not None
    assert found.text_content == "first"
    assert [each.text_content for each in manager.memory_items] == ["first", "second"]


async def test_what_is_kept_is_a_copy(manager: InMemoryMemoryManager) -> None:
    given = item("a", metadata={"n": 1})
    await manager.add_memory_item(given)
    given.metadata["n"] = 2
    found = await manager.get_memory_item("a")
    assert found is not None
    assert found.metadata == {"n": 1}


async def test_no_two_managers_share_anything(manager: InMemoryMemoryManager) -> None:
    other = InMemoryMemoryManager()
    await other.initialize()
    await manager.add_memory_item(item("a"))
    assert await other.get_memory_item("a") is None
    await other.close()


async def test_a_history_is_newest_first(manager: InMemoryMemoryManager) -> None:
    for at, (name, session) in enumerate([("a", "s"), ("b", "r"), ("c", "s"), ("d", "s")]):
        when = NOW + timedelta(minutes=min(at, 2))
        await manager.add_memory_item(item(name, session_id=session, timestamp=when, item_type="t" * at))
    await manager.add_memory_item(item("elsewhere", user_id="v"))

    async def ids(*arguments: Any, **options: Any) -> list[str | None]:
        return [each.id for each in await manager.get_conversation_history(*arguments, **options)]

    assert await ids("u") == ["c", "d", "b", "a"]
    assert await ids("u", "s") == ["c", "d", "a"]
    assert await ids("u", "s", 1) == ["c"]
    assert await ids("u", limit=0) == []
    assert await ids("u", limit=None) == ["c", "d", "b", "a"]
    assert await ids("u", limit=-1) == ["c", "d", "b"]
    assert await ids("u", filters={"item_type": "nothing"}) == ["c", "d", "b", "a"]
    assert await ids("nobody") == []
    assert await ids(None, None, limit=10) == []


async def test_it_keeps_agent_data(manager: InMemoryMemoryManager) -> None:
    data = AgentData(agent_id="a", data_type="t", content={"n": [1, None]})
    data_id = await manager.add_raw_agent_data(data)
    assert data_id.startswith("agent_data_")
    assert data.id is None
    assert await manager.add_raw_agent_data(data.model_copy(update={"id": "own"})) == "own"
    assert [(each.id, each.content) for each in manager.agent_data] == [
        (data_id, {"n": [1, None]}),
        ("own", {"n": [1, None]}),
    ]


async def test_it_does_not_search_by_meaning(manager: InMemoryMemoryManager) -> None:
    await manager.add_memory_item(item(embedding=[1.0]))
    assert await manager.semantic_search("u", [1.0]) == []
    assert await InMemoryMemoryManager().semantic_search("u", []) == []


async def test_duplicates_are_told_by_a_hash_that_comes_with_them(manager: InMemoryMemoryManager) -> None:
    await manager.add_memory_item(item(metadata={"content_hash": "h"}))
    assert manager.hashes == {"h"}
    assert await manager.check_duplicate(item(user_id="v", metadata={"content_hash": "h"})) is True
    assert await manager.check_duplicate(item(metadata={"content_hash": "other"})) is False
    assert await manager.check_duplicate(item(metadata={})) is False
    assert await InMemoryMemoryManager().check_duplicate(item(metadata={"content_hash": "h"})) is False


async def test_b35_what_has_expired_is_deleted_whatever_its_offset(manager: InMemoryMemoryManager) -> None:
    past = NOW - timedelta(seconds=1)
    naive = item("naive")
    naive.expiration = past.replace(tzinfo=None)
    await manager.add_memory_item(naive)
    await manager.add_memory_item(item("aware", expiration=past))
    await manager.add_memory_item(item("later", expiration=NOW + timedelta(days=1)))
    await manager.add_memory_item(item("never"))
    await manager.add_raw_agent_data(AgentData(agent_id="a", data_type="t", content=1, expiration=past))
    await manager.add_raw_agent_data(AgentData(id="never", agent_id="a", data_type="t", content=1))
    assert await manager.cleanup_expired_items() == 2
    assert [each.id for each in manager.memory_items] == ["later", "never"]
    assert [each.id for each in manager.agent_data] == ["never"]
    assert await manager.cleanup_expired_items() == 0


async def test_its_health_tells_how_much_there_is(manager: InMemoryMemoryManager) -> None:
    await manager.add_memory_item(item())
    expected = {"status": "healthy", "firestore": False, "redis": False, "error_count": 0}
    details = {"provider": "in_memory", "items_count": 1, "agent_data_count": 0}
    assert await manager.health_check() == {**expected, "details": details}
    unused = await InMemoryMemoryManager().health_check()
    assert unused == {**expected, "details": {**details, "items_count": 0}}


async def test_closing_forgets_everything(manager: InMemoryMemoryManager) -> None:
    await manager.add_memory_item(item("a", metadata={"content_hash": "h"}))
    await manager.initialize()
    assert len(manager.memory_items) == 1
    await manager.close()
    await manager.close()
    assert manager._is_initialized is False
    assert (manager.memory_items, manager.agent_data, manager.hashes) == ([], [], set())
    await manager.initialize()
    assert manager._is_initialized is True
    assert await manager.get_memory_item("a") is None


async def test_it_wants_to_be_initialised() -> None:
    manager = InMemoryMemoryManager()
    calls: list[Any] = [
        manager.add_memory_item(item()),
        manager.get_memory_item("a"),
        manager.get_conversation_history("u"),
        manager.add_raw_agent_data(AgentData(agent_id="a", data_type="t", content=1)),
        manager.cleanup_expired_items(),
    ]
    for call in calls:
        with pytest.raises(RuntimeError, match=r"^Memory manager is not initialized$"):
            await call
    assert await manager.check_duplicate(item()) is False


def test_it_works_in_several_event_loops() -> None:
    manager = InMemoryMemoryManager()
    asyncio.run(manager.initialize())
    asyncio.run(manager.add_memory_item(item("a")))
    assert [each.id for each in asyncio.run(manager.get_conversation_history("u"))] == ["a"]
    asyncio.run(manager.close())


@pytest.mark.usefixtures("warnings_on")
def test_it_warns() -> None:
    with pytest.warns(DeprecationWarning, match="InMemoryMemoryManager is the older interface"):
        manager = InMemoryMemoryManager()
    with pytest.warns(DeprecationWarning, match="get_memory_item is part of the older interface"):
        manager.get_memory_item("a").close()
