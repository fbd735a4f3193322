"""What `migrate` makes of older documents, and of current ones on the way back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from firestore_memory import ConfigurationError, MemoryClient, ValidationError
from firestore_memory.adapters.migration import MigrationReport, migrate
from firestore_runtime._sync.untyped import UntypedCollection
from firestore_runtime.options import Options
from tests.memory.adapters.golden import put, recording
from tests.memory.adapters.old_documents import SHAPES, contents, store, times

OLD = ("memory_records", "memory_items", "agent_data")
CURRENT = ("records", "memories", "agent_events")
DOCUMENTS = 20 * SHAPES
LAYOUTS = ("records", "record_items", "record_agent_data", "items", "agent_data")
V2 = ("v2:default", "v2:t1:critical:prod")
UNREADABLE = {
    "memory_records/missing_fields": "context",
    "memory_records/null_metadata": "metadata",
    "memory_items/missing_fields": "item_type",
    "memory_items/null_metadata": "metadata",
    "default_memory_items_standard/null_metadata": "metadata",
}
"""Recorded documents that the older managers could not read either, and the field that is to blame."""


@pytest.fixture
def filled(client: MemoryClient) -> MemoryClient:
    """A client of a store with documents of all shapes."""
    store(client.backend, range(DOCUMENTS))
    return client


def counts(report: MigrationReport) -> dict[str, dict[str, int]]:
    return {route.layout: route.counts for route in report.routes}


def every(fate: str, number: int = DOCUMENTS // SHAPES) -> dict[str, dict[str, int]]:
    """What a report counts if all documents had one fate."""
    return {layout: {fate: 2 * number if layout == "items" else number} for layout in LAYOUTS}


def test_everything_is_copied_once_and_the_source_stays(url: str, filled: MemoryClient) -> None:
    before = dict(times(filled.backend, *OLD))
    planned = migrate(url, url, work="plan")
    assert counts(planned) == every("created")
    assert contents(filled.backend, *CURRENT) == {}, "a plan writes nothing"
    assert counts(migrate(url, url)) == every("created")
    assert counts(migrate(url, url)) == every("equal")
    verified = migrate(url, url, work="verify")
    assert verified.is_clean
    assert counts(verified) == every("equal")
    assert dict(times(filled.backend, *OLD)) == before


def test_what_documents_become(url: str, filled: MemoryClient) -> None:
    migrate(url, url)
    assert filled.memory_records.require("d000000").content == "a record"
    item = filled.memory_items.require("d000001")
    assert (item.user_id, item.item_type, item.persona_active, item.text_content) == ("ada", "message", None, None)
    assert item.metadata == {"number": 1}
    for number in (2, 3):
        data = filled.agent_data.require(f"d{number:06}")
        assert (data.agent_id, data.data_type, data.metadata) == ("bot", "log", {"number": number})
    assert filled.memory_items.require("d000004").embedding == [1.0, 4.0]
    assert contents(filled.backend, "memories")["memories/d000005"]["extra"] == "kept"
    history = filled.memory_items.conversation_history(user_id="ada").limit(100).list()
    assert [turn.id for turn in history[:2]] == ["d000119", "d000118"]


def test_later_changes_are_copied_too_but_newer_copies_stay(url: str, filled: MemoryClient) -> None:
    migrate(url, url)
    old = UntypedCollection(filled.backend, "memory_items", Options())
    for document_id, text in (("d000004", "changed"), ("d000010", "changed")):
        document = old.get(document_id)
        assert document is not None
        old.set(document_id, {**document.data, "text_content": text})
    filled.memory_items.update("d000010", text_content="changed by others")
    verified = migrate(url, url, work="verify", layouts=["items"])
    assert [
        (each["id"], each["what"], "text_content" in each["fields"]) for each in verified.routes[0].problems[:2]
    ] == [
        ("d000004", "different", True),
        ("d000010", "newer", True),
    ]
    assert counts(migrate(url, url, layouts=["items"])) == {"items": {"replaced": 1, "newer": 1, "equal": 38}}
    assert filled.memory_items.require("d000004").text_content == "changed"
    assert filled.memory_items.require("d000010").text_content == "changed by others"


def test_what_comes_from_nowhere_is_found(url: str, filled: MemoryClient) -> None:
    migrate(url, url)
    UntypedCollection(filled.backend, "memory_items", Options()).delete("d000004")
    filled.memory_records.delete("d000000")
    verified = migrate(url, url, work="verify")
    assert not verified.is_clean
    problems = {each["id"]: each["what"] for route in verified.routes for each in route.problems}
    assert problems == {"d000004": "extra", "d000000": "missing"}


def test_every_recorded_document(url: str, client: MemoryClient, tmp_path: Path) -> None:
    for name in ("legacy_sync", "legacy_adapter", "legacy_async", "legacy_v2"):
        put(client.backend, recording(name).documents)
    quarantine = tmp_path / "quarantine.ndjson"
    report = migrate(url, url, layouts=[*LAYOUTS, *V2], quarantine=quarantine)
    refused = [json.loads(line) for line in quarantine.read_text().splitlines()]
    assert {each["path"] for each in refused} == UNREADABLE.keys()
    assert [each for each in refused if UNREADABLE[each["path"]] not in each["reason"]] == []
    assert sum(route.counts.get("failed", 0) for route in report.routes) == len(refused)
    for route in migrate(url, url, layouts=[*LAYOUTS, *V2], work="verify").routes:
        assert route.counts.keys() <= {"equal", "failed", "newer", "extra"}, route


def test_the_way_back(url: str, filled: MemoryClient, tmp_path: Path) -> None:
    migrate(url, url)
    other = f"sqlite:///{tmp_path / 'other.db'}"
    layouts = ["records", "items", "agent_data"]
    assert migrate(url, other, reverse=True, layouts=layouts).is_clean
    assert migrate(url, other, reverse=True, layouts=layouts, work="verify").is_clean
    with MemoryClient.connect(other) as back:
        old = contents(back.backend, *OLD)
    before = contents(filled.backend, *OLD)
    assert old["memory_records/d000000"] == before["memory_records/d000000"]
    assert old["memory_items/d000004"] == before["memory_items/d000004"]
    assert old["agent_data/d000003"] == before["agent_data/d000003"]


def test_two_stores_and_namespaces(url: str, filled: MemoryClient, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    assert counts(migrate(url, other, namespace="prod")) == every("created")
    assert contents(filled.backend, *CURRENT) == {}
    with MemoryClient.connect(other, namespace="prod") as client:
        assert client.memory_items.all().count() == DOCUMENTS // 2
    with MemoryClient.connect(other) as client:
        assert client.memory_items.all().count() == 0


def test_what_cannot_be_converted(url: str, client: MemoryClient, tmp_path: Path) -> None:
    items = UntypedCollection(client.backend, "memory_items", Options())
    items.set("good", {"id": "good", "user_id": "ada", "item_type": "note", "metadata": {}})
    items.set("late", {"id": "late", "user_id": "ada", "item_type": "note", "metadata": {}, "timestamp": "soon"})
    items.set("whose", {"id": "whose", "item_type": "note", "metadata": {}})
    quarantine = tmp_path / "quarantine.ndjson"
    report = migrate(url, url, layouts=["items"], quarantine=quarantine)
    assert counts(report) == {"items": {"created": 1, "failed": 2}}
    assert not report.is_clean
    kept = [json.loads(line) for line in quarantine.read_text().splitlines()]
    assert [(each["path"], each["layout"]) for each in kept] == [
        ("memory_items/late", "items"),
        ("memory_items/whose", "items"),
    ]
    assert "timestamp" in kept[0]["reason"]
    assert "user_id" in kept[1]["reason"]
    assert kept[0]["fields"]["timestamp"] == "soon"
    items.set("late", {"id": "late", "user_id": "ada", "item_type": "note", "metadata": {}})
    assert counts(migrate(url, url, layouts=["items"])) == {"items": {"created": 1, "equal": 1, "failed": 1}}


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        ({"layouts": ["item"]}, ["'item'", "record_items", "v2:NAMESPACE"]),
        ({"layouts": ["v2:a:b:c:d"]}, ["v2:a:b:c:d", "too many"]),
        ({"reverse": True}, ["--layout"]),
        ({"reverse": True, "layouts": ["items", "record_items"]}, ["memories", "one shape only"]),
        ({"batch": 0}, ["batch", "1 to 500"]),
        ({"batch": 501}, ["501"]),
        ({"rate": 0}, ["rate"]),
        ({"namespace": "a/b"}, ["namespace"]),
    ],
)
def test_what_is_refused(arguments: dict[str, object], mentions: list[str], tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with pytest.raises((ConfigurationError, ValidationError)) as caught:
        migrate(url, url, **arguments)  # type: ignore[arg-type]  # their types are the keywords' own
    assert [each for each in mentions if each not in str(caught.value)] == []
