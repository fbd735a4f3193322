"""Queries as messages, what a store finds by them, and what is in its tables."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal, TypeAlias

from firestore_runtime import wire
from firestore_runtime.embedded import EmbeddedBackend
from firestore_runtime.embedded.entries import build_index
from firestore_runtime.embedded.semantics.queries import Query, read_query, run
from firestore_runtime.errors import ValidationError
from firestore_runtime.index import IndexField
from tests.runtime.embedded.messages import CALL, DATABASE, ROOT, document_of, value_of

Answer: TypeAlias = list[tuple[str, bytes]] | Literal["refused"]
"""The paths of documents and their messages."""
Entry: TypeAlias = tuple[str, str, int, bytes, int]
"""The collection id and the fields of an index, then the collection, the key and the document of an entry."""


def query(
    collection: str,
    *orders: str,
    where: wire.Filter | None = None,
    group: bool = False,
    parent: str = ROOT,
    start: wire.Cursor | None = None,
    end: wire.Cursor | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> wire.RunQueryRequest:
    """Make the request of a query; an order is the path of a field, maybe followed by `desc`."""
    request = wire.RunQueryRequest(parent=parent)
    message = request.structured_query
    selector = message.from_.add()
    selector.collection_id, selector.all_descendants = collection, group
    if where is not None:
        message.where.CopyFrom(where)
    for path, _, direction in (order.partition(" ") for order in orders):
        order = message.order_by.add()
        order.field.field_path, order.direction = path, 2 if direction else 1
    if start is not None:
        message.start_at.CopyFrom(start)
    if end is not None:
        message.end_at.CopyFrom(end)
    message.offset = offset
    if limit is not None:
        message.limit.value = limit
    return request


def cursor(*values: Any, before: bool) -> wire.Cursor:
    """Make a position in the order of a query: before or behind the documents with these values."""
    message = wire.StructuredQuery().start_at
    message.values.extend(map(value_of, values))
    message.before = before
    return message


def paths(backend: EmbeddedBackend, request: wire.RunQueryRequest) -> list[str]:
    """Return what a query finds, as paths below the root."""
    return [path_of(response.document) for response in backend.run_query(request, CALL)]


def path_of(document: wire.Document) -> str:
    return document.name.removeprefix(f"{ROOT}/")


def put(backend: EmbeddedBackend, documents: Mapping[str, Mapping[str, Any]]) -> None:
    """Store documents by their paths below the root."""
    for some in batched([document_of(path, fields) for path, fields in documents.items()], 500):
        request = wire.BatchWriteRequest(database=DATABASE)
        request.writes.extend(wire.Write(update=document) for document in some)
        assert {status.code for status in backend.batch_write(request, CALL).status} <= {0}


def remove(backend: EmbeddedBackend, names: Iterable[str]) -> None:
    """Delete documents by their paths below the root."""
    backend.commit(
        wire.CommitRequest(database=DATABASE, writes=[wire.Write(delete=f"{ROOT}/{path}") for path in names]), CALL
    )


def batched(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[first : first + size] for first in range(0, len(items), size))


def answer(backend: EmbeddedBackend, request: wire.RunQueryRequest) -> Answer:
    """Return what a store answers to a query."""
    return _answer(response.document for response in backend.run_query(request, CALL))


def plain_answer(backend: EmbeddedBackend, request: wire.RunQueryRequest) -> Answer:
    """Return what it should answer, which is found out by looking through all documents."""
    return _answer(_plainly(backend, request))


def _answer(documents: Iterable[wire.Document]) -> Answer:
    try:
        return [(path_of(document), document.SerializeToString(deterministic=True)) for document in documents]
    except ValidationError:
        return "refused"


def _plainly(backend: EmbeddedBackend, request: wire.RunQueryRequest) -> Iterator[wire.Document]:
    asked = read_query(request.parent, request.structured_query)
    yield from run(asked, [one for one in all_documents(backend) if _is_asked_about(one, asked)], ordered=False)


def _is_asked_about(document: wire.Document, asked: Query) -> bool:
    parent, collection_id, _ = document.name.rsplit("/", 2)
    is_below = parent == asked.parent or (asked.all_descendants and parent.startswith(f"{asked.parent}/"))
    return is_below and collection_id == asked.collection_id


def all_documents(backend: EmbeddedBackend) -> list[wire.Document]:
    """Return the documents of a store, in no order."""
    with backend.engine.store.reading() as connection:
        messages = connection.execute("SELECT message FROM documents").fetchall()
    return [wire.Document.FromString(message) for (message,) in messages]


def fields_of(*texts: str) -> tuple[IndexField, ...]:
    """Return the fields of an index: `a`, `a desc`, `a contains`."""
    kinds = {"": "ASCENDING", "desc": "DESCENDING", "contains": "CONTAINS"}
    parts = (text.partition(" ") for text in texts)
    return tuple(IndexField(path, kinds[kind]) for path, _, kind in parts)  # type: ignore[arg-type]  # one of these


def entries(backend: EmbeddedBackend) -> list[Entry]:
    """Return what a store keeps of its indexes."""
    with backend.engine.store.reading() as connection:
        return _entries(connection)


class _UndoError(Exception):
    """Raised so that nothing is kept."""


def rebuilt_entries(backend: EmbeddedBackend) -> list[Entry]:
    """Return what a store would keep if it made all of its indexes now."""
    found: list[Entry] = []
    with suppress(_UndoError), backend.engine.store.writing(5.0) as connection:
        indexes = connection.execute("SELECT collection_id, fields FROM indexes").fetchall()
        connection.execute("DELETE FROM entries")
        connection.execute("DELETE FROM indexes")
        for collection_id, text in indexes:
            build_index(connection, collection_id, tuple(IndexField(*field) for field in json.loads(text)))
        found = _entries(connection)
        raise _UndoError
    return found


def _entries(connection: sqlite3.Connection) -> list[Entry]:
    sql = """
        SELECT collection_id, fields, collection, key, document FROM entries JOIN indexes ON indexes.id = index_id
        ORDER BY 1, 2, 3, 4, 5
    """
    return connection.execute(sql).fetchall()
