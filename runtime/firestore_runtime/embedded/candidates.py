"""The documents that a query may find: read by an index where there is one, or all of its collections."""

from __future__ import annotations

from heapq import merge
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from firestore_runtime import wire
from firestore_runtime.embedded.documents import Collections, Documents, relative_parent
from firestore_runtime.embedded.entries import MAX_ENTRY_BYTES, cut, cut_end
from firestore_runtime.embedded.scans import scans
from firestore_runtime.embedded.semantics.keys import least_id, name_of
from firestore_runtime.embedded.semantics.predicates import key_at
from firestore_runtime.paths import DOCUMENT_ID

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from firestore_runtime.embedded.entries import BuiltIndex, Indexing
    from firestore_runtime.embedded.scans import IndexFields, Scan
    from firestore_runtime.embedded.semantics.queries import Conjunction, Query
    from firestore_runtime.index import Index
    from firestore_runtime.wire import Document

_ENOUGH = 1_000
"""To find the range with the fewest entries, each is counted up to this number."""
_FEW = 1_000
"""As many documents are looked through as fast as an index is used; it is not worth making one for less."""


class Candidates:
    """The documents that a query may find in one state of a store.

    Args:
        connection: A connection that sees the state.
        indexing: The indexes that there are in it.
        declared: The composite indexes that are declared for the query's collections.
        query: The query.
    """

    def __init__(
        self, connection: sqlite3.Connection, indexing: Indexing, declared: Iterable[Index], query: Query
    ) -> None:
        self._connection = connection
        self._documents = Documents(connection)
        self._query = query
        wanted = Collections(relative_parent(query.parent), query.collection_id, query.all_descendants)
        self.collections = self._documents.collections(wanted)
        self._scans = [(part, scans(query, part, declared)) for part in query.alternatives]
        self._indexing = indexing

    def missing_indexes(self) -> set[IndexFields]:
        """Return the fields of the indexes that would be worth having, but that there are not."""
        wanted = {scan.fields for choice in self._choices() for scan in choice if self._index(scan) is None}
        return wanted if wanted and self._query.collection_id and self._are_many() else set()

    def read(self) -> tuple[Iterator[Document], bool]:
        """Return the documents, each once, and whether they come in the order of the query."""
        streams = [self._alternative(part, choice) for part, choice in self._scans]
        found = [stream for stream in streams if stream is not None]
        if len(found) < len(streams):
            return self._all()
        return self._joined(list(chain.from_iterable(found)), several=len(found) > 1), True

    def indexes_used(self) -> list[IndexFields]:
        """Return the fields of the indexes that `read` uses; none if it reads whole collections."""
        used = [self._best(choice) for choice in self._choices()]
        return [scan.fields for scan, _ in filter(None, used)] if all(used) else []

    def _choices(self) -> list[tuple[Scan, ...]]:
        """The scans that each alternative has the choice of, but for those that ask for a document by its name."""
        return [choice for part, choice in self._scans if DOCUMENT_ID not in part.equalities]

    def _are_many(self) -> bool:
        count = 0
        for collection in self.collections:
            count += self._documents.count(collection, _FEW)
            if count >= _FEW:
                return True
        return False

    def _all(self) -> tuple[Iterator[Document], bool]:
        by_name = len(self._query.orders) == 1
        streams = [self._collection(collection) for collection in self.collections]
        return (self._joined(streams, several=False) if by_name else chain.from_iterable(streams)), by_name

    def _collection(self, collection: int) -> Iterator[Document]:
        order = self._query.orders[0]
        if order.path != DOCUMENT_ID or order.descending:
            return self._documents.scan(collection, descending=order.descending)
        first_id = least_id(self._documents.collection_name(collection), self._query.start)
        return self._documents.scan(collection, first_id)

    def _joined(self, streams: list[Iterator[Document]], *, several: bool) -> Iterator[Document]:
        """Join streams that have the order of the query; several alternatives may find the same document."""
        if len(streams) == 1:
            return streams[0]
        joined = merge(*streams, key=self._position)
        return (next(same) for _, same in groupby(joined, lambda document: document.name)) if several else joined

    def _alternative(self, part: Conjunction, choice: tuple[Scan, ...]) -> list[Iterator[Document]] | None:
        """Return the documents that may be found by one alternative, by collection, or None if no index serves it."""
        if DOCUMENT_ID in part.equalities:
            return [self._named(name_of(part.equalities[DOCUMENT_ID]))]
        best = self._best(choice)
        if best is None:
            return None
        streams = [self._by_entries(*best, collection) for collection in self.collections]
        return [self._in_order(part, stream) for stream in streams]

    def _in_order(self, part: Conjunction, documents: Iterator[Document]) -> Iterator[Document]:
        """Leave out what has another value of an ordered field than the alternative asks for: that is in no order.

        An index need not know of such a field, in which all that the alternative finds is the same.
        """
        orders = [order.path for order in self._query.orders]
        fixed = [(path, key) for path, key in part.equalities.items() if path in orders]
        if not fixed:
            return documents
        return (document for document in documents if all(key_at(document, path) == key for path, key in fixed))

    def _named(self, name: str) -> Iterator[Document]:
        stored = self._documents.find(name)
        if stored and stored.collection in self.collections and self._query.sort_key(stored.document) is not None:
            yield stored.document

    def _best(self, choice: tuple[Scan, ...]) -> tuple[Scan, BuiltIndex] | None:
        """Return the scan with the fewest entries whose index exists."""
        possible = [(scan, index) for scan in choice if (index := self._index(scan)) is not None]
        if len(possible) < 2:
            return next(iter(possible), None)
        return min(possible, key=lambda one: self._size(*one))

    def _index(self, scan: Scan) -> BuiltIndex | None:
        return self._indexing.find(self._query.collection_id, scan.fields)

    def _size(self, scan: Scan, index: BuiltIndex) -> int:
        sql = (
            "SELECT count(*) FROM (SELECT 1 FROM entries"
            " WHERE index_id = ? AND collection = ? AND key >= ? AND key < ? LIMIT ?)"
        )
        low, high = cut(scan.low), cut_end(scan.high)
        counts = (
            self._connection.execute(sql, (index.number, collection, low, high, _ENOUGH)).fetchone()[0]
            for collection in self.collections
        )
        return sum(counts)

    def _by_entries(self, scan: Scan, index: BuiltIndex, collection: int) -> Iterator[Document]:
        sql = f"""
            SELECT key, message FROM entries JOIN documents ON documents.id = document
            WHERE index_id = ? AND entries.collection = ? AND key >= ? AND key < ?
            ORDER BY key {"DESC" if scan.descending else "ASC"}
        """
        rows = self._connection.execute(sql, (index.number, collection, cut(scan.low), cut_end(scan.high)))
        for key, same in groupby(rows, itemgetter(0)):
            documents = (wire.Document.FromString(message) for _, message in same)
            if len(key) < MAX_ENTRY_BYTES:
                yield from documents
            else:  # their order is in what was cut off
                yield from sorted(documents, key=self._position)

    def _position(self, document: Document) -> bytes:
        """Return the sort key of a document that is known to have a position in the query."""
        return self._query.sort_key(document) or b""
