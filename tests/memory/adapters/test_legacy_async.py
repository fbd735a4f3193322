"""What the asynchronous manager does differently from the older one, by the items of the bug ledger, on any store."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy
import pytest

from firestore_memory import AsyncMemoryClient, Vector
from firestore_memory import MemoryItem as CurrentItem
from firestore_memory import StorageError as OurStorageError
from firestore_memory.adapters import legacy, legacy_async, legacy_storage
from firestore_memory.adapters.legacy import AgentData, MemoryItem, MemoryManager, PersonaConfig
from firestore_memory.adapters.legacy_async import FirestoreMemoryManager, StorageError, ValidationError
from firestore_runtime._async.untyped import AsyncUntypedCollection
from firestore_runtime.options import Options

NOT_READY = r"^Firestore client not initialized\. Call initialize\(\) first\.$"
SENTINEL = "health-check-non-existent"
LONG = "長" * 500  # 1,500 bytes
NOW = datetime.now(UTC)


@pytest.fixture
def manager(async_client: AsyncMemoryClient) -> FirestoreMemoryManager:
    return made(async_client)


@pytest.fixture
def documents(async_client: AsyncMemoryClient) -> AsyncUntypedCollection:
    """The collection of the older items, beneath the manager."""
    return AsyncUntypedCollection(async_client.backend, "memory_items", Options())


@pytest.fixture
def agent_documents(async_client: AsyncMemoryClient) -> AsyncUntypedCollection:
    return AsyncUntypedCollection(async_client.backend, "agent_data", Options())


def made(client: AsyncMemoryClient, **options: Any) -> FirestoreMemoryManager:
    manager = FirestoreMemoryManager.from_client(client, **options)
    manager.initialize()
    return manager


def item(item_id: str | None = None, **fields: object) -> MemoryItem:
    given = {"id": item_id, "user_id": "u", "item_type": "conversation"}
    return MemoryItem.model_validate({**given, **fields})


async def ids(found: Any) -> list[str | None]:
    return [each.id for each in await found]


def test_it_has_the_names_of_the_older_one() -> None:
    assert legacy_async.MEMORY_ITEMS_COLLECTION == "memory_items"
    assert legacy_async.AGENT_DATA_COLLECTION == "agent_data"
    assert legacy_async.USER_SESSIONS_COLLECTION == "user_sessions"
    assert issubclass(FirestoreMemoryManager, MemoryManager)
    assert not issubclass(ValidationError, StorageError)
    assert issubclass(StorageError, legacy_storage.StorageError)
    assert issubclass(ValidationError, ValueError)


def test_its_methods_are_coroutine_functions_as_they_were() -> None:
    plain = {"initialize", "close"}
    for name in MemoryManager.__abstractmethods__:
        assert asyncio.iscoroutinefunction(getattr(FirestoreMemoryManager, name)) is (name not in plain), name


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("add_memory_item", (item(user_id=""),)),
        ("get_memory_item", ("a",)),
        ("get_conversation_history", ("u",)),
        ("semantic_search", ("u", [])),
        ("add_raw_agent_data", (AgentData(agent_id="", data_type="t", content=None),)),
        ("check_duplicate", (item(),)),
        ("cleanup_expired_items", ()),
    ],
)
async def test_it_wants_to_be_initialised_before_anything_else(method: str, arguments: tuple[Any, ...]) -> None:
    manager = FirestoreMemoryManager("p")
    with pytest.raises(RuntimeError, match=NOT_READY) as found:
        await getattr(manager, method)(*arguments)
    assert not isinstance(found.value, StorageError)
    assert isinstance(found.value, OurStorageError)


# B1, B2: times


async def test_b1_b2_items_have_times_and_ids_of_their_own(manager: FirestoreMemoryManager) -> None:
    for text in ("question", "answer"):
        await manager.add_memory_item(item(text_content=text))
    await manager.add_memory_item(item(user_id="v", text_content="elsewhere"))
    found = await manager.get_conversation_history("u")
    assert [each.text_content for each in found] == ["answer", "question"]
    assert found[0].timestamp > found[1].timestamp
    assert found[0].id != found[1].id


# B16: initialize and close


async def test_b16_initialize_and_close_may_be_awaited_or_not(async_client: AsyncMemoryClient) -> None:
    manager = FirestoreMemoryManager.from_client(async_client)
    await manager.initialize()
    await manager.initialize()
    assert await manager.get_memory_item("nobody") is None
    await manager.close()
    await manager.close()
    with pytest.raises(RuntimeError, match=NOT_READY):
        await manager.get_memory_item("nobody")
    manager.initialize()
    assert await manager.get_memory_item("nobody") is None
    manager.close()
    assert manager._initialized is False
    base: MemoryManager = manager
    await asyncio.gather(base.initialize(), base.close())
    await asyncio.create_task(manager.initialize())
    await asyncio.wait_for(manager.close(), 1)
    assert await async_client.memory_items.get("nobody") is None  # it is still open


def test_b16_they_do_without_an_event_loop() -> None:
    manager = FirestoreMemoryManager.from_client(AsyncMemoryClient.connect("memory:"))
    manager.initialize()
    assert manager._initialized is True
    manager.close()
    assert manager._initialized is False
    asyncio.run(manager.initialize())
    assert manager._initialized is True
    assert inspect.isawaitable(manager.close())


async def test_b16_what_is_thrown_in_comes_out() -> None:
    done = FirestoreMemoryManager.from_client(AsyncMemoryClient.connect("memory:")).initialize()
    with pytest.raises(KeyError):
        done.throw(KeyError("k"))
    with pytest.raises(StopIteration):
        done.send(None)
    done.close()


# B17: types of items in histories


async def test_b17_a_history_holds_conversations_or_all_types(
    async_client: AsyncMemoryClient, manager: FirestoreMemoryManager
) -> None:
    for at, item_type in enumerate(["conversation", "message", "note", "message"]):
        when = NOW + timedelta(minutes=at)
        await manager.add_memory_item(item(f"i{at}", item_type=item_type, timestamp=when, session_id=f"s{at % 2}"))
    assert await ids(manager.get_conversation_history("u")) == ["i0"]
    assert await ids(manager.get_conversation_history("u", filters={"item_type": "note", "user_id": "x"})) == ["i0"]
    everything = made(async_client, history_item_type=None)
    assert await ids(everything.get_conversation_history("u")) == ["i3", "i2", "i1", "i0"]
    assert await ids(everything.get_conversation_history("u", limit=2)) == ["i3", "i2"]
    assert await ids(everything.get_conversation_history("u", "s1")) == ["i3", "i1"]
    assert await ids(everything.get_conversation_history("u", filters={"item_type": "note"})) == ["i2"]
    messages = made(async_client, history_item_type="message")
    assert await ids(messages.get_conversation_history("u", "s1")) == ["i3", "i1"]


async def test_histories_keep_their_rules(manager: FirestoreMemoryManager, documents: AsyncUntypedCollection) -> None:
    for item_id in ("a", "c", "b"):
        await manager.add_memory_item(item(item_id, timestamp=NOW, persona_active="Cherry"))
    await manager.add_memory_item(item("old", timestamp=NOW - timedelta(days=1), expiration=NOW - timedelta(hours=1)))
    untimed = {"id": "untimed", "user_id": "u", "item_type": "conversation"}
    await documents.set("untimed", untimed)
    await documents.set("z-odd", {**untimed, "timestamp": NOW, "metadata": None})
    everyone = await ids(manager.get_conversation_history("u"))
    assert everyone == ["c", "b", "a", "old"]  # equally old ones by id, descending; those without a time are not found
    assert await ids(manager.get_conversation_history("u", limit=2)) == ["c"]  # what is malformed counts
    assert await ids(manager.get_conversation_history("u", limit=0)) == []
    assert len(await manager.get_conversation_history("u", limit=None)) == 4
    assert await ids(manager.get_conversation_history("u", "", filters={"persona_active": "Cherry"})) == ["c", "b", "a"]
    assert await ids(manager.get_conversation_history(None)) == []  # type: ignore[arg-type]  # some callers do
    with pytest.raises(StorageError, match="limit is -1, but must not be negative"):
        await manager.get_conversation_history("u", limit=-1)
    with pytest.raises(StorageError, match=r"^Unexpected error retrieving conversation history: "):
        await manager.get_conversation_history("u", filters={"no path": 1})


# B18: ids


async def test_b18_an_id_is_assigned_only_if_the_item_is_stored(manager: FirestoreMemoryManager) -> None:
    stored = item()
    assert await manager.add_memory_item(stored) == stored.id
    assert stored.id is not None
    assert len(stored.id) == 36
    for refused, kind in (
        (item(user_id=""), ValidationError),
        (item(metadata={"n": {1: 2}}), StorageError),
        (item(metadata={"n": object()}), StorageError),
    ):
        with pytest.raises(kind):
            await manager.add_memory_item(refused)
        assert refused.id is None
    data = AgentData(agent_id="a", data_type="t", content=None)
    assert await manager.add_raw_agent_data(data) == data.id
    unowned = AgentData(agent_id="", data_type="t", content=None)
    with pytest.raises(ValidationError, match=r"^agent_id is required for agent data$"):
        await manager.add_raw_agent_data(unowned)
    assert unowned.id is None


async def test_times_without_an_offset_are_in_utc(manager: FirestoreMemoryManager) -> None:
    assigned = item("a")
    assigned.timestamp = datetime(2024, 1, 2, 3, 4, 5, 6)
    await manager.add_memory_item(assigned)
    found = await manager.get_memory_item("a")
    assert found is not None
    assert found.timestamp == datetime(2024, 1, 2, 3, 4, 5, 6, UTC)


async def test_items_of_the_current_model_do_as_well(manager: FirestoreMemoryManager) -> None:
    current: Any = CurrentItem(user_id="u", item_type="conversation", text_content="t")
    item_id = await manager.add_memory_item(current)
    assert item_id
    assert current.id == item_id
    found = await manager.get_memory_item(item_id)
    assert isinstance(found, CurrentItem)
    assert found.model_dump() == current.model_dump()


# B19: duplicates


@pytest.mark.parametrize("length", [1, 499, 500, 10_000])
@pytest.mark.parametrize("letter", ["x", "長"])
async def test_b19_texts_of_any_length_are_compared(letter: str, length: int, manager: FirestoreMemoryManager) -> None:
    text = letter * length
    assert await manager.check_duplicate(item(text_content=text)) is False
    stored = item("a", text_content=text, item_type="note", session_id="s")
    await manager.add_memory_item(stored)
    assert await manager.check_duplicate(stored) is True
    assert await manager.check_duplicate(item(text_content=text)) is True
    assert await manager.check_duplicate(item(text_content=text.replace("x", "X") + "!")) is False
    assert await manager.check_duplicate(item(text_content=text, user_id="v")) is False
    assert await manager.check_duplicate(item(text_content="")) is False
    assert await manager.check_duplicate(item()) is False


async def test_b19_long_texts_have_a_hash_and_others_are_stored_as_ever(
    manager: FirestoreMemoryManager, documents: AsyncUntypedCollection
) -> None:
    await manager.add_memory_item(item("long", text_content=LONG))
    await manager.add_memory_item(item("short", text_content=LONG[1:]))
    long, short = await documents.get("long"), await documents.get("short")
    assert long is not None
    assert short is not None
    assert long.data.keys() - short.data.keys() == {"content_hash"}
    assert long.data["content_hash"] == hashlib.sha256(LONG.encode()).hexdigest()
    assert len(short.data) == 10


async def test_b19_documents_of_long_texts_without_a_hash_are_found(
    manager: FirestoreMemoryManager, documents: AsyncUntypedCollection
) -> None:
    older = {"id": "a", "user_id": "u", "item_type": "note", "timestamp": NOW, "text_content": LONG}
    await documents.set("a", {**older, "text_content": LONG + "!"})
    await documents.set("b", {"user_id": "u"})
    assert await manager.check_duplicate(item(text_content=LONG)) is False
    await documents.set("c", older)
    assert await manager.check_duplicate(item(text_content=LONG)) is True


async def test_b19_a_hash_of_something_else_is_not_believed(
    manager: FirestoreMemoryManager, documents: AsyncUntypedCollection
) -> None:
    hashed = hashlib.sha256(LONG.encode()).hexdigest()
    await documents.set("a", {"user_id": "u", "text_content": "changed since", "content_hash": hashed})
    assert await manager.check_duplicate(item(text_content=LONG)) is False


# B20: vectors


async def test_b20_embeddings_are_arrays_unless_vectors_are_wanted(
    async_client: AsyncMemoryClient, manager: FirestoreMemoryManager, documents: AsyncUntypedCollection
) -> None:
    vectors = made(async_client, store_vectors=True)
    await manager.add_memory_item(item("array", embedding=[1.0, 2.0]))
    await vectors.add_memory_item(item("vector", embedding=[1.0, 2.0]))
    for at, embedding in enumerate([None, [], [float("inf")], [0.5] * 2049]):
        await vectors.add_memory_item(item(f"other{at}", embedding=embedding))
    kinds = {document.id: type(document.data["embedding"]) async for document in documents.query()}
    assert kinds == {
        "array": list,
        "vector": Vector,
        "other0": type(None),
        "other1": list,
        "other2": list,
        "other3": list,
    }
    for item_id in ("array", "vector"):
        found = await manager.get_memory_item(item_id)
        assert found is not None
        assert found.embedding == [1.0, 2.0]


# B23: cleaning up


async def test_b23_agent_data_that_has_expired_goes_too(
    manager: FirestoreMemoryManager, documents: AsyncUntypedCollection, agent_documents: AsyncUntypedCollection
) -> None:
    past, future = NOW - timedelta(seconds=5), NOW + timedelta(days=1)
    for name, expiration in (("past", past), ("future", future), ("never", None)):
        await manager.add_memory_item(item(name, expiration=expiration))
        data = AgentData(id=name, agent_id="a", data_type="t", content={"n": [1]}, expiration=expiration)
        await manager.add_raw_agent_data(data)
    await manager.add_raw_agent_data(AgentData(id="p2", agent_id="a", data_type="t", content=1, expiration=past))
    await documents.set("text", {"expiration": "2020-01-01"})
    await documents.set("absent", {})
    assert await manager.cleanup_expired_items() == 1  # items alone are counted
    assert [document.id async for document in documents.query()] == ["absent", "future", "never", "text"]
    assert [document.id async for document in agent_documents.query()] == ["future", "never"]
    assert await manager.cleanup_expired_items() == 0


async def test_it_cleans_up_400_at_once(manager: FirestoreMemoryManager, documents: AsyncUntypedCollection) -> None:
    past = NOW - timedelta(days=1)
    for start in range(0, 801, 267):
        await documents.commit(
            [documents.set_write(f"i{at}", {"expiration": past}) for at in range(start, start + 267)]
        )
    assert await manager.cleanup_expired_items() == 801
    assert [document.id async for document in documents.query()] == []


# Errors and health


@pytest.mark.parametrize(
    ("item_id", "lead"),
    [
        ("", "Failed to retrieve memory item  from Firestore: "),
        ("__x__", "Failed to retrieve memory item __x__ from Firestore: "),
        (".", "Failed to retrieve memory item . from Firestore: "),
        ("a/b", "Unexpected error retrieving memory item: "),
        ("odd", "Unexpected error retrieving memory item: "),
        (5, "Unexpected error retrieving memory item: "),
    ],
)
async def test_what_cannot_be_read_is_an_error(
    item_id: Any, lead: str, manager: FirestoreMemoryManager, documents: AsyncUntypedCollection
) -> None:
    await documents.set("odd", {"user_id": "u"})
    with pytest.raises(StorageError) as found:
        await manager.get_memory_item(item_id)
    assert str(found.value).startswith(lead)
    assert isinstance(found.value, OurStorageError)
    assert found.value.original_exception is found.value.__cause__


async def test_an_id_of_none_is_that_of_no_item(manager: FirestoreMemoryManager) -> None:
    assert await manager.get_memory_item(None) is None  # type: ignore[arg-type]  # some callers do


async def test_the_document_of_the_health_check_may_exist(
    async_client: AsyncMemoryClient, documents: AsyncUntypedCollection
) -> None:
    await documents.set(SENTINEL, {"user_id": 5})
    manager = FirestoreMemoryManager.from_client(async_client)
    healthy = {"status": "healthy", "firestore": True, "error_count": 0, "details": {}}
    assert await manager.health_check() == healthy  # it initialises
    assert manager._initialized is True
    assert await manager.health_check() == healthy


async def test_50_items_can_be_added_at_once(
    manager: FirestoreMemoryManager, documents: AsyncUntypedCollection
) -> None:
    added = await asyncio.gather(*(manager.add_memory_item(item()) for _ in range(50)))
    assert {document.id async for document in documents.query()} == set(added)
    assert len(set(added)) == 50


# Several event loops


def test_b22_it_works_in_several_event_loops(url: str) -> None:
    client = AsyncMemoryClient.connect(url)
    manager = FirestoreMemoryManager.from_client(client)
    manager.initialize()
    for at in range(3):
        assert asyncio.run(manager.add_memory_item(item(f"i{at}", timestamp=NOW + timedelta(minutes=at)))) == f"i{at}"
    found = asyncio.run(ids(manager.get_conversation_history("u")))
    assert found == ["i2", "i1", "i0"]
    manager.close()
    asyncio.run(client.close())


# Searches


async def searched(
    documents: AsyncUntypedCollection, embeddings: Mapping[str, object], expiration: datetime | None = None
) -> None:
    for item_id, embedding in embeddings.items():
        data = {"id": item_id, "user_id": "u", "item_type": "note", "timestamp": NOW, "metadata": {}}
        await documents.set(item_id, {**data, "embedding": embedding, "expiration": expiration})


@pytest.fixture(params=["arrays", "vectors", "both"])
async def mixed(request: pytest.FixtureRequest, documents: AsyncUntypedCollection) -> None:
    """Items of 768 dimensions, for which an index is declared, stored in one way, the other or both."""
    for at in range(12):
        embedding = [1.0, at / 10, *[0.0] * 766]
        as_vector = request.param == "vectors" or (request.param == "both" and at % 2 == 0)
        await searched(documents, {f"i{at:02}": Vector(embedding) if as_vector else embedding})


async def test_b21_a_search_is_complete_and_excludes_what_has_expired(
    mixed: None, manager: FirestoreMemoryManager, documents: AsyncUntypedCollection
) -> None:
    query = [1.0, *[0.0] * 767]
    order = [f"i{at:02}" for at in range(12)]
    assert await ids(manager.semantic_search("u", query)) == order[:5]
    best: dict[str, object] = {"best": [2.0, *[0.0] * 767], "best_vector": Vector([3.0, *[0.0] * 767])}
    await searched(documents, best)
    assert await ids(manager.semantic_search("u", query, top_k=3)) == ["best", "best_vector", "i00"]
    await searched(documents, best, NOW - timedelta(seconds=5))
    assert await ids(manager.semantic_search("u", query, top_k=3)) == order[:3]
    assert await ids(manager.semantic_search("u", query, top_k=None)) == order
    assert await ids(manager.semantic_search("u", query, top_k=-10)) == order[:2]
    assert await ids(manager.semantic_search("u", query, top_k=0)) == []
    assert await ids(manager.semantic_search("v", query)) == []


async def test_b21_vectors_are_searched_by_their_index(
    async_client: AsyncMemoryClient,
    manager: FirestoreMemoryManager,
    documents: AsyncUntypedCollection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for at in range(12):
        await searched(documents, {f"i{at:02}": Vector([1.0, at / 10, *[0.0] * 766])})
    returned = 0
    run_query = async_client.backend.run_query

    async def counted(*arguments: Any) -> AsyncIterator[Any]:
        nonlocal returned
        async for response in run_query(*arguments):
            returned += response.HasField("document")
            yield response

    monkeypatch.setattr(async_client.backend, "run_query", counted)
    assert await ids(manager.semantic_search("u", [1.0, *[0.0] * 767], top_k=2)) == ["i00", "i01"]
    assert returned == 2


async def test_equally_near_ones_are_ordered_by_id(
    manager: FirestoreMemoryManager, documents: AsyncUntypedCollection
) -> None:
    near = {"b": [2.0, 0.0], "a": Vector([1.0, 0.0]), "c": [1, 0], "zero": [0.0, 0.0], "against": [-1.0, 0.0]}
    await searched(documents, near)
    await searched(documents, {"other": [1.0], "none": None, "empty": [], "text": "x"})
    await documents.set("odd", {"user_id": "u", "embedding": [1.0, 0.0]})
    found = await ids(manager.semantic_search("u", [3.0, 0.0], top_k=9))
    assert found == ["a", "b", "c", "zero", "against"]


async def test_a_search_may_be_of_one_persona(manager: FirestoreMemoryManager) -> None:
    for item_id, name in (("a", "Cherry"), ("b", "Sophia"), ("c", None)):
        await manager.add_memory_item(item(item_id, persona_active=name, embedding=[1.0, 0.0]))
    sophia, nobody = (PersonaConfig(name=name, description="") for name in ("Sophia", ""))
    assert await ids(manager.semantic_search("u", [1.0, 0.0], sophia)) == ["b"]
    assert await ids(manager.semantic_search("u", [1.0, 0.0], persona_context=nobody)) == ["a", "b", "c"]


async def test_a_vector_must_be_one(manager: FirestoreMemoryManager) -> None:
    empty: list[Any] = [[], (), None, numpy.array([])]
    for query in empty:
        with pytest.raises(ValidationError, match=r"^Query embedding cannot be empty$"):
            await manager.semantic_search("u", query)
    others: list[Any] = [[float("nan")], ["1"], [None], 5]
    for query in others:
        with pytest.raises(StorageError, match=r"^Failed to perform semantic search in Firestore: "):
            await manager.semantic_search("u", query)
    await manager.add_memory_item(item("a", embedding=numpy.array([1.0, 0.0])))
    array: Any = numpy.array([1.0, 0.5], dtype="float32")  # which callers pass, whatever the types say
    assert await ids(manager.semantic_search("u", array)) == ["a"]


def test_the_interface_is_re_exported() -> None:
    assert legacy_async.MemoryItem is legacy.MemoryItem
    assert legacy_async.AgentData is legacy.AgentData
