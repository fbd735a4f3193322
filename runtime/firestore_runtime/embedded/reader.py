"""Running queries on a state of the store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from firestore_runtime.embedded.candidates import Candidates
from firestore_runtime.embedded.documents import Documents
from firestore_runtime.embedded.entries import Indexing
from firestore_runtime.embedded.semantics.queries import Conjunction, Order, run
from firestore_runtime.errors import ConfigurationError
from firestore_runtime.paths import DOCUMENT_ID

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from firestore_runtime.embedded.declared import DeclaredIndexes
    from firestore_runtime.embedded.nearest import Hit
    from firestore_runtime.embedded.scans import IndexFields
    from firestore_runtime.embedded.semantics.queries import Query
    from firestore_runtime.embedded.vector_tables import VectorTables
    from firestore_runtime.wire import Document, FindNearest

_EVERYTHING = (Conjunction({}, (), {}),)
"""The lookup of a query without a filter."""
_BY_NAME = (Order(DOCUMENT_ID, descending=False),)
"""The order of a query that names none."""


class Reader:
    """Runs queries. It knows the store's indexes, and keeps the vectors of its collections from search to search.

    Args:
        declared: The indexes that are declared.
    """

    def __init__(self, declared: DeclaredIndexes) -> None:
        self._declared = declared
        self._indexing: tuple[int, Indexing] | None = None
        self._tables: VectorTables | None = None

    def indexing(self, connection: sqlite3.Connection) -> Indexing:
        """Return the indexes of the state that a connection sees."""
        (number,) = connection.execute("SELECT indexing FROM state").fetchone()
        return self.indexing_numbered(number, connection)

    def indexing_numbered(self, number: int, connection: sqlite3.Connection) -> Indexing:
        """Return the indexes of the state that a connection sees, which has this number of `state.indexing`."""
        known = self._indexing
        if known is None or known[0] != number:
            known = self._indexing = (number, Indexing(connection))
        return known[1]

    def missing_indexes(self, connection: sqlite3.Connection, query: Query) -> set[IndexFields]:
        """Return the fields of the indexes that would be worth having for a query, but that there are not."""
        return self._candidates(connection, query).missing_indexes()

    def indexes_used(self, connection: sqlite3.Connection, query: Query) -> list[IndexFields]:
        """Return the fields of the indexes that a query is run by; none if it looks through whole collections."""
        return self._candidates(connection, query).indexes_used()

    def find(self, connection: sqlite3.Connection, query: Query) -> Iterator[Document]:
        """Yield what a query finds."""
        candidates = self._candidates(connection, query)
        if query.nearest is None:
            documents, ordered = candidates.read()
            yield from run(query, documents, ordered=ordered)
            return
        for distance, document in self._nearest(connection, candidates, query, query.nearest):
            if query.nearest.distance_result_field:
                document.fields[query.nearest.distance_result_field].double_value = distance
            yield query.project(document)

    def _candidates(self, connection: sqlite3.Connection, query: Query) -> Candidates:
        declared = self._declared.of(query.collection_id).indexes
        return Candidates(connection, self.indexing(connection), declared, query)

    def _nearest(
        self, connection: sqlite3.Connection, candidates: Candidates, query: Query, find: FindNearest
    ) -> list[Hit]:
        try:  # here, since nothing else needs NumPy
            from firestore_runtime.embedded.nearest import NearestSearch
            from firestore_runtime.embedded.vector_tables import VectorTables
        except ImportError as error:
            raise ConfigurationError(f"searches by vector need a package: pip install numpy ({error})") from error
        self._tables = self._tables or VectorTables()
        search = NearestSearch(find)
        if query.alternatives == _EVERYTHING and query.orders == _BY_NAME and len(candidates.collections) == 1:
            return search.in_collection(Documents(connection), self._tables, candidates.collections[0])
        documents, ordered = candidates.read()
        return search.among(run(replace(query, fields=None), documents, ordered=ordered))
