"""What documents of the older shapes become in the current collections, and what becomes of them on the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, cast

import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firestore_memory import CorruptDocumentError, MemoryClient
from firestore_memory.adapters import _bindings
from firestore_memory.adapters._bindings import ROLLOUT
from firestore_runtime._sync.untyped import UntypedCollection
from firestore_runtime.documents.untyped import UntypedDocument
from firestore_runtime.options import Options
from firestore_runtime.rollout._sync.copying import Copier
from firestore_runtime.rollout.conversions import Data
from firestore_runtime.rollout.copies import Route
from firestore_runtime.rollout.findings import is_same
from firestore_runtime.rollout.layouts import Layout
from firestore_runtime.values import Vector
from firestore_runtime.wire import Document
from tests.memory.adapters.golden import put, recording

LAYOUTS = ROLLOUT.layouts
RECORDS, RECORD_ITEMS, RECORD_AGENT_DATA, ITEMS, AGENT_DATA, V2_ITEMS, V2_AGENT_DATA = LAYOUTS.values()

MOMENT = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
FAR = datetime(2999, 1, 1, tzinfo=UTC)

ITEM: Data = {
    "id": "i1",
    "user_id": "ada",
    "session_id": "s",
    "timestamp": MOMENT,
    "item_type": "conversation",
    "persona_active": "p",
    "text_content": "hello",
    "embedding": [1.0, 2.0],
    "metadata": {"k": 1},
    "expiration": FAR,
}
RECORD: Data = {
    "record_id": "r1",
    "context": "ada",
    "persona": "p",
    "content": "hello",
    "timestamp": MOMENT,
    "metadata": {"k": 1},
}
RECORD_ITEM: Data = {
    **RECORD,
    "embedding": [1.0, 2.0],
    "metadata": {"k": 1, "record_type": "memory_item", "item_type": "note", "session_id": "s"},
}
AGENT: Data = {
    "id": "a1",
    "agent_id": "bot",
    "timestamp": MOMENT,
    "data_type": "log",
    "content": {"steps": [1, "two"]},
    "metadata": {"k": 1},
    "expiration": None,
}
AGENT_RECORD: Data = {
    **RECORD,
    "context": "bot",
    "persona": "agent",
    "content": {"steps": [1, "two"]},
    "metadata": {"k": 1, "record_type": "agent_data", "data_type": "log", "agent_id": "bot"},
}
SAMPLES: Mapping[str, Data] = {
    "records": RECORD,
    "record_items": RECORD_ITEM,
    "record_agent_data": AGENT_RECORD,
    "items": ITEM,
    "agent_data": AGENT,
    "v2_items": ITEM,
    "v2_agent_data": AGENT,
}

scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=4)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab.", max_size=2), inner, max_size=2)
)
metadata = st.dictionaries(st.sampled_from(["k", "tags", "content_hash", "a.b"]), values)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
times = moments | moments.map(datetime.isoformat) | moments.map(lambda moment: moment.replace(tzinfo=None).isoformat())
texts = st.none() | st.text(max_size=5) | st.just("ä" * 1_000)
embeddings = st.none() | st.lists(st.floats(-1, 1) | st.integers(-1, 1), max_size=3) | st.just([0.5] * 2_049)
unknown = {"unknown": values, "other field": values}


def documents(sample: Data, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Data]:
    """Documents like a sample, with other values in some fields, and without some others."""
    always = {key: st.just(value) for key, value in sample.items() if key not in fields}
    return st.fixed_dictionaries(always, optional={**fields, **unknown})


items = documents(
    ITEM, timestamp=times, text_content=texts, embedding=embeddings, metadata=metadata, expiration=st.none() | times
)
records = documents(RECORD, timestamp=times, metadata=metadata)
own = {"record_type": st.just("memory_item")}
optional_own = {"item_type": st.text(max_size=3), "session_id": st.none() | st.text(max_size=3), "expiration": times}
record_metadata = st.builds(dict.__or__, metadata, st.fixed_dictionaries(own, optional=optional_own))
record_items = st.tuples(
    documents(
        RECORD,
        persona=st.sampled_from(["default", "p"]),
        content=texts.map(lambda text: text or ""),
        embedding=embeddings,
        expiration=times,
    ).filter(lambda data: {"persona", "content"} <= data.keys()),
    record_metadata,
).map(lambda both: {**both[0], "metadata": both[1]})
agent_data = documents(AGENT, timestamp=times, content=values, metadata=metadata, expiration=st.none() | times).filter(
    lambda data: "content" in data
)


def read(layout: Layout, data: Data) -> pydantic.BaseModel:
    """What the manager whose shape it is reads of it."""
    document = UntypedDocument("d", data, MOMENT, Document())
    readers: Mapping[str, Callable[[UntypedDocument], pydantic.BaseModel]] = {
        "records": _bindings.RECORDS.from_old,
        "record_items": _bindings.RECORD_ITEMS.from_old_item,
        "agent_data": _bindings.ITEMS.from_old_agent_data,
    }
    return readers.get(layout.name, _bindings.ITEMS.from_old_item)(document)


def check_there_and_back(layout: Layout, old: Data) -> None:
    back = layout.to_old(layout.to_current(old))
    assert is_same(read(layout, back), read(layout, old))
    assert {key: back.get(key) for key in unknown} == {key: old.get(key) for key in unknown}


@given(items)
@settings(deadline=None)
def test_items_there_and_back(old: Data) -> None:
    check_there_and_back(ITEMS, old)


@given(records)
@settings(deadline=None)
def test_records_there_and_back(old: Data) -> None:
    check_there_and_back(RECORDS, old)


@given(record_items)
@settings(deadline=None)
def test_items_that_are_records_there_and_back(old: Data) -> None:
    check_there_and_back(RECORD_ITEMS, old)


@given(agent_data)
@settings(deadline=None)
def test_agent_data_there_and_back(old: Data) -> None:
    check_there_and_back(AGENT_DATA, old)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_whole_document_comes_back_as_it_was(name: str) -> None:
    layout, old = LAYOUTS[name], SAMPLES[name]
    current = layout.to_current(old)
    assert layout.to_old(current) == old
    assert layout.to_current(layout.to_old(current)) == current
    assert old == SAMPLES[name], "what is converted is not changed"


@pytest.mark.parametrize("content", ["text", "{'a': 1}", "", 7, None, ["a", {"b": 1}]])
def test_content_of_agents_stays_as_it_is(content: object) -> None:
    """Older adapters stored Python's text of it; nobody can tell that from a text that was one."""
    current = RECORD_AGENT_DATA.to_current({**AGENT_RECORD, "content": content})
    assert current["content"] == content
    assert RECORD_AGENT_DATA.to_old(current)["content"] == content


