"""A program for the older adapter of records, written from the description of its interface alone.

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

from future.firestore_memory_manager import FirestoreMemoryManager
from google.cloud import firestore
from packages.shared.src.memory.firestore_adapter import FirestoreMemoryAdapter
from packages.shared.src.memory.memory_manager import MemoryManager
from packages.shared.src.models.base_models import AgentData, MemoryItem, PersonaConfig

DAY = datetime(2024, 3, 1, 12, 0, 0, 250)
NOT_READY = "Memory manager is not initialized"


async def expect(kind, lead, awaitable):
    """Wait for something that fails in a known way."""
    try:
        result = await awaitable
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


async def life_of_an_adapter(project):
    adapter = FirestoreMemoryAdapter(project, namespace="tenant")
    assert isinstance(adapter, MemoryManager)
    assert isinstance(adapter.firestore_manager, FirestoreMemoryManager)
    assert adapter.firestore_manager._client is None
    assert adapter.firestore_manager._project_id == project
    assert (adapter.namespace, adapter._is_initialized) == ("tenant", False)
    assert FirestoreMemoryAdapter(project_id=project, credentials_path=None).namespace == "default"
    for awaitable in (
        adapter.add_memory_item(turn(1)),
        adapter.get_memory_item("t1"),
        adapter.get_conversation_history("ann"),
        adapter.add_raw_agent_data(AgentData(agent_id="a", data_type="log", content=None)),
        adapter.cleanup_expired_items(),
    ):
        await expect(RuntimeError, NOT_READY, awaitable)
    assert await adapter.check_duplicate(turn(1)) is False
    hashed = turn(1, metadata={"content_hash": "h"})
    not_ready = "Firestore client not initialized. Call initialize() first."
    await expect(RuntimeError, not_ready, adapter.check_duplicate(hashed))
    await adapter.close()
    assert await adapter.initialize() is None
    await adapter.initialize()
    assert adapter._is_initialized is True
    assert isinstance(adapter.firestore_manager._client, firestore.Client)
    await adapter.close()
    await adapter.close()
    assert adapter._is_initialized is False
    await expect(RuntimeError, NOT_READY, adapter.get_memory_item("t1"))
    await adapter.initialize()
    return adapter


async def failed_initialization():
    for arguments in (
        {"credentials_json": "{ not json"},
        {"credentials_json": "{}"},
        {"credentials_path": "/nowhere/key.json"},
    ):
        adapter = FirestoreMemoryAdapter("p", **arguments)
        error = await expect(ConnectionError, "Failed to initialize Firestore: ", adapter.initialize())
        assert adapter._is_initialized is False
        health = await adapter.health_check()
        assert (health["status"], health["firestore"], health["redis"]) == ("error", False, False)
        assert (health["error_count"], health["details"]) == (1, {"message": f"Failed to initialize: {error}"})
        assert health["last_error"]


async def one_item(adapter):
    first = MemoryItem(user_id="ann", item_type="note", text_content="first")
    item_id = await adapter.add_memory_item(first)
    assert item_id.startswith("memory_2")
    assert first.id is None
    found = await adapter.get_memory_item(item_id)
    assert (found.id, found.user_id, found.item_type, found.text_content) == (item_id, "ann", "note", "first")
    assert (found.session_id, found.persona_active, found.embedding, found.expiration) == (None, "default", None, None)
    assert found.metadata == {"record_type": "memory_item"}
    metadata = {"n": 1, "x": {"y": [1, 2.0, None, {"z": True}]}, "raw": b"\x00\xff", "tags": ("a", "b"), "when": DAY}
    aware = datetime(2024, 3, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    assert await adapter.add_memory_item(turn(1, metadata=metadata, persona_active="Cherry", timestamp=aware)) == "t1"
    found = await adapter.get_memory_item("t1")
    expected = {**metadata, "tags": ["a", "b"], "when": DAY.replace(tzinfo=UTC), "record_type": "memory_item"}
    assert found.metadata == expected
    assert (found.session_id, found.persona_active) == ("s1", "Cherry")
    assert found.timestamp == datetime(2024, 3, 1, 12, tzinfo=UTC)
    assert found.timestamp.utcoffset() == timedelta(0)
    assert await adapter.add_memory_item(turn(1, user_id="", text_content=None, metadata={})) == "t1"
    found = await adapter.get_memory_item("t1")
    assert (found.user_id, found.text_content, found.metadata) == ("", "", {"record_type": "memory_item"})
    for item_id in ("nobody", "", "a/b", "__x__", None):
        assert await adapter.get_memory_item(item_id) is None
    unstorable = turn(2, metadata={"what": object()})
    await expect(RuntimeError, "Unexpected error saving record: ", adapter.add_memory_item(unstorable))
    nested = turn(2, metadata={"rows": [[1]]})
    await expect(RuntimeError, "Failed to save record t2 to Firestore: ", adapter.add_memory_item(nested))


async def histories(adapter):
    for number in range(10, 16):
        fields = {"persona_active": "Cherry", "metadata": {"n": number, "odd": bool(number % 2)}}
        await adapter.add_memory_item(turn(number, user_id="bob", item_type=f"type{number % 3}", **fields))
    await adapter.add_memory_item(turn(16, user_id="eve"))

    async def ids(*args, **options):
        return [found.id for found in await adapter.get_conversation_history(*args, **options)]

    everything = ["t15", "t14", "t13", "t12", "t11", "t10"]
    assert await ids("bob") == everything
    assert await ids(user_id="bob", limit=2) == everything[:2]
    assert await ids("bob", "s1") == ["t15", "t13", "t11"]
    assert await ids("bob", session_id="s1", limit=1) == ["t15"]
    assert await ids("bob", "", 3) == everything[:3]
    assert await ids("bob", None, 0) == []
    assert await ids("bob", limit=None) == everything
    assert await ids("bob", limit=-4) == everything[:2]
    assert await ids("bob", filters={"odd": True}) == ["t15", "t13", "t11"]
    assert await ids("bob", filters={"n": 12.0}) == ["t12"]
    assert await ids("bob", filters={"item_type": "type0"}) == ["t15", "t12"]
    assert await ids("bob", "s1", filters={"session_id": "s0"}) == ["t14", "t12", "t10"]
    assert await ids("nobody") == []
    assert await ids(None) == []
    await expect(
        RuntimeError, "Unexpected error querying records: ", adapter.get_conversation_history("bob", filters={"a b": 1})
    )
    for number in (3, 1, 2):
        await adapter.add_memory_item(turn(number, user_id="ties", timestamp=DAY))
    assert await ids("ties") == ["t1", "t2", "t3"]
    assert await ids("ties", limit=2) == ["t1", "t2"]
    older = adapter.firestore_manager._client.collection("memory_records")
    older.document("odd").set({"context": "bob", "record_id": "odd"})
    older.document("record").set(
        {"context": "bob", "record_id": "record", "persona": "p", "content": "c", "timestamp": DAY, "metadata": {}}
    )
    assert await ids("bob") == [*everything, "record"]
    assert (await adapter.get_memory_item("record")).item_type == "message"
    assert await adapter.get_memory_item("odd") is None


async def agents(adapter):
    dated = AgentData(agent_id="scraper", data_type="log", content="text", timestamp=DAY)
    data_id = await adapter.add_raw_agent_data(dated)
    assert data_id.startswith("agent_data_2024-03-01T12:00:00.000250")
    assert dated.id is None
    scraped = AgentData(
        id="d1", agent_id="scraper", data_type="web_scrape_result", content={"url": "x"}, metadata={"context": "c"}
    )
    assert await adapter.add_raw_agent_data(scraped) == "d1"
    stored = adapter.firestore_manager._client.collection("agent_data").document("d1").get().to_dict()
    assert (stored["record_id"], stored["context"], stored["persona"]) == ("d1", "scraper", "agent")
    assert stored["metadata"] == {
        "context": "c",
        "data_type": "web_scrape_result",
        "agent_id": "scraper",
        "record_type": "agent_data",
    }
    assert await adapter.add_raw_agent_data(AgentData(agent_id="", data_type="log", content=None, id="d2")) == "d2"
    assert await adapter.add_raw_agent_data(AgentData(agent_id="a", data_type="log", content=[[1]], id="d3")) == "d3"


async def duplicates_searches_and_cleanup(adapter):
    hashed = turn(20, user_id="dup", metadata={"content_hash": "cafe"})
    assert await adapter.check_duplicate(hashed) is False
    await adapter.add_memory_item(hashed)
    assert await adapter.check_duplicate(hashed) is True
    assert await adapter.check_duplicate(turn(20, user_id="dup")) is False
    persona = PersonaConfig(name="Cherry", description="")
    assert await adapter.semantic_search("ann", []) == []
    assert await adapter.semantic_search("ann", [1.0, 0.0], persona, 3) == []
    assert await adapter.semantic_search(user_id="ann", query_embedding=[1.0], persona_context=None, top_k=1) == []
    assert await adapter.cleanup_expired_items() == 0


async def concurrently(adapter):
    added = await asyncio.gather(*(adapter.add_memory_item(turn(n, user_id="many")) for n in range(50)))
    assert added == [f"t{number}" for number in range(50)]
    assert len(await adapter.get_conversation_history("many", limit=100)) == 50


async def health(project, adapter):
    details = {
        "provider": "firestore",
        "adapter": "FirestoreMemoryAdapter",
        "firestore_check": "Successfully verified connectivity",
    }
    expected = {"status": "healthy", "firestore": True, "redis": False, "error_count": 0, "details": details}
    assert await adapter.health_check() == expected
    fresh = FirestoreMemoryAdapter(project_id=project)
    assert await fresh.health_check() == expected
    assert fresh._is_initialized is True
    await fresh.close()


async def use(project):
    adapter = await life_of_an_adapter(project)
    await failed_initialization()
    await one_item(adapter)
    await histories(adapter)
    await agents(adapter)
    await duplicates_searches_and_cleanup(adapter)
    await concurrently(adapter)
    await health(project, adapter)
    return adapter


def main(project):
    logging.basicConfig(level=logging.ERROR)
    os.environ.pop("GOOGLE_APPLICATION_CREDENTIALS", None)
    adapter = asyncio.run(use(project))
    assert asyncio.run(adapter.get_memory_item("t10")).user_id == "many"  # in another event loop
    asyncio.run(adapter.close())
    print("everything is as described")


if __name__ == "__main__":
    main(sys.argv[1])
