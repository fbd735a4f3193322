"""A program for the older asynchronous manager, written from the description of its interface alone.

It runs here with other imports and nothing else changed. It uses all of the interface, and fails where something is not
as described. Its argument is the project to work in.
"""
# mypy: ignore-errors
# The older modules are not there; only their names are.

import asyncio
import logging
import os
import sys
from datetime import UTC, datetime, timedelta, timezone

from google.cloud import firestore
from packages.shared.src.memory.memory_manager import MemoryManager
from packages.shared.src.models.base_models import AgentData, MemoryItem, PersonaConfig
from packages.shared.src.storage.firestore.firestore_memory import (
    AGENT_DATA_COLLECTION,
    MEMORY_ITEMS_COLLECTION,
    USER_SESSIONS_COLLECTION,
    FirestoreMemoryManager,
    StorageError,
    ValidationError,
)

DAY = datetime(2024, 3, 1, 12, 0, 0, 250)
NOT_READY = "Firestore client not initialized. Call initialize() first."


async def expect(kind, lead, awaitable):
    """Wait for something that fails in a known way."""
    try:
        result = await awaitable
    except kind as error:
        if str(error).startswith(lead):
            return error
        raise AssertionError(f"{error} does not start with {lead}") from error
    raise AssertionError(f"it returned {result!r}")


def expect_now(kind, lead, function, *args):
    """Call something that fails in a known way."""
    try:
        result = function(*args)
    except kind as error:
        if str(error).startswith(lead):
            return error
        raise AssertionError(f"{error} does not start with {lead}") from error
    raise AssertionError(f"it returned {result!r}")


def turn(number, **fields):
    given = {
        "id": f"t{number}",
        "user_id": "ann",
        "session_id": f"s{number % 2}",
        "item_type": "conversation",
        "timestamp": DAY + timedelta(minutes=number),
        "text_content": f"turn {number}",
    }
    return MemoryItem(**{**given, **fields})


def names():
    assert (MEMORY_ITEMS_COLLECTION, AGENT_DATA_COLLECTION) == ("memory_items", "agent_data")
    assert USER_SESSIONS_COLLECTION == "user_sessions"
    assert issubclass(StorageError, Exception)
    assert issubclass(ValidationError, Exception)
    assert not issubclass(ValidationError, StorageError)
    assert issubclass(FirestoreMemoryManager, MemoryManager)


async def life_of_a_manager(project):
    manager = FirestoreMemoryManager(project)
    assert manager._client is None
    assert manager._async_client is None
    assert manager._initialized is False
    assert manager._project_id == project
    for awaitable in (
        manager.add_memory_item(turn(1, user_id="")),
        manager.get_memory_item("t1"),
        manager.get_conversation_history("ann"),
        manager.semantic_search("ann", []),
        manager.add_raw_agent_data(AgentData(agent_id="", data_type="log", content=None)),
        manager.check_duplicate(turn(1)),
        manager.cleanup_expired_items(),
    ):
        await expect(RuntimeError, NOT_READY, awaitable)
    manager.close()
    manager.initialize()
    manager.initialize()
    assert isinstance(manager._client, firestore.Client)
    assert isinstance(manager._async_client, firestore.AsyncClient)
    assert manager._initialized is True
    manager.close()
    manager.close()
    await expect(RuntimeError, NOT_READY, manager.get_memory_item("t1"))
    manager.initialize()
    return manager


async def failed_initialization():
    for arguments in (
        {"credentials_json": "{ not json"},
        {"credentials_json": "{}"},
        {"credentials_path": "/nowhere/key.json"},
    ):
        manager = FirestoreMemoryManager("p", **arguments)
        expect_now(ConnectionError, "Failed to initialize Firestore: ", manager.initialize)
        assert manager._initialized is False
        health = await manager.health_check()
        assert health["status"] == "error"
        assert health["firestore"] is False
        assert "initialization_error" in health["details"]