def test_the_second_version_left_out_what_was_empty() -> None:
    assert V2_ITEMS.to_current({"id": "i1", "user_id": "ada"}) == {"id": "i1", "user_id": "ada", "item_type": "message"}
    assert V2_AGENT_DATA.to_current({"id": "a1", "agent_id": "bot"})["data_type"] == "log"


def test_agent_data_of_both_shapes_are_told_apart() -> None:
    assert [layout.is_one(AGENT) for layout in (AGENT_DATA, RECORD_AGENT_DATA)] == [True, False]
    assert [layout.is_one(AGENT_RECORD) for layout in (AGENT_DATA, RECORD_AGENT_DATA)] == [False, True]
    pretending = {**AGENT, "metadata": {"record_type": "agent_data"}}
    assert AGENT_DATA.is_one(pretending), "the application chooses its metadata"


def test_so_are_records() -> None:
    assert [layout.is_one(RECORD) for layout in (RECORDS, RECORD_ITEMS)] == [True, False]
    assert [layout.is_one(RECORD_ITEM) for layout in (RECORDS, RECORD_ITEMS)] == [False, True]
    assert RECORDS.is_one({**RECORD, "metadata": "none"})


def test_what_records_lack_is_found_in_their_metadata() -> None:
    old = {**RECORD_ITEM, "metadata": {**RECORD_ITEM["metadata"], "expiration": FAR.isoformat()}}
    current = RECORD_ITEMS.to_current(old)
    assert (current["session_id"], current["item_type"], current["expiration"]) == ("s", "note", FAR)
    assert current["metadata"] == {"k": 1, "expiration": FAR.isoformat()}


def test_an_expiration_of_its_own_goes_before_that_of_the_metadata() -> None:
    old = {**RECORD_ITEM, "expiration": MOMENT, "metadata": {**RECORD_ITEM["metadata"], "expiration": FAR}}
    assert RECORD_ITEMS.to_current(old)["expiration"] == MOMENT


def test_what_stood_for_nothing_becomes_null() -> None:
    current = RECORD_ITEMS.to_current({**RECORD_ITEM, "persona": "default", "content": ""})
    assert (current["persona_active"], current["text_content"]) == (None, None)
    assert "content_hash" not in current


