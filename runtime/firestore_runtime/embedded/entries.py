"""The entries of indexes: for each value of a document that an index is about, the bytes that it is found by.

An entry is the joined keys of the index's fields and of the document's name (see `keys.py`), so that the entries of an
index, in the order of their bytes, are the documents in the order of a query.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from firestore_runtime import wire
from firestore_runtime.embedded.semantics.keys import inverted, name_key, value_key
from firestore_runtime.embedded.semantics.lookup import value_at
from firestore_runtime.index import IndexField
from firestore_runtime.paths import split_field_path

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from firestore_runtime.embedded.documents import Stored
    from firestore_runtime.paths import FieldPath
    from firestore_runtime.wire import Document

MAX_ENTRY_BYTES = 1_500
"""Longer entries are cut, as Firestore's are: those that are then the same are told apart by their documents."""

_INSERT = "INSERT OR IGNORE INTO entries (index_id, collection, key, document) VALUES (?, ?, ?, ?)"
_DELETE = "DELETE FROM entries WHERE index_id = ? AND collection = ? AND key = ? AND document = ?"


@dataclass(frozen=True, slots=True)
class BuiltIndex:
    """An index that the store keeps.

    Attributes:
        number: The number of the index.
        fields: What it is about. A descending field is one that is ordered the other way round than the document's
            name, which follows: the index serves orders in its own direction and, from its end, in the opposite one.
        paths: The paths of the fields.
    """

    number: int
    fields: tuple[IndexField, ...]
    paths: tuple[FieldPath, ...]

    def keys(self, document: Document) -> set[bytes]:
        """Return the entries of a document: none if it lacks a field, several if a field is an array."""
        parts = [_keys_of(document, path, field) for path, field in zip(self.paths, self.fields, strict=True)]
        name = name_key(document.name)
        return {cut(b"".join((*part, name))) for part in product(*parts)}


def cut(key: bytes) -> bytes:
    """Return as much of a key as an entry holds."""
    return key[:MAX_ENTRY_BYTES]


def cut_end(end: bytes) -> bytes:
    """Return the end of a range of entries from that of a range of keys; neither belongs to its range."""
    return end if len(end) <= MAX_ENTRY_BYTES else cut(end) + b"\x00"


def _keys_of(document: Document, path: FieldPath, field: IndexField) -> list[bytes]:
    value = value_at(document, path)
    if value is None:
        return []
    match field.kind:
        case "CONTAINS":
            return [value_key(element) for element in value.array_value.values]
        case "DESCENDING":
            return [inverted(value_key(value))]
        case _:
            return [value_key(value)]


class Indexing:
    """The indexes that a store has in one state of it.

    Args:
        connection: A connection that sees the state.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._indexes: dict[str, dict[tuple[IndexField, ...], BuiltIndex]] = {}
        for number, collection_id, text in connection.execute("SELECT id, collection_id, fields FROM indexes"):
            index = _index(number, tuple(IndexField(path, kind) for path, kind in json.loads(text)))
            self._indexes.setdefault(collection_id, {})[index.fields] = index

    def find(self, collection_id: str, fields: tuple[IndexField, ...]) -> BuiltIndex | None:
        """Return the index of collections with an id that is about these fields, or None if the store has none."""
        return self._indexes.get(collection_id, {}).get(fields)

    def update(
        self, connection: sqlite3.Connection, collection_id: str, before: Stored | None, after: Stored | None
    ) -> None:
        """Change the entries of a document that is written; it is None where there was none, or is none any more."""
        for index in self._indexes.get(collection_id, {}).values():
            old = index.keys(before.document) if before else set()
            new = index.keys(after.document) if after else set()
            if before:
                rows = ((index.number, before.collection, key, before.number) for key in old - new)
                connection.executemany(_DELETE, rows)
            if after:
                rows = ((index.number, after.collection, key, after.number) for key in new - old)
                connection.executemany(_INSERT, rows)


def _index(number: int, fields: tuple[IndexField, ...]) -> BuiltIndex:
    return BuiltIndex(number, fields, tuple(split_field_path(field.path) for field in fields))


def build_index(connection: sqlite3.Connection, collection_id: str, fields: tuple[IndexField, ...]) -> None:
    """Make an index of all documents in collections with an id, unless there is one."""
    text = json.dumps([[field.path, field.kind] for field in fields])
    sql = "INSERT OR IGNORE INTO indexes (collection_id, fields) VALUES (?, ?) RETURNING id"
    row = connection.execute(sql, (collection_id, text)).fetchone()
    if row is None:
        return
    connection.execute("UPDATE state SET indexing = indexing + 1")
    connection.executemany(_INSERT, _entries(connection, collection_id, _index(row[0], fields)))


def _entries(
    connection: sqlite3.Connection, collection_id: str, index: BuiltIndex
) -> Iterator[tuple[int, int, bytes, int]]:
    sql = """
        SELECT documents.id, collection, message
        FROM documents JOIN collections ON collections.id = collection WHERE collection_id = ?
    """
    for number, collection, message in connection.execute(sql, (collection_id,)):
        for key in index.keys(wire.Document.FromString(message)):
            yield index.number, collection, key, number