async def one_item(manager):
    first = MemoryItem(user_id="ann", item_type="note", text_content="first")
    assert first.id is None
    item_id = await manager.add_memory_item(first)
    assert first.id == item_id
    found = await manager.get_memory_item(item_id)
    assert (found.id, found.user_id, found.item_type, found.text_content) == (item_id, "ann", "note", "first")
    assert (found.session_id, found.persona_active, found.embedding, found.expiration) == (None, None, None, None)
    assert found.metadata == {}
    metadata = {
        "n": 1,
        "x": {"y": [1, 2.0, None, {"z": True}]},
        "raw": b"\x00\xff",
        "tags": ("a", "b"),
        "when": DAY,
        "dotted.key": 1,
    }
    aware = datetime(2024, 3, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    whole = turn(1, metadata=metadata, embedding=[1, 2.5], persona_active="Cherry", timestamp=DAY, expiration=aware)
    assert await manager.add_memory_item(whole) == "t1"
    found = await manager.get_memory_item("t1")
    assert found.metadata == {**metadata, "tags": ["a", "b"], "when": DAY.replace(tzinfo=UTC)}
    assert found.embedding == [1.0, 2.5]
    assert found.timestamp == DAY.replace(tzinfo=UTC)
    assert found.timestamp.utcoffset() == timedelta(0)
    assert found.expiration == datetime(2024, 3, 1, 12, tzinfo=UTC)
    await manager.add_memory_item(turn(1))
    assert (await manager.get_memory_item("t1")).metadata == {}
    odd_id = "a b#?[]*`~.%2F"
    assert await manager.add_memory_item(turn(2, id=odd_id, user_id="odd")) == odd_id
    assert (await manager.get_memory_item(odd_id)).id == odd_id
    assert await manager.get_memory_item("nobody") is None
    assert await manager.get_memory_item(None) is None


async def failures_of_one_item(manager):
    refused = turn(1, user_id="")
    await expect(ValidationError, "user_id is required for memory items", manager.add_memory_item(refused))
    saving = "Unexpected error saving memory item: "
    await expect(StorageError, saving, manager.add_memory_item(turn(9, metadata={"what": object()})))
    await expect(StorageError, saving, manager.add_memory_item(turn(9, id="a/b")))
    lead = "Failed to save memory item to Firestore: "
    await expect(StorageError, lead, manager.add_memory_item(turn(9, id="__x__")))
    await expect(StorageError, lead, manager.add_memory_item(turn(9, metadata={"rows": [[1]]})))
    await expect(StorageError, "Failed to retrieve memory item  from Firestore: ", manager.get_memory_item(""))
    await expect(StorageError, "Failed to retrieve memory item __x__ from", manager.get_memory_item("__x__"))
    await expect(StorageError, "Unexpected error retrieving memory item: ", manager.get_memory_item("a/b"))
    await manager._async_client.collection(MEMORY_ITEMS_COLLECTION).document("broken").set({"user_id": "ann"})
    await expect(StorageError, "Unexpected error retrieving memory item: ", manager.get_memory_item("broken"))


async def histories(manager):
    for number in range(1, 7):
        item_type = "conversation" if number < 6 else "message"
        persona = "Cherry" if number % 3 else "Sophia"
        await manager.add_memory_item(turn(number, user_id="bob", persona_active=persona, item_type=item_type))

    async def ids(*args, **options):
        return [found.id for found in await manager.get_conversation_history(*args, **options)]

    assert await ids("bob") == ["t5", "t4", "t3", "t2", "t1"]
    assert await ids(user_id="bob", session_id="s1") == ["t5", "t3", "t1"]
    assert await ids("bob", "", 2) == ["t5", "t4"]
    assert await ids("bob", limit=0) == []
    assert await ids("bob", limit=None) == ["t5", "t4", "t3", "t2", "t1"]
    assert await ids("bob", filters={"persona_active": "Cherry"}) == ["t5", "t4", "t2", "t1"]
    assert await ids("bob", "s0", 1, {"persona_active": "Cherry"}) == ["t4"]
    assert await ids("bob", filters={"item_type": "message", "user_id": "x"}) == ["t5", "t4", "t3", "t2", "t1"]
    assert await ids("bob", filters={"metadata": {"start": 1}}) == []
    assert await ids("nobody") == []
    assert await ids(None) == []
    await expect(StorageError, "", manager.get_conversation_history("bob", limit=-1))
    for name in ("same-a", "same-c", "same-b"):
        await manager.add_memory_item(turn(1, id=name, user_id="tied"))
    assert await ids("tied") == ["same-c", "same-b", "same-a"]


async def searches(manager):
    embeddings = {"v0": [1.0, 0.0], "v1": [0.8, 0.6], "v2": [0.0, 1.0], "v3": [-1.0, 0.0], "v4": [0.0, 0.0]}
    for number, (name, embedding) in enumerate(embeddings.items()):
        persona = "Sophia" if number % 2 else "Cherry"
        item = turn(number, id=name, user_id="vic", item_type="knowledge", persona_active=persona, embedding=embedding)
        await manager.add_memory_item(item)
    await manager.add_memory_item(turn(0, id="other", user_id="vic", embedding=[1.0, 0.0, 0.0]))
    await manager.add_memory_item(turn(0, id="none", user_id="vic", embedding=[]))

    async def ids(*args, **options):
        return [found.id for found in await manager.semantic_search(*args, **options)]

    assert await ids("vic", [1.0, 0.0]) == ["v0", "v1", "v2", "v4", "v3"]
    assert await ids("vic", [1.0, 0.0], top_k=2) == ["v0", "v1"]
    assert await ids("vic", [2, 0], None, 1) == ["v0"]
    assert await ids("vic", [1.0, 0.0], top_k=0) == []
    assert await ids("vic", [1.0, 0.0], top_k=-4) == ["v0"]
    assert await ids("vic", [1.0, 0.0, 0.0]) == ["other"]
    sophia = PersonaConfig(name="Sophia", description="somebody", traits={"calm": 1})
    assert await ids(user_id="vic", query_embedding=[1.0, 0.0], persona_context=sophia) == ["v1", "v3"]
    nobody = PersonaConfig(name="", description="")
    assert len(await ids("vic", [1.0, 0.0], nobody)) == 5
    assert await ids("nobody", [1.0, 0.0]) == []
    empty = "Query embedding cannot be empty"
    await expect(ValidationError, empty, manager.semantic_search("vic", []))


async def agent_data(manager):
    data = AgentData(agent_id="scraper", data_type="page", content={"n": [1, None, 2.5, {"z": True}]})
    assert data.id is None
    data_id = await manager.add_raw_agent_data(data)
    assert data.id == data_id
    stored = (await manager._async_client.collection(AGENT_DATA_COLLECTION).document(data_id).get()).to_dict()
    assert stored.keys() == {"id", "agent_id", "timestamp", "data_type", "content", "metadata", "expiration"}
    assert stored["content"] == {"n": [1, None, 2.5, {"z": True}]}
    for content in (None, "text", 3.5):
        await manager.add_raw_agent_data(AgentData(agent_id="a", data_type="log", content=content))
    missing = AgentData(agent_id="", data_type="log", content=1)
    await expect(ValidationError, "agent_id is required for agent data", manager.add_raw_agent_data(missing))
    unstorable = AgentData(agent_id="a", data_type="log", content=object())
    await expect(StorageError, "Unexpected error saving agent data: ", manager.add_raw_agent_data(unstorable))
    nested = AgentData(agent_id="a", data_type="log", content=[[1]])
    await expect(StorageError, "Failed to save agent data to Firestore: ", manager.add_raw_agent_data(nested))


async def duplicates_and_expiry(manager):
    await manager.add_memory_item(turn(1, user_id="dora", text_content="Hello"))
    assert await manager.check_duplicate(turn(7, user_id="dora", text_content="Hello", item_type="x")) is True
    assert await manager.check_duplicate(turn(7, user_id="dora", text_content="hello")) is False
    assert await manager.check_duplicate(turn(7, user_id="eve", text_content="Hello")) is False
    assert await manager.check_duplicate(turn(7, user_id="dora", text_content=None)) is False
    assert await manager.check_duplicate(turn(7, user_id="dora", text_content="")) is False
    await manager.cleanup_expired_items()
    for number in range(3):
        await manager.add_memory_item(turn(number, id=f"x{number}", expiration=DAY))
    await manager.add_memory_item(turn(4, id="x4", expiration=datetime.now(UTC) + timedelta(days=1)))
    assert await manager.cleanup_expired_items() == 3
    assert await manager.cleanup_expired_items() == 0
    assert await manager.get_memory_item("x0") is None
    assert (await manager.get_memory_item("x4")).id == "x4"


async def health(project, manager):
    healthy = {"status": "healthy", "firestore": True, "error_count": 0, "details": {}}
    assert await manager.health_check() == healthy
    fresh = FirestoreMemoryManager(project_id=project)
    assert (await fresh.health_check())["status"] == "healthy"
    assert fresh._initialized is True
    fresh.close()


async def many_at_once(manager):
    items = [MemoryItem(user_id="many", item_type="conversation") for _ in range(50)]
    assert len(set(await asyncio.gather(*map(manager.add_memory_item, items)))) == 50


async def main(project):
    logging.basicConfig(level=logging.ERROR)
    os.environ.pop("GOOGLE_APPLICATION_CREDENTIALS", None)
    names()
    manager = await life_of_a_manager(project)
    await failed_initialization()
    await one_item(manager)
    await failures_of_one_item(manager)
    await histories(manager)
    await searches(manager)
    await agent_data(manager)
    await duplicates_and_expiry(manager)
    await health(project, manager)
    await many_at_once(manager)
    manager.close()
    print("everything is as described")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
