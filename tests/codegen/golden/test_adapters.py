"""The adapters of a package whose models have other names than the older documents: those keep their own."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest

from firestore_codegen.adapters.kinds import kinds
from firestore_runtime._async.untyped import AsyncUntypedCollection
from firestore_runtime._sync.untyped import UntypedCollection
from tests.codegen.golden.packages import Case, case

WHEN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
LATER = datetime(2124, 5, 6, tzinfo=UTC)

pytestmark = pytest.mark.filterwarnings("ignore:.*the older interface:DeprecationWarning")


def adapters() -> Case:
    """The case with every kind of adapters."""
    return case("adapters")


def modules() -> list[str]:
    """The files of its adapters."""
    return sorted(path for path in adapters().generated.files if path.startswith("adapters/"))


def module(name: str) -> Any:
    """A module of the package, whose names are not known before it is generated."""
    return import_module(f"{adapters().module().__name__}.{name}")


async def stored(client: Any, path: str) -> list[Any]:
    """The documents of a collection."""
    found = AsyncUntypedCollection(client.backend, path, adapters().module().Options()).query([])
    return [document.data async for document in found]


def thought() -> Any:
    """A `Thought`, as the class that the managers make of it."""
    return module("adapters.legacy").MemoryItem(
        thought_id="t",
        from_="ada",
        call_no="1",
        said_at=WHEN,
        class_="conversation",
        in_voice="poet",
        said_text="hi",
        field_3d=[1, 0, 0],
        import_={"a": 1},
        until=LATER,
    )


def deed() -> Any:
    """A `Deed`, likewise."""
    return module("adapters.legacy").AgentData(
        self_="d", by_whom="agent", date_=WHEN, lambda_="note", what=[1, {"b": None}], list_={"c": 2}
    )


def test_each_kind_has_a_module() -> None:
    assert {f"adapters/{kind}.py" for kind in kinds()} <= set(modules())


def test_every_module_can_be_imported() -> None:
    for path in modules():
        assert module(path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")).__doc__, path


def test_records() -> None:
    package = adapters().module()
    letter = package.Letter(key="k", with_="ada", as_="poet", the_text="hi", written_at=WHEN, copy_={"a": 1})
    with package.GoldenClient.connect("memory:") as client:
        manager = module("adapters.legacy_sync").FirestoreMemoryManager.from_client(client)
        manager.initialize()
        assert manager.save_record(letter) == "k"
        assert manager.get_record("k") == letter
        assert manager.query_records({"context": "ada", "timestamp": {"start": WHEN}}) == [letter]
        documents = UntypedCollection(client.backend, "old-letters", package.Options()).query([])
        (letters,) = [document.data for document in documents]
    assert letters == {
        "record_id": "k",
        "context": "ada",
        "persona": "poet",
        "content": "hi",
        "timestamp": WHEN,
        "metadata": {"a": 1},
    }


async def test_items() -> None:
    async with adapters().module().AsyncGoldenClient.connect("memory:") as client:
        manager = module("adapters.legacy_async").FirestoreMemoryManager.from_client(client)
        manager.initialize()
        assert await manager.add_memory_item(thought()) == "t"
        assert await manager.add_raw_agent_data(deed()) == "d"
        assert await manager.get_memory_item("t") == thought()
        assert await manager.get_conversation_history("ada", session_id="1") == [thought()]
        assert await manager.semantic_search("ada", [1.0, 0.0, 0.0]) == [thought()]
        assert await manager.check_duplicate(thought())
        (item,) = await stored(client, "archives/2019/thoughts")
        (agent_data,) = await stored(client, "old deeds")
    assert item == {
        "id": "t",
        "user_id": "ada",
        "session_id": "1",
        "timestamp": WHEN,
        "item_type": "conversation",
        "persona_active": "poet",
        "text_content": "hi",
        "embedding": [1.0, 0.0, 0.0],
        "metadata": {"a": 1},
        "expiration": LATER,
    }
    assert agent_data == {
        "id": "d",
        "agent_id": "agent",
        "timestamp": WHEN,
        "data_type": "note",
        "content": [1, {"b": None}],
        "metadata": {"c": 2},
        "expiration": None,
    }


async def test_items_as_records() -> None:
    async with adapters().module().AsyncGoldenClient.connect("memory:") as client:
        manager = module("adapters.legacy_adapter").FirestoreMemoryAdapter.from_client(client)
        await manager.initialize()
        assert await manager.add_memory_item(thought()) == "t"
        assert await manager.add_raw_agent_data(deed()) == "d"
        read = await manager.get_memory_item("t")
        assert await manager.get_conversation_history("ada", session_id="1") == [read]
        assert await manager.semantic_search("ada", [1.0, 0.0, 0.0]) == [read]
        (item,) = await stored(client, "old-letters")
        (agent_data,) = await stored(client, "old deeds")
    assert read == thought().model_copy(update={"import_": {"a": 1, "record_type": "memory_item"}})
    assert item == {
        "record_id": "t",
        "context": "ada",
        "persona": "poet",
        "content": "hi",
        "timestamp": WHEN,
        "embedding": [1.0, 0.0, 0.0],
        "metadata": {"a": 1, "item_type": "conversation", "session_id": "1", "record_type": "memory_item"},
        "expiration": LATER,
    }
    assert agent_data == {
        "record_id": "d",
        "context": "agent",
        "persona": "agent",
        "content": [1, {"b": None}],
        "timestamp": WHEN,
        "metadata": {"c": 2, "data_type": "note", "agent_id": "agent", "record_type": "agent_data"},
    }


def test_flags_and_reports_belong_to_a_package() -> None:
    own = module("adapters._bindings").ROLLOUT
    other = import_module("firestore_memory.adapters._bindings").ROLLOUT
    with module("adapters.rollout").migration_mode("current"):
        assert [rollout.current_flags().step.mode for rollout in (own, other)] == ["current", "legacy"]
    own.findings.count("letters", "get", "equal")
    assert ("letters", "get") in module("adapters.rollout").report()
    assert ("letters", "get") not in other.report()
    module("adapters.rollout").reset_report()
    assert own.report() == {}
