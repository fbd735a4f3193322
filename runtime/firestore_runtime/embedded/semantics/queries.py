"""The documents that a query finds."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

from firestore_runtime.embedded.semantics.conditions import EVERYTHING, comparisons
from firestore_runtime.embedded.semantics.conjunctions import Conjunction, conjunctions
from firestore_runtime.embedded.semantics.filter_rules import check_comparisons, check_operators
from firestore_runtime.embedded.semantics.filters import read_filter
from firestore_runtime.embedded.semantics.nearest_rules import read_nearest
from firestore_runtime.embedded.semantics.orders import Order, explicit_orders, position, sort_key, whole_order
from firestore_runtime.embedded.semantics.predicates import Predicate, predicate
from firestore_runtime.embedded.semantics.projections import projected, read_projection
from firestore_runtime.embedded.semantics.selectors import check_selector, database_of, read_selector
from firestore_runtime.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firestore_runtime.paths import FieldPath
    from firestore_runtime.wire import Document, FindNearest, StructuredQuery

__all__ = ["Conjunction", "Order", "Query", "read_query", "run"]


@dataclass(frozen=True, slots=True)
class Query:
    """A query that Firestore would run.

    Attributes:
        parent: The name of the document that the collections lie below, or the root of the database.
        collection_id: The id of the collections, or empty for all.
        all_descendants: Whether collections at any depth below the parent count, and not only those right below it.
        matches: Says whether a document is what the filter asks for.
        alternatives: The filter once more, as what can be looked up; none of them if nothing can match it.
        orders: What documents are ordered by; the last one is by `__name__`.
        start: The sort keys of documents are not less than this.
        end: They are less than this, or have no bound if it is None.
        offset: How many documents to leave out.
        limit: How many to find at most, or None.
        fields: What to return of a document, or None for everything.
        nearest: The search by a vector that it is, or None.
        is_order_needed: Whether it matters in which order documents are found.
    """

    parent: str
    collection_id: str
    all_descendants: bool
    matches: Predicate
    alternatives: tuple[Conjunction, ...]
    orders: tuple[Order, ...]
    start: bytes
    end: bytes | None
    offset: int
    limit: int | None
    fields: tuple[FieldPath, ...] | None
    nearest: FindNearest | None
    is_order_needed: bool = True

    def sort_key(self, document: Document) -> bytes | None:
        """Return what orders a document among others, or None if the query cannot find it: it lacks a field."""
        return sort_key(document, self.orders)

    def project(self, document: Document) -> Document:
        """Return the part of a document that is asked for."""
        return document if self.fields is None else projected(document, self.fields)


def read_query(parent: str, query: StructuredQuery, *, aggregated: Iterable[FieldPath] = ()) -> Query:
    """Return the query that a message describes.

    Args:
        parent: The parent of the request.
        query: The message.
        aggregated: Fields whose values are wanted: documents without them are not found.

    Raises:
        ValidationError: Firestore would refuse it.
    """
    database = database_of(parent)
    selector = read_selector(query)
    condition = read_filter(query.where, database) if query.HasField("where") else EVERYTHING
    if query.HasField("where"):
        check_operators(query.where)
    parts = tuple(comparisons(condition))
    explicit = explicit_orders(query)
    has_ancestor = parent != f"{database}/documents"
    check_comparisons(parts, orders=len(explicit), has_ancestor=has_ancestor)
    orders = whole_order(explicit, parts, aggregated)
    check_selector(selector, has_ancestor, parts, orders)
    offset, limit = _numbers(query)
    return Query(
        parent=parent,
        collection_id=selector.collection_id,
        all_descendants=selector.all_descendants,
        matches=predicate(condition),
        alternatives=conjunctions(condition),
        orders=orders,
        start=position(query.start_at, explicit, database) if query.HasField("start_at") else b"",
        end=position(query.end_at, explicit, database) if query.HasField("end_at") else None,
        offset=offset,
        limit=limit,
        fields=read_projection(query.select) if query.select.fields else None,
        nearest=read_nearest(query) if query.HasField("find_nearest") else None,
    )


def run(query: Query, documents: Iterable[Document], *, ordered: bool) -> Iterator[Document]:
    """Yield what a query finds, as far as it asks for it.

    It keeps no more documents than it has to: none of them if they are ordered, or need not be, else as many as the
    query may find.

    Args:
        query: The query, which is no search by a vector.
        documents: Documents of its collections, among them all that it finds.
        ordered: Whether they come in the order of the query.
    """
    found = _found(query, documents)
    stop = None if query.limit is None else query.offset + query.limit
    by_key = itemgetter(0)
    if query.is_order_needed and not ordered:
        found = iter(sorted(found, key=by_key) if stop is None else nsmallest(stop, found, key=by_key))
    for _, document in islice(found, query.offset, stop):
        yield query.project(document)


def _found(query: Query, documents: Iterable[Document]) -> Iterator[tuple[bytes, Document]]:
    for document in documents:
        if query.matches(document):
            key = query.sort_key(document)
            if key is not None and query.start <= key and (query.end is None or key < query.end):
                yield key, document


def _numbers(query: StructuredQuery) -> tuple[int, int | None]:
    limit = query.limit.value if query.HasField("limit") else None
    if query.offset < 0 or (limit is not None and limit < 0):
        raise ValidationError("the offset or the limit of a query is negative")
    return query.offset, limit
