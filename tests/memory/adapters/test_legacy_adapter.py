"""What the adapter of records does differently from the older one, by the items of the bug ledger, on any store."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, StorageError, Vector
from firestore_memory import MemoryItem as CurrentItem
from firestore_memory.adapters import legacy_adapter
from firestore_memory.adapters.legacy import AgentData, MemoryItem, MemoryManager
from firestore_memory.adapters.legacy_adapter import FirestoreMemoryAdapter
from firestore_memory.adapters.legacy_sync import FirestoreMemoryManager
from firestore_runtime._async.untyped import AsyncUntypedCollection
from firestore_runtime.options import Options

NOT_READY = r"^Memory manager is not initialized$"
SENTINEL = "health-check-non-existent"
NOW = datetime.now(UTC)
PAST, FUTURE = NOW - timedelta(seconds=5), NOW + timedelta(days=1)


@pytest.fixture
async def adapter(async_client: AsyncMemoryClient) -> FirestoreMemoryAdapter:
    return await made(async_client)


@pytest.fixture
def documents(async_client: AsyncMemoryClient) -> AsyncUntypedCollection:
    """The collection of the records, beneath the adapter."""
    return AsyncUntypedCollection(async_client.backend, "memory_records", Options())


@pytest.fixture
def agent_documents(async_client: AsyncMemoryClient) -> AsyncUntypedCollection:
    return AsyncUntypedCollection(async_client.backend, "agent_data", Options())


async def made(client: AsyncMemoryClient, *arguments: str, **options: Any) -> FirestoreMemoryAdapter:
    adapter = FirestoreMemoryAdapter.from_client(client, *arguments, **options)
    await adapter.initialize()
    return adapter


def item(item_id: str | None = None, **fields: object) -> MemoryItem:
    given = {"id": item_id, "user_id": "u", "item_type": "conversation"}
    return MemoryItem.model_validate({**given, **fields})


def agent_data(data_id: str | None = None, **fields: object) -> AgentData:
    given = {"id": data_id, "agent_id": "a", "data_type": "t", "content": "c"}
    return AgentData.model_validate({**given, **fields})


def record(record_id: str, **fields: object) -> dict[str, object]:
    """What another program may have stored among the items of user u."""
    given = {"record_id": record_id, "context": "u", "persona": "p", "content": record_id, "timestamp": NOW}
    return {**given, "metadata": {}, **fields}


async def ids(found: Any) -> list[str | None]:
    return [each.id for each in await found]


async def names(documents: AsyncUntypedCollection) -> list[str]:
    return [document.id async for document in documents.query()]


def test_it_is_what_the_older_one_was() -> None:
    adapter = FirestoreMemoryAdapter("p", "{ no json", "/nowhere.json", "tenant")
    assert isinstance(adapter, MemoryManager)
    assert isinstance(adapter.firestore_manager, FirestoreMemoryManager)
    assert (adapter.namespace, adapter._is_initialized) == ("tenant", False)
    assert adapter.firestore_manager._project_id == "p"
    assert FirestoreMemoryAdapter().namespace == "default"
    for name in MemoryManager.__abstractmethods__:
        assert asyncio.iscoroutinefunction(getattr(FirestoreMemoryAdapter, name)), name


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("add_memory_item", (item(),)),
        ("get_memory_item", ("a/b",)),
        ("get_conversation_history", ("u",)),
        ("semantic_search", ("u", [])),
        ("add_raw_agent_data", (agent_data(),)),
        ("cleanup_expired_items", ()),
    ],
)
async def test_it_wants_to_be_initialised_before_anything_else(method: str, arguments: tuple[Any, ...]) -> None:
    adapter = FirestoreMemoryAdapter("p")
    with pytest.raises(RuntimeError, match=NOT_READY) as found:
        await getattr(adapter, method)(*arguments)
    assert isinstance(found.value, StorageError)


async def test_duplicates_are_checked_for_without_a_store_if_there_is_no_hash() -> None:
    adapter = FirestoreMemoryAdapter("p")
    assert await adapter.check_duplicate(item()) is False
    assert await adapter.check_duplicate(item(metadata={"content_hash": ""})) is False
    with pytest.raises(RuntimeError, match=r"^Firestore client not initialized\. Call initialize\(\) first\.$"):
        await adapter.check_duplicate(item(metadata={"content_hash": "h"}))


async def test_it_can_be_closed_and_initialised_again(async_client: AsyncMemoryClient) -> None:
    adapter = FirestoreMemoryAdapter.from_client(async_client)
    assert adapter.firestore_manager is None
    await adapter.close()
    for _ in range(2):
        await asyncio.gather(adapter.initialize(), adapter.initialize())
        assert adapter._is_initialized is True
        assert await adapter.get_memory_item("nobody") is None
        await adapter.close()
        await adapter.close()
        assert adapter._is_initialized is False
        with pytest.raises(RuntimeError, match=NOT_READY):
            await adapter.get_memory_item("nobody")
    assert await async_client.memory_items.get("nobody") is None  # it is still open


async def test_an_item_comes_back_as_it_always_has(adapter: FirestoreMemoryAdapter) -> None:
    stored = item("a", session_id="s", metadata={"n": 1, "item_type": "mine", "record_type": "mine"})
    before = stored.model_copy(deep=True)
    assert await adapter.add_memory_item(stored) == "a"
    assert stored == before
    found = await adapter.get_memory_item("a")
    assert found is not None
    assert (found.id, found.user_id, found.session_id, found.item_type) == ("a", "u", "s", "conversation")
    assert found.metadata == {"n": 1, "record_type": "memory_item"}
    assert (found.persona_active, found.text_content) == ("default", "")  # B12
    assert (found.embedding, found.expiration) == (None, None)
    assert found.timestamp == stored.timestamp


async def test_items_of_the_current_model_do_as_well(adapter: FirestoreMemoryAdapter) -> None:
    current: Any = CurrentItem(user_id="u", item_type="note", text_content="t")
    item_id = await adapter.add_memory_item(current)
    assert current.id == ""
    found = await adapter.get_memory_item(item_id)
    assert isinstance(found, CurrentItem)
    assert (found.id, found.text_content, found.timestamp) == (item_id, "t", current.timestamp)


async def test_times_without_an_offset_are_in_utc(adapter: FirestoreMemoryAdapter) -> None:
    assigned = item("a")
    assigned.timestamp = datetime(2024, 1, 2, 3, 4, 5, 6)
    await adapter.add_memory_item(assigned)
    found = await adapter.get_memory_item("a")
    assert found is not None
    assert found.timestamp == datetime(2024, 1, 2, 3, 4, 5, 6, UTC)


async def test_what_cannot_be_stored_is_an_error(adapter: FirestoreMemoryAdapter) -> None:
    refused: list[tuple[MemoryItem, str]] = [
        (item("a/b"), "Unexpected error saving record: A document must have an even number of path elements"),
        (item("x", metadata={"what": object()}), "Unexpected error saving record: "),
        (item("__x__"), "Failed to save record __x__ to Firestore: "),
        (item("x", metadata={"rows": [[1]]}), "Failed to save record x to Firestore: "),
    ]
    for each, lead in refused:
        with pytest.raises(RuntimeError) as found:
            await adapter.add_memory_item(each)
        assert str(found.value).startswith(lead)
        assert isinstance(found.value, StorageError)
        assert await adapter.get_conversation_history("u") == []


# B1: ids and times


async def test_b1_items_without_an_id_do_not_overwrite_each_other(adapter: FirestoreMemoryAdapter) -> None:
    added = [await adapter.add_memory_item(item(text_content=text)) for text in ("question", "answer")]
    other = await adapter.add_memory_item(item(user_id="v", text_content="elsewhere"))
    assert len({*added, other}) == 3
    found = await adapter.get_conversation_history("u")
    assert [each.text_content for each in found] == ["answer", "question"]
    assert found[0].timestamp > found[1].timestamp
    assert [each.text_content for each in await adapter.get_conversation_history("v")] == ["elsewhere"]


async def test_b1_equal_times_do_not_make_equal_ids(
    adapter: FirestoreMemoryAdapter, agent_documents: AsyncUntypedCollection
) -> None:
    moment = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    added = [await adapter.add_memory_item(item(timestamp=moment)) for _ in range(3)]
    assert len(set(added)) == 3
    assert all(re.fullmatch(r"memory_2024-01-02T03:04:05\+00:00_[0-9a-f]{32}", each) for each in added)
    of_agents = [await adapter.add_raw_agent_data(agent_data(timestamp=moment)) for _ in range(3)]
    assert all(re.fullmatch(r"agent_data_2024-01-02T03:04:05\+00:00_[0-9a-f]{32}", each) for each in of_agents)
    assert await names(agent_documents) == sorted(of_agents)


async def test_b1_b36_notes_of_agents_do_not_overwrite_each_other(
    adapter: FirestoreMemoryAdapter, agent_documents: AsyncUntypedCollection
) -> None:
    for at in range(3):
        await adapter.add_raw_agent_data(agent_data(data_type="dev_note", content=f"note {at}"))
    contents = {document.data["content"] async for document in agent_documents.query()}
    assert contents == {"note 0", "note 1", "note 2"}


# B3: expirations and embeddings


async def test_b3_expirations_and_embeddings_are_kept(
    adapter: FirestoreMemoryAdapter, documents: AsyncUntypedCollection
) -> None:
    await adapter.add_memory_item(item("a", embedding=[1, 2.5], expiration=FUTURE))
    await adapter.add_memory_item(item("b", embedding=[]))
    found, empty = await adapter.get_memory_item("a"), await adapter.get_memory_item("b")
    assert found is not None
    assert empty is not None
    assert (found.embedding, found.expiration) == ([1.0, 2.5], FUTURE)
    assert (empty.embedding, empty.expiration) == ([], None)
    history = await adapter.get_conversation_history("u")
    assert [each.expiration for each in history] == [None, FUTURE]
    stored = await documents.get("a")
    assert stored is not None
    assert stored.data["expiration"] == FUTURE
    assert type(stored.data["embedding"]) is list
    assert stored.data["metadata"] == {"item_type": "conversation", "session_id": None, "record_type": "memory_item"}


async def test_b3_what_lacks_is_not_stored(adapter: FirestoreMemoryAdapter, documents: AsyncUntypedCollection) -> None:
    await adapter.add_memory_item(item("a"))
    stored = await documents.get("a")
    assert stored is not None
    assert stored.data.keys() == {"record_id", "context", "persona", "content", "timestamp", "metadata"}


async def test_b3_the_expiration_of_older_items_is_in_their_metadata(
    adapter: FirestoreMemoryAdapter, documents: AsyncUntypedCollection
) -> None:
    await documents.set("old", record("old", metadata={"expiration": PAST}))
    await documents.set("null", record("null", metadata={"expiration": PAST}, expiration=None))
    await documents.set("new", record("new", metadata={"expiration": PAST}, expiration=FUTURE))
    expirations = {found.id: found.expiration for found in await adapter.get_conversation_history("u")}
    assert expirations == {"old": PAST, "null": PAST, "new": FUTURE}


async def test_b3_b20_embeddings_are_arrays_unless_vectors_are_wanted(
    async_client: AsyncMemoryClient, documents: AsyncUntypedCollection
) -> None:
    adapter = await made(async_client, store_vectors=True)
    for name, embedding in (
        ("vector", [1.0, 2.0]),
        ("empty", []),
        ("infinite", [float("inf")]),
        ("long", [0.5] * 2049),
    ):
        await adapter.add_memory_item(item(name, embedding=embedding))
    kinds = {document.id: type(document.data["embedding"]) async for document in documents.query()}
    assert kinds == {"vector": Vector, "empty": list, "infinite": list, "long": list}
    found = await adapter.get_memory_item("vector")
    assert found is not None
    assert found.embedding == [1.0, 2.0]


# B4, B23: cleaning up


async def test_b4_expired_items_are_deleted_and_counted(
    adapter: FirestoreMemoryAdapter, documents: AsyncUntypedCollection
) -> None:
    for name, expiration in (("past", PAST), ("future", FUTURE), ("never", None)):
        await adapter.add_memory_item(item(name, expiration=expiration))
    await adapter.add_memory_item(item("older", metadata={"expiration": PAST}))
    await adapter.add_memory_item(item("renewed", metadata={"expiration": PAST}, expiration=FUTURE))
    await adapter.add_memory_item(item("both", metadata={"expiration": PAST}, expiration=PAST))
    assert await adapter.cleanup_expired_items() == 3
    assert await names(documents) == ["future", "never", "renewed"]
    assert await adapter.cleanup_expired_items() == 0


async def test_b4_records_of_other_programs_stay(
    adapter: FirestoreMemoryAdapter, documents: AsyncUntypedCollection, agent_documents: AsyncUntypedCollection
) -> None:
    await documents.set("record", record("record", metadata={"expiration": PAST}))
    await documents.set("field", record("field", expiration=PAST))
    await documents.set("text", record("text", expiration="2020-01-01", metadata={"record_type": "memory_item"}))
    await documents.set("odd", {"expiration": PAST, "metadata": "none"})
    await agent_documents.set("async", {"id": "async", "data_type": "t", "expiration": PAST, "metadata": {}})
    assert await adapter.cleanup_expired_items() == 0
    assert await names(documents) == ["field", "odd", "record", "text"]
    assert await names(agent_documents) == ["async"]


async def test_b4_cleans_up_400_at_once(adapter: FirestoreMemoryAdapter, documents: AsyncUntypedCollection) -> None:
    expired = {"expiration": PAST, "metadata": {"record_type": "memory_item"}}
    for start in range(0, 801, 267):
        await documents.commit([documents.set_write(f"i{at}", expired) for at in range(start, start + 267)])
    await documents.set("i0-record", {"expiration": PAST})
    assert await adapter.cleanup_expired_items() == 801
    assert await names(documents) == ["i0-record"]


async def test_b23_expired_agent_data_goes_too_and_is_not_counted(
    adapter: FirestoreMemoryAdapter, agent_documents: AsyncUntypedCollection
) -> None:
    for name, expiration in (("past", PAST), ("future", FUTURE), ("never", None)):
        await adapter.add_raw_agent_data(agent_data(name, expiration=expiration))
    assert await adapter.cleanup_expired_items() == 0
    assert await names(agent_documents) == ["future", "never"]


# B5: namespaces


async def test_b5_namespaces_separate_nothing_by_default(async_client: AsyncMemoryClient) -> None:
    one, other = await made(async_client, "one"), await made(async_client, "other")
    await one.add_memory_item(item("a"))
    assert await ids(other.get_conversation_history("u")) == ["a"]


async def test_b5_namespaces_may_separate_everything(
    async_client: AsyncMemoryClient, documents: AsyncUntypedCollection, agent_documents: AsyncUntypedCollection
) -> None:
    one, other = [await made(async_client, name, separate_namespaces=True) for name in ("one", "other")]
    hashed = item("a", metadata={"content_hash": "h"}, expiration=PAST)
    await one.add_memory_item(hashed)
    await one.add_raw_agent_data(agent_data("d"))
    assert await ids(other.get_conversation_history("u")) == []
    assert await other.get_memory_item("a") is None
    assert await other.check_duplicate(hashed) is False
    assert await other.cleanup_expired_items() == 0
    assert await names(documents) + await names(agent_documents) == []
    assert await one.check_duplicate(hashed) is True
    assert await ids(one.get_conversation_history("u")) == ["a"]
    assert (await one.health_check())["status"] == "healthy"
    within = AsyncUntypedCollection(async_client.backend, "namespaces/one/agent_data", Options())
    assert await names(within) == ["d"]
    assert await one.cleanup_expired_items() == 1


@pytest.mark.parametrize("name", ["", "a/b", "__x__"])
async def test_b5_a_namespace_that_cannot_be_separated_is_an_error(name: str, async_client: AsyncMemoryClient) -> None:
    adapter = FirestoreMemoryAdapter.from_client(async_client, name, separate_namespaces=True)
    with pytest.raises(ConnectionError, match=r"^Failed to initialize Firestore: namespace"):
        await adapter.initialize()
    health = await adapter.health_check()
    assert (health["status"], health["error_count"]) == ("error", 1)
    assert health["details"]["message"] == f"Failed to initialize: {health['last_error']}"


# B6: failures of reads


@pytest.mark.parametrize("raise_read_errors", [False, True])
@pytest.mark.parametrize("item_id", ["", "__x__", ".", "a/b", "odd", "null", "nobody", None, 5])
async def test_b6_what_no_item_can_be_is_none(
    *, item_id: Any, raise_read_errors: bool, async_client: AsyncMemoryClient, documents: AsyncUntypedCollection
) -> None:
    await documents.set("odd", {"record_id": "odd"})
    await documents.set("null", record("null", metadata={"item_type": None}))
    adapter = await made(async_client, raise_read_errors=raise_read_errors)
    assert await adapter.get_memory_item(item_id) is None


async def test_b6_a_failure_of_the_store_is_none_or_raised(
    async_client: AsyncMemoryClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(*_: object) -> None:
        raise StorageError("it is down")

    quiet, loud = await made(async_client), await made(async_client, raise_read_errors=True)
    monkeypatch.setattr(async_client.backend, "get_document", refuse)
    assert await quiet.get_memory_item("a") is None
    assert "it is down" in caplog.text
    with pytest.raises(RuntimeError, match=r"^Failed to retrieve record a from Firestore: it is down$"):
        await loud.get_memory_item("a")


# B7: filters


async def test_b7_filters_reach_personas_and_metadata(adapter: FirestoreMemoryAdapter) -> None:
    await adapter.add_memory_item(item("a", persona_active="Cherry", metadata={"tag": "x", "deep": {"n": 1}}))
    await adapter.add_memory_item(item("b", persona_active="Sophia", metadata={"tag": "x"}, session_id="s"))
    await adapter.add_memory_item(item("c", item_type="note", metadata={"persona_active": "Cherry", "a-b": 1}))
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"persona_active": "Cherry"}, ["a"]),
        ({"persona_active": "Sophia", "tag": "x"}, ["b"]),
        ({"persona_active": None}, ["c"]),
        ({"metadata.persona_active": "Cherry"}, ["c"]),
        ({"metadata.tag": "x"}, ["b", "a"]),
        ({"tag": "x"}, ["b", "a"]),
        ({"deep.n": 1}, ["a"]),
        ({"metadata.deep": {"n": 1}}, ["a"]),
        ({"`a-b`": 1}, ["c"]),
        ({"item_type": "note"}, ["c"]),
        ({"session_id": "s"}, ["b"]),
        ({"session_id": None}, ["c", "a"]),
        ({}, ["c", "b", "a"]),
    ]
    for filters, expected in cases:
        assert await ids(adapter.get_conversation_history("u", filters=filters)) == expected, filters
        assert await ids(adapter.get_conversation_history("u", filters=filters, limit=1)) == expected[:1], filters
    assert await ids(adapter.get_conversation_history("u", "t", filters={"session_id": "s"})) == ["b"]
    for wrong in ({"no path": 1}, {"tag": object()}, {1: 2}):
        with pytest.raises(RuntimeError, match=r"^Unexpected error querying records: "):
            await adapter.get_conversation_history("u", filters=wrong)  # type: ignore[arg-type]  # on purpose


# B8, B11: histories


async def test_histories_keep_their_rules(adapter: FirestoreMemoryAdapter, documents: AsyncUntypedCollection) -> None:
    for at, name in enumerate(["d", "a", "c", "b"]):
        await adapter.add_memory_item(item(name, timestamp=NOW + timedelta(minutes=at // 3), item_type=f"t{at}"))
    await adapter.add_memory_item(item("elsewhere", user_id="v"))
    await documents.set("z-odd", record("z-odd", metadata=None, timestamp=NOW + timedelta(hours=1)))
    order = ["b", "a", "c", "d"]  # equally old ones by id; what is malformed is left out before the limit
    for limit in (*range(9), None, -1, -3, -9, 2**31 - 2, 2**31 - 1, 2**40):
        assert await ids(adapter.get_conversation_history("u", limit=limit)) == order[:limit], limit
    await documents.delete("z-odd")
    for limit in range(6):
        assert await ids(adapter.get_conversation_history("u", limit=limit)) == order[:limit], limit
    assert await ids(adapter.get_conversation_history("u", "")) == order
    assert await ids(adapter.get_conversation_history(None)) == []  # type: ignore[arg-type]  # some callers do


@pytest.mark.parametrize("newer", [0, 3])
async def test_b11_documents_without_a_time_come_last(
    newer: int, adapter: FirestoreMemoryAdapter, documents: AsyncUntypedCollection
) -> None:
    untimed = record("x")
    del untimed["timestamp"]
    await documents.set("a-untimed", {**untimed, "record_id": "a-untimed"})
    await documents.set("z-untimed", {**untimed, "record_id": "z-untimed"})
    for at in range(newer):
        await adapter.add_memory_item(item(f"i{at}", timestamp=NOW - timedelta(days=at)))
    order = [*(f"i{at}" for at in range(newer)), "a-untimed", "z-untimed"]
    for limit in (1, 2, 3, 4, 5, 9, None, -1):
        assert await ids(adapter.get_conversation_history("u", limit=limit)) == order[:limit], limit


async def test_b8_times_that_are_texts_are_put_in_order(
    adapter: FirestoreMemoryAdapter, documents: AsyncUntypedCollection
) -> None:
    times: list[object] = [NOW, (NOW - timedelta(days=2)).isoformat(), NOW - timedelta(days=1), "2020-01-01T00:00:00Z"]
    for name, time in zip("abcd", times, strict=True):
        await documents.set(name, record(name, timestamp=time))
    for limit in range(6):
        assert await ids(adapter.get_conversation_history("u", limit=limit)) == ["a", "c", "b", "d"][:limit], limit


@pytest.mark.parametrize(("filters", "indexed"), [({}, True), ({"session_id": "s"}, True), ({"tag": "x"}, False)])
async def test_b8_the_store_orders_and_limits(
    *,
    filters: dict[str, object],
    indexed: bool,
    store: str,
    async_client: AsyncMemoryClient,
    adapter: FirestoreMemoryAdapter,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for at in range(9):
        when = NOW - timedelta(minutes=at)
        await adapter.add_memory_item(item(f"i{at}", session_id="s", metadata={"tag": "x"}, timestamp=when))
    returned = 0
    run_query = async_client.backend.run_query

    async def counted(*arguments: Any) -> AsyncIterator[Any]:
        nonlocal returned
        async for response in run_query(*arguments):
            returned += response.HasField("document")
            yield response

    monkeypatch.setattr(async_client.backend, "run_query", counted)
    for _ in range(2):
        returned = 0
        assert await ids(adapter.get_conversation_history("u", limit=2, filters=filters)) == ["i0", "i1"]
        by_index = indexed or store != "strict"
        assert returned == (3 if by_index else 9)
    warned = [message for message in caplog.messages if message.startswith("Without an index")]
    assert len(warned) == (0 if by_index else 1)


# B9: duplicates


async def test_b9_duplicates_are_those_of_the_same_user(adapter: FirestoreMemoryAdapter) -> None:
    hashed = item("a", metadata={"content_hash": "h"}, text_content="t")
    await adapter.add_memory_item(hashed)
    assert await adapter.check_duplicate(hashed) is True
    assert await adapter.check_duplicate(item(session_id="s", metadata={"content_hash": "h"})) is True
    assert await adapter.check_duplicate(item(user_id="v", metadata={"content_hash": "h"})) is False
    assert await adapter.check_duplicate(item(metadata={"content_hash": "other"})) is False
    assert await adapter.check_duplicate(item(text_content="t")) is False


# B10: content of agent data


async def test_b10_content_is_stored_as_it_is(
    adapter: FirestoreMemoryAdapter, agent_documents: AsyncUntypedCollection
) -> None:
    contents = [{"url": "x", "n": [1, None, {"z": True}]}, ["a", 1], "text", None, 1.5, True]
    for at, content in enumerate(contents):
        await adapter.add_raw_agent_data(agent_data(f"d{at}", content=content, metadata={"context": "c"}))
    stored = [document.data async for document in agent_documents.query()]
    assert [data["content"] for data in stored] == contents
    assert stored[0].keys() == {"record_id", "context", "persona", "content", "timestamp", "metadata"}
    assert (stored[0]["record_id"], stored[0]["context"], stored[0]["persona"]) == ("d0", "a", "agent")
    metadata = {"context": "c", "data_type": "t", "agent_id": "a", "record_type": "agent_data"}
    assert stored[0]["metadata"] == metadata


async def test_b10_content_that_cannot_be_is_stored_as_text(
    adapter: FirestoreMemoryAdapter, agent_documents: AsyncUntypedCollection, caplog: pytest.LogCaptureFixture
) -> None:
    for at, content in enumerate(([[1]], {1: 2}, 2**70, timedelta(1))):
        await adapter.add_raw_agent_data(agent_data(f"d{at}", content=content))
    stored = [document.data["content"] async for document in agent_documents.query()]
    assert stored == ["[[1]]", "{1: 2}", str(2**70), "1 day, 0:00:00"]
    assert len([message for message in caplog.messages if "stored as text" in message]) == 4


async def test_b10_data_that_cannot_be_stored_is_an_error(adapter: FirestoreMemoryAdapter) -> None:
    for refused, lead in (
        (agent_data("d", metadata={"what": object()}), "Unexpected error saving record: "),
        (agent_data("d", metadata={"rows": [[1]]}), "Failed to save record d to Firestore: "),
        (agent_data("a/b/c"), "Unexpected error saving record: the id 'a/b/c' has slashes"),
    ):
        with pytest.raises(RuntimeError) as found:
            await adapter.add_raw_agent_data(refused)
        assert str(found.value).startswith(lead)
    assert await adapter.add_raw_agent_data(agent_data("d", agent_id="")) == "d"


# B32: ids with slashes


async def test_b32_items_with_slashes_in_their_ids_are_read_but_not_written(
    async_client: AsyncMemoryClient, adapter: FirestoreMemoryAdapter
) -> None:
    below = AsyncUntypedCollection(async_client.backend, "memory_records/a/b", Options())
    await below.set("c", record("a/b/c"))
    found = await adapter.get_memory_item("a/b/c")
    assert found is not None
    assert (found.id, found.text_content) == ("a/b/c", "a/b/c")
    with pytest.raises(RuntimeError, match=r"^Unexpected error saving record: the id 'a/b/c' has slashes"):
        await adapter.add_memory_item(found)


# Health, concurrency, several event loops


async def test_the_document_of_the_health_check_may_exist(
    async_client: AsyncMemoryClient, documents: AsyncUntypedCollection
) -> None:
    await documents.set(SENTINEL, {"record_id": 5})
    adapter = FirestoreMemoryAdapter.from_client(async_client)
    details = {
        "provider": "firestore",
        "adapter": "FirestoreMemoryAdapter",
        "firestore_check": "Successfully verified connectivity",
    }
    healthy = {"status": "healthy", "firestore": True, "redis": False, "error_count": 0, "details": details}
    assert await adapter.health_check() == healthy  # it initialises
    assert adapter._is_initialized is True
    assert await adapter.health_check() == healthy


async def test_50_items_can_be_added_at_once(
    adapter: FirestoreMemoryAdapter, documents: AsyncUntypedCollection
) -> None:
    added = await asyncio.gather(*(adapter.add_memory_item(item()) for _ in range(50)))
    assert await names(documents) == sorted(added)
    assert len(set(added)) == 50


def test_it_works_in_several_event_loops(url: str) -> None:
    client = AsyncMemoryClient.connect(url)
    adapter = FirestoreMemoryAdapter.from_client(client)
    asyncio.run(adapter.initialize())
    for at in range(3):
        assert asyncio.run(adapter.add_memory_item(item(f"i{at}", timestamp=NOW + timedelta(minutes=at)))) == f"i{at}"
    assert asyncio.run(ids(adapter.get_conversation_history("u"))) == ["i2", "i1", "i0"]
    asyncio.run(adapter.close())
    asyncio.run(client.close())


def test_it_is_all_that_the_module_has() -> None:
    assert legacy_adapter.__all__ == ["FirestoreMemoryAdapter"]
