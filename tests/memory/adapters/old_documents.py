"""Many documents of all older shapes, to be migrated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from firestore_memory import Backend
from firestore_runtime._sync.untyped import UntypedCollection
from firestore_runtime.options import Options

SHAPES = 6
_AT_ONCE = 300
_START = datetime(2024, 1, 1, tzinfo=UTC)


def old_document(number: int) -> tuple[str, str, dict[str, object]]:
    """Return the collection, the id and the fields of a document; each shape comes up, one after the other."""
    document_id = f"d{number:06}"
    time = _START + timedelta(seconds=number)
    metadata: dict[str, object] = {"number": number}
    match number % SHAPES:
        case 0:
            own = {"record_id": document_id, "context": "ada", "persona": "p", "content": "a record"}
            return "memory_records", document_id, {**own, "timestamp": time, "metadata": metadata}
        case 1:
            kind = {"record_type": "memory_item", "item_type": "message", "session_id": None}
            own = {"record_id": document_id, "context": "ada", "persona": "default", "content": ""}
            return "memory_records", document_id, {**own, "timestamp": time, "metadata": {**metadata, **kind}}
        case 2:
            kind = {"record_type": "agent_data", "data_type": "log", "agent_id": "bot"}
            own = {"record_id": document_id, "context": "bot", "persona": "agent", "content": "{'a': 1}"}
            return "agent_data", document_id, {**own, "timestamp": time, "metadata": {**metadata, **kind}}
        case 3:
            data = {"id": document_id, "agent_id": "bot", "data_type": "log", "content": {"a": [1]}}
            return "agent_data", document_id, {**data, "timestamp": time, "metadata": metadata, "expiration": None}
        case 4:
            return "memory_items", document_id, {**_item(document_id, time), "embedding": [1.0, number]}
        case _:
            item = {**_item(document_id, time), "timestamp": time.isoformat(), "extra": "kept"}
            return "memory_items", document_id, item


def _item(document_id: str, time: datetime) -> dict[str, object]:
    return {
        "id": document_id,
        "user_id": "ada",
        "session_id": "s",
        "timestamp": time,
        "item_type": "conversation",
        "persona_active": None,
        "text_content": f"text of {document_id}",
        "embedding": None,
        "metadata": {},
        "expiration": time,
    }


def store(backend: Backend, numbers: range) -> None:
    """Store documents."""
    for start in range(numbers.start, numbers.stop, _AT_ONCE):
        writes = [
            UntypedCollection(backend, path, Options()).set_write(document_id, fields)
            for path, document_id, fields in map(old_document, range(start, min(start + _AT_ONCE, numbers.stop)))
        ]
        assert not any(UntypedCollection(backend, "memory_items", Options()).write_many(writes))


def contents(backend: Backend, *paths: str) -> dict[str, dict[str, object]]:
    """Return the fields of all documents of collections, by path."""
    return {
        f"{path}/{document.id}": document.data
        for path in paths
        for document in UntypedCollection(backend, path, Options()).query()
    }


def times(backend: Backend, *paths: str) -> Iterator[tuple[str, datetime]]:
    """Yield when documents were written last."""
    for path in paths:
        for document in UntypedCollection(backend, path, Options()).query():
            yield f"{path}/{document.id}", document.update_time