@pytest.mark.parametrize(
    ("embedding", "becomes"),
    [
        ([1, 2.5], Vector([1.0, 2.5])),
        (Vector([1.0]), Vector([1.0])),
        ([], []),
        ([0.5] * 2_049, [0.5] * 2_049),
        ([1.0, float("inf")], [1.0, float("inf")]),
        ([True, 1.0], [True, 1.0]),
        (["1"], ["1"]),
        ("none", "none"),
    ],
)
@pytest.mark.parametrize(("layout", "sample"), [(ITEMS, ITEM), (RECORD_ITEMS, RECORD_ITEM)])
def test_arrays_of_numbers_become_vectors(layout: Layout, sample: Data, embedding: object, becomes: object) -> None:
    current = layout.to_current({**sample, "embedding": embedding})["embedding"]
    assert (type(current), current) == (type(becomes), becomes)
    back = layout.to_old({**sample, "embedding": Vector([1.0])})["embedding"]
    assert (type(back), back) == (list, [1.0])


@pytest.mark.parametrize(("layout", "sample"), [(ITEMS, ITEM), (RECORD_ITEMS, RECORD_ITEM)])
def test_the_hash_of_the_text_is_added(layout: Layout, sample: Data) -> None:
    assert layout.to_current(sample)["content_hash"] == sha256(b"hello").hexdigest()
    assert "content_hash" not in layout.to_old(layout.to_current(sample))


def test_older_documents_of_long_texts_have_it_too() -> None:
    old = {**ITEM, "text_content": "ä" * 800, "content_hash": sha256(("ä" * 800).encode()).hexdigest()}
    assert ITEMS.to_old(ITEMS.to_current(old)) == old


@pytest.mark.parametrize(
    "text", ["2024-05-06T07:08:09.123456Z", "2024-05-06T07:08:09.123456", "2024-05-06T09:08:09.123456+02:00"]
)
@pytest.mark.parametrize("name", LAYOUTS)
def test_texts_become_times(name: str, text: str) -> None:
    assert LAYOUTS[name].to_current({**SAMPLES[name], "timestamp": text})["timestamp"] == MOMENT


@pytest.mark.parametrize("name", LAYOUTS)
def test_texts_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="timestamp: a text that is no time"):
        LAYOUTS[name].to_current({**SAMPLES[name], "timestamp": "soon"})


@pytest.mark.parametrize(("layout", "sample"), [(RECORD_ITEMS, RECORD_ITEM), (RECORD_AGENT_DATA, AGENT_RECORD)])
def test_metadata_that_are_no_map(layout: Layout, sample: Data) -> None:
    with pytest.raises(ValueError, match="metadata: no map, but a str"):
        layout.to_current({**sample, "metadata": "none"})
    broken = layout.to_old({"metadata": "none"})
    assert broken["metadata"] == "none"
    with pytest.raises(CorruptDocumentError, match="metadata"):
        read(RECORDS, broken)


UNREADABLE = {
    "memory_records/missing_fields": "context",
    "memory_records/null_metadata": "metadata",
    "memory_items/missing_fields": "item_type",
    "memory_items/null_metadata": "metadata",
    "default_memory_items_standard/null_metadata": "metadata",
}
"""Recorded documents that the older managers could not read either, and the field that is to blame."""


def layout_of(collection: str, data: Data) -> Layout | None:
    """Which shape a recorded document has; None if it stays where it is."""
    if collection == "memory_records":
        return RECORD_ITEMS if RECORD_ITEMS.is_one(data) else RECORDS
    if collection == "agent_data":
        return AGENT_DATA if AGENT_DATA.is_one(data) else RECORD_AGENT_DATA
    own_paths = {
        "memory_items": ITEMS,
        "default_memory_items_standard": V2_ITEMS,
        "default_agent_data_standard": V2_AGENT_DATA,
    }
    return own_paths.get(collection)


@pytest.mark.parametrize("name", ["legacy_sync", "legacy_adapter", "legacy_async", "legacy_v2"])
def test_the_typed_client_reads_every_recorded_document(name: str) -> None:
    with MemoryClient.connect("memory:") as client:
        put(client.backend, recording(name).documents)
        for stored in recording(name).documents:
            check_recorded(client, stored.collection, stored.id)


def check_recorded(client: MemoryClient, path: str, document_id: str) -> None:
    document = UntypedCollection(client.backend, path, Options()).get(document_id)
    assert document is not None
    layout = layout_of(path, document.data)
    if layout is None:
        return
    route = Route(layout, "forward", path, "/".join(layout.schema.path))
    outcome = Copier(route, client.backend, client.backend, Options(), always=False).copy([document_id])[document_id]
    reason = UNREADABLE.get(f"{path}/{document_id}")
    if reason is not None:
        assert outcome.fate == "failed"
        assert reason in outcome.reason
        return
    assert outcome.fate == "created", outcome
    collection = cast("Any", getattr(client, layout.schema.name))  # of one of three models
    assert collection.require(document_id)
