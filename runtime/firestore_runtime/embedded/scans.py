"""The index, and the entries in it, that hold what a query looks for.

These are Firestore's own indexes: one of each field for equalities alone, and a composite one, as it is declared, for
equalities with an order. A store makes them when a query first wants one; see docs/embedded.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from firestore_runtime.embedded.semantics.keys import inverted, successor
from firestore_runtime.index import Index, IndexField, Kind
from firestore_runtime.paths import DOCUMENT_ID, field_path

if TYPE_CHECKING:
    from firestore_runtime.embedded.semantics.queries import Conjunction, Order, Query

IndexFields: TypeAlias = tuple[IndexField, ...]

_OPPOSITE: dict[Kind, Kind] = {
    "ASCENDING": "DESCENDING",
    "DESCENDING": "ASCENDING",
    "CONTAINS": "CONTAINS",
    "VECTOR": "VECTOR",
}


@dataclass(frozen=True, slots=True)
class Scan:
    """A range of the entries of an index, which has the order of a query.

    Attributes:
        fields: The fields of the index.
        low: Its first entry is not less than this.
        high: Its last entry is less than this.
        descending: Whether the query wants them from the end.
    """

    fields: IndexFields
    low: bytes
    high: bytes
    descending: bool


def scans(query: Query, conjunction: Conjunction, declared: Iterable[Index]) -> tuple[Scan, ...]:
    """Return scans each of which finds what a query does by one alternative of its filter, and maybe more.

    Args:
        query: The query.
        conjunction: The alternative.
        declared: The composite indexes that the queries of the collection may use.
    """
    ordered = [order for order in query.orders if order.path not in {*conjunction.equalities, DOCUMENT_ID}]
    if ordered:
        return (_composite(query, conjunction, ordered, declared),)
    return tuple(_scan(query, (field,), (), key) for field, key in _fixed(conjunction))


def _fixed(conjunction: Conjunction) -> list[tuple[IndexField, bytes]]:
    """The fields of which a single value is wanted, in their order at the head of an index."""
    fixed = [(IndexField(field_path(path)), key) for path, key in conjunction.equalities.items() if path != DOCUMENT_ID]
    fixed += [(IndexField(field_path(path), "CONTAINS"), key) for path, key in conjunction.contains]
    return sorted(fixed, key=lambda item: (item[0].path, item[0].kind))


def _composite(query: Query, conjunction: Conjunction, ordered: list[Order], declared: Iterable[Index]) -> Scan:
    backwards = query.orders[-1].descending
    tail = tuple(
        IndexField(field_path(order.path), "ASCENDING" if order.descending == backwards else "DESCENDING")
        for order in ordered
    )
    fixed = dict(_fixed(conjunction))
    head = _declared_head(tail, frozenset(fixed), declared)
    if head is None:
        head = tuple(fixed)
    prefix = b"".join(fixed[field] for field in head)
    scan = _scan(query, head, tail, prefix)
    wanted = conjunction.ranges.get(ordered[0].path)
    return scan if wanted is None else _narrowed(scan, prefix, wanted, tail[0])


def _declared_head(tail: IndexFields, fixed: frozenset[IndexField], declared: Iterable[Index]) -> IndexFields | None:
    """Return what comes before the order in the declared index that knows most of what is fixed."""
    heads = [head for index in declared if (head := _head_before(tail, index)) is not None and fixed.issuperset(head)]
    return max(heads, key=len, default=None)


def _head_before(tail: IndexFields, index: Index) -> IndexFields | None:
    split = len(index.fields) - len(tail)
    if split < 1 or tail not in _directions(index.fields[split:]):
        return None
    head = (field if field.kind == "CONTAINS" else IndexField(field.path) for field in index.fields[:split])
    return tuple(sorted(head, key=lambda field: (field.path, field.kind)))


def _directions(fields: IndexFields) -> tuple[IndexFields, IndexFields]:
    """An order, and the same one from its end."""
    return fields, tuple(IndexField(field.path, _OPPOSITE[field.kind]) for field in fields)


def _scan(query: Query, head: IndexFields, tail: IndexFields, prefix: bytes) -> Scan:
    """Return the scan of the entries with a prefix, between the query's cursors if these are about what follows."""
    descending = query.orders[-1].descending
    is_whole_order = len(tail) == len(query.orders) - 1  # the last one is by the name
    start, end = (query.start, query.end) if is_whole_order else (b"", None)
    low, high = _mirrored(start, end) if descending else (start, end)
    return Scan((*head, *tail), prefix + low, successor(prefix) if high is None else prefix + high, descending)


def _mirrored(low: bytes, high: bytes | None) -> tuple[bytes, bytes | None]:
    """Return the range that has the inverted keys of those in a range."""
    return b"" if high is None else successor(inverted(high)), successor(inverted(low)) if low else None


def _narrowed(scan: Scan, prefix: bytes, wanted: tuple[bytes, bytes], field: IndexField) -> Scan:
    """Return a scan without what has another value of the first ordered field than is wanted."""
    low, high = _mirrored(*wanted) if field.kind == "DESCENDING" else wanted
    low, high = prefix + low, successor(prefix) if high is None else prefix + high
    return Scan(scan.fields, max(scan.low, low), min(scan.high, high), scan.descending)
