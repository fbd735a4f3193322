"""A program for the older manager that keeps all in memory, written from the description of its interface alone.

It runs here with other imports and nothing else changed. It uses all of the interface, and fails where something is not
as described.
"""
# mypy: ignore-errors
# The older modules are not there; only their names are.

import asyncio
from datetime import UTC, datetime, timedelta

from packages.shared.src.memory.memory_manager import MemoryManager
from packages.shared.src.memory.stubs import InMemoryMemoryManager, InMemoryMemoryManagerStub
from packages.shared.src.models.base_models import AgentData, MemoryItem

DAY = datetime(2024, 3, 1, 12)
NOT_READY = "Memory manager is not initialized"


async def refuses(awaitable):
    try:
        await awaitable
    except RuntimeError as error:
        if str(error) != NOT_READY:
            raise AssertionError("it refused with other words") from error
    else:
        raise AssertionError("it did not refuse")


def turn(number, **fields):
    given = {"id": f"t{number}", "user_id": "ann", "item_type": "message", "timestamp": DAY + timedelta(hours=number)}
    return MemoryItem(**{**given, **fields})


async def before_it_is_initialized():
    manager = InMemoryMemoryManager(namespace="tenant")
    assert isinstance(manager, MemoryManager)
    assert manager.namespace == "tenant"
    assert manager._is_initialized is False
    await refuses(manager.add_memory_item(turn(1)))
    await refuses(manager.get_memory_item("t1"))
    await refuses(manager.get_conversation_history("ann"))
    await refuses(manager.add_raw_agent_data(AgentData(agent_id="a", data_type="t", content=1)))
    await refuses(manager.cleanup_expired_items())
    assert await manager.semantic_search("ann", [1.0]) == []
    assert await manager.check_duplicate(turn(1, metadata={"content_hash": "h"})) is False
    assert (await manager.health_check())["status"] == "healthy"


async def items(manager):
    anonymous = MemoryItem(user_id="ann", item_type="note", text_content="x", timestamp=DAY)
    item_id = await manager.add_memory_item(anonymous)
    assert item_id.startswith("memory_")
    assert anonymous.id is None
    assert (await manager.get_memory_item(item_id)).text_content == "x"
    for number in range(1, 5):
        session = f"s{number % 2}"
        assert await manager.add_memory_item(turn(number, session_id=session)) == f"t{number}"
    assert len(manager.memory_items) == 5
    assert await manager.get_memory_item("nobody") is None

    async def ids(*args, **options):
        return [found.id for found in await manager.get_conversation_history(*args, **options)]

    assert await ids("ann") == ["t4", "t3", "t2", "t1", item_id]
    assert await ids("ann", "s1") == ["t3", "t1"]
    assert await ids(user_id="ann", limit=1) == ["t4"]
    assert await ids("ann", None, 2, {"persona_active": "nobody"}) == ["t4", "t3"]
    assert await ids("nobody") == []
    assert await manager.semantic_search("ann", [1.0], None, 3) == []


async def other_things(manager):
    data = AgentData(agent_id="a", data_type="t", content={"n": 1}, expiration=DAY)
    assert (await manager.add_raw_agent_data(data)).startswith("agent_data_")
    assert manager.agent_data[0].content == {"n": 1}
    hashed = {"content_hash": "cafe"}
    assert await manager.check_duplicate(turn(8, metadata=hashed)) is False
    await manager.add_memory_item(turn(8, metadata=hashed))
    assert manager.hashes == {"cafe"}
    assert await manager.check_duplicate(turn(9, user_id="bob", metadata=hashed)) is True
    assert await manager.check_duplicate(turn(9)) is False
    await manager.add_memory_item(turn(10, expiration=DAY))
    await manager.add_memory_item(turn(11, expiration=datetime.now(UTC) + timedelta(days=1)))
    assert await manager.cleanup_expired_items() == 1
    assert manager.agent_data == []
    health = await manager.health_check()
    assert health == {
        "status": "healthy",
        "firestore": False,
        "redis": False,
        "error_count": 0,
        "details": {"provider": "in_memory", "items_count": 7, "agent_data_count": 0},
    }


async def main():
    assert InMemoryMemoryManager is InMemoryMemoryManagerStub
    await before_it_is_initialized()
    manager = InMemoryMemoryManager()
    assert manager.namespace == "default"
    await manager.initialize()
    assert manager._is_initialized is True
    await items(manager)
    await other_things(manager)
    await manager.close()
    assert manager.memory_items == []
    assert manager.hashes == set()
    await refuses(manager.get_memory_item("t1"))
    print("everything is as described")


if __name__ == "__main__":
    asyncio.run(main())
