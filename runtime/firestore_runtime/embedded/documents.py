"""The documents of a store, by their names, in one state of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firestore_runtime import wire
from firestore_runtime.errors import ValidationError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from firestore_runtime.wire import Document, Timestamp

DATABASE = "projects/embedded/databases/(default)"
"""The name of a store's only database, in the names of its documents."""

ROOT = f"{DATABASE}/documents"

_BELOW = "(parent = :parent OR (parent > :parent || '/' AND parent < :parent || '0'))"  # "0" follows "/"
_COLLECTION = "SELECT id FROM collections WHERE collection_id = ? AND parent = ?"
_FIND = """
    SELECT documents.id, collection, message FROM documents JOIN collections ON collections.id = documents.collection
    WHERE collection_id = ? AND parent = ? AND document_id = ?
"""


@dataclass(frozen=True, slots=True)
class Name:
    """A document's name in parts; `parent` is the path of the document that its collection belongs to, or empty."""

    parent: str
    collection_id: str
    document_id: str


def split_name(name: str) -> Name:
    """Take the name of a document apart.

    Raises:
        ValidationError: It is not the name of a document in this database.
    """
    root, _, path = name.partition("/documents/")
    if root != DATABASE or path.count("/") % 2 == 0:
        raise ValidationError(f"{name!r} is not the name of a document in {DATABASE}")
    above, document_id = path.rsplit("/", 1)
    parent, _, collection_id = above.rpartition("/")
    return Name(parent, collection_id, document_id)


def relative_parent(parent: str) -> str:
    """Return the path of the document that a query is about what is below of, or nothing for the whole database.

    Raises:
        ValidationError: It is not in this database.
    """
    if parent != ROOT and not parent.startswith(f"{ROOT}/"):
        raise ValidationError(f"{parent!r} is neither {ROOT} nor a document in it")
    return parent[len(ROOT) + 1 :]


def microseconds(time: Timestamp) -> int:
    """Return a time as microseconds since 1970."""
    return time.seconds * 1_000_000 + time.nanos // 1_000


@dataclass(frozen=True, slots=True)
class Collections:
    """The collections that a query is about.

    Attributes:
        parent: The path of the document above them, or nothing.
        collection_id: Their id, or nothing for all of them.
        all_descendants: Whether they may lie anywhere below the parent.
    """

    parent: str
    collection_id: str
    all_descendants: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """A document in the store, with its number and that of its collection."""

    number: int
    collection: int
    document: Document


class Documents:
    """The documents of a store.

    Args:
        connection: A connection that sees one state of it; one that writes, for the methods that do.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def time(self) -> int:
        """Return when something was written last, in microseconds since 1970."""
        (time,) = self._connection.execute("SELECT time FROM state").fetchone()
        return int(time)

    def find(self, name: str) -> Stored | None:
        """Return a document by its name, or None if there is none."""
        parts = split_name(name)
        row = self._connection.execute(_FIND, (parts.collection_id, parts.parent, parts.document_id)).fetchone()
        return None if row is None else Stored(row[0], row[1], wire.Document.FromString(row[2]))

    def load(self, number: int) -> Document:
        """Return a document by its number."""
        (message,) = self._connection.execute("SELECT message FROM documents WHERE id = ?", (number,)).fetchone()
        return wire.Document.FromString(message)

    def versions(self, collection: int) -> list[tuple[int, int]]:
        """Return the numbers of a collection's documents, ascending, and their update times."""
        sql = "SELECT id, update_time FROM documents WHERE collection = ? ORDER BY id"
        return self._connection.execute(sql, (collection,)).fetchall()

    def collections(self, wanted: Collections) -> tuple[int, ...]:
        """Return the numbers of the collections that a query is about and that have had documents."""
        scope = "parent = :parent"
        if wanted.all_descendants:
            scope = _BELOW if wanted.parent else "TRUE"
        if wanted.collection_id:
            scope = f"collection_id = :collection_id AND {scope}"
        parameters = {"parent": wanted.parent, "collection_id": wanted.collection_id}
        rows = self._connection.execute(f"SELECT id FROM collections WHERE {scope}", parameters)
        return tuple(number for (number,) in rows)

    def collection_name(self, collection: int) -> str:
        """Return the full name of a collection by its number."""
        sql = "SELECT parent, collection_id FROM collections WHERE id = ?"
        segments = self._connection.execute(sql, (collection,)).fetchone()
        return "/".join(filter(None, (ROOT, *segments)))

    def count(self, collection: int, limit: int = -1) -> int:
        """Count the documents of a collection, up to a limit."""
        sql = "SELECT count(*) FROM (SELECT 1 FROM documents WHERE collection = ? LIMIT ?)"
        (count,) = self._connection.execute(sql, (collection, limit)).fetchone()
        return int(count)

    def scan(self, collection: int, first_id: str = "", *, descending: bool = False) -> Iterator[Document]:
        """Return the documents of a collection, in the order of their ids.

        Args:
            collection: The number of the collection.
            first_id: The least id.
            descending: Whether to begin with the greatest id.
        """
        direction = "DESC" if descending else "ASC"
        sql = (
            f"SELECT message FROM documents WHERE collection = ? AND document_id >= ? ORDER BY document_id {direction}"
        )
        for (message,) in self._connection.execute(sql, (collection, first_id)):
            yield wire.Document.FromString(message)

    def insert(self, document: Document) -> Stored:
        """Store a document that is new."""
        parts = split_name(document.name)
        collection = self._collection(parts)
        sql = "INSERT INTO documents (collection, document_id, update_time, message) VALUES (?, ?, ?, ?)"
        columns = microseconds(document.update_time), document.SerializeToString()
        number = self._connection.execute(sql, (collection, parts.document_id, *columns)).lastrowid
        assert number is not None  # an INSERT has one
        return Stored(number, collection, document)

    def replace(self, stored: Stored, document: Document) -> Stored:
        """Store another version of a document."""
        columns = microseconds(document.update_time), document.SerializeToString()
        sql = "UPDATE documents SET update_time = ?, message = ? WHERE id = ?"
        self._connection.execute(sql, (*columns, stored.number))
        return Stored(stored.number, stored.collection, document)

    def delete(self, stored: Stored) -> None:
        """Remove a document."""
        self._connection.execute("DELETE FROM documents WHERE id = ?", (stored.number,))

    def _collection(self, parts: Name) -> int:
        """Return the number of a collection, which is given one with its first document."""
        row = self._connection.execute(_COLLECTION, (parts.collection_id, parts.parent)).fetchone()
        if row is None:
            sql = "INSERT INTO collections (collection_id, parent) VALUES (?, ?) RETURNING id"
            row = self._connection.execute(sql, (parts.collection_id, parts.parent)).fetchone()
        return int(row[0])
