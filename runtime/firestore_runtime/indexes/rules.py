"""The indexes that Firestore needs for a query.

Firestore indexes each field by itself, and merges such indexes for any number of equalities. A composite index is
needed once these meet an order or an inequality on another field, or two of these meet each other. See docs/indexes.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from firestore_runtime.index import Direction, Index, IndexField

NAME = "__name__"
"""The pseudo field that holds a document's name; it ends each index."""


@dataclass(frozen=True, slots=True)
class QueryShape:
    """The part of a query that determines its index: the fields that it compares and how, but not the values.

    Attributes:
        collection_id: The collection that is queried.
        group: Whether it is queried as a collection group.
        equalities: Fields compared by `==`, also with null and NaN.
        choices: Fields compared by `in`.
        contains: Fields compared by `array-contains` or `array-contains-any`.
        inequalities: Fields compared by `<`, `<=`, `>`, `>=`, `!=` or `not-in`.
        orders: The order that the server is asked for, most significant field first; reversed for `limit_to_last`.
        aggregated: Fields that are summed or averaged.
        vector: The field that is searched for the nearest vectors, if one is.
        unindexed: Fields that have no automatic indexes; with what they contain, if they are maps.
    """

    collection_id: str
    group: bool = False
    equalities: frozenset[str] = frozenset()
    choices: frozenset[str] = frozenset()
    contains: frozenset[str] = frozenset()
    inequalities: frozenset[str] = frozenset()
    orders: tuple[tuple[str, Direction], ...] = ()
    aggregated: tuple[str, ...] = ()
    vector: IndexField | None = None
    unindexed: frozenset[str] = frozenset()


def required_index(shape: QueryShape) -> Index | None:
    """Return the index that a query needs, or None where the automatic ones serve it."""
    ordered = _ordered(shape)
    equal = _equal(shape, ordered)
    if shape.vector is not None:
        return Index(shape.collection_id, (*equal, *_without_name(ordered), shape.vector), shape.group)
    fields = (*equal, *ordered)
    return None if _is_automatic(shape, equal, ordered) else Index(shape.collection_id, fields, shape.group)


def missing_index(shape: QueryShape, indexes: Iterable[Index]) -> Index | None:
    """Return the index that a query needs beside these, or None where they serve it, alone or merged."""
    index = required_index(shape)
    if index is None or _is_served(shape, index, indexes):
        return None
    return index


def required_indexes(shapes: Iterable[QueryShape]) -> tuple[Index, ...]:
    """Return the fewest of the queries' own indexes that serve all of them, in a stable order."""
    found: defaultdict[tuple[str, bool], list[Index]] = defaultdict(list)
    # What may serve another query, alone or merged, is looked at first: fewer fields, then fewer equalities.
    for shape in sorted(shapes, key=_rank):
        candidates = found[shape.collection_id, shape.group]
        missing = missing_index(shape, candidates)
        if missing is not None:
            candidates.append(missing)
    return tuple(sorted(chain.from_iterable(found.values()), key=_key))


def _ordered(shape: QueryShape) -> tuple[IndexField, ...]:
    """The fields that the index is ordered by, behind the equalities."""
    orders = [(path, direction) for path, direction in _whole_order(shape) if path not in shape.equalities]
    direction = orders[-1][1] if orders else "ASCENDING"
    present = {path for path, _ in orders} | shape.equalities
    added = [(path, direction) for path in dict.fromkeys(shape.aggregated) if path not in present]
    end = len(orders) - 1 if orders and orders[-1][0] == NAME else len(orders)
    return tuple(IndexField(path, direction) for path, direction in (*orders[:end], *added, *orders[end:]))


def _whole_order(shape: QueryShape) -> list[tuple[str, Direction]]:
    """The order of the results, up to the document's name, which is left out where it would follow by itself."""
    last = shape.orders[-1][1] if shape.orders else "ASCENDING"
    paths = [path for path, _ in shape.orders]
    implied = sorted(shape.inequalities.difference(paths, {NAME}))
    orders = [*shape.orders, *((path, last) for path in implied)]
    if NAME not in paths:
        return orders
    at = paths.index(NAME)
    default = orders[at - 1][1] if at else "ASCENDING"
    # Behind the name nothing is left to be ordered, but there may be something left to be compared.
    behind = [(path, direction) for path, direction in orders[at + 1 :] if path in shape.inequalities]
    return [*orders[: at + 1], *behind] if behind or orders[at][1] != default else orders[:at]


def _equal(shape: QueryShape, ordered: tuple[IndexField, ...]) -> tuple[IndexField, ...]:
    """The fields whose value the query fixes, or chooses from a few; a document's name is looked up without index."""
    fixed = (shape.equalities | shape.choices) - {field.path for field in ordered} - {NAME}
    fields = [IndexField(path) for path in fixed] + [IndexField(path, "CONTAINS") for path in shape.contains]
    return tuple(sorted(fields, key=lambda field: (field.path, field.kind)))


def _without_name(ordered: tuple[IndexField, ...]) -> tuple[IndexField, ...]:
    return tuple(field for field in ordered if field.path != NAME)


def _is_automatic(shape: QueryShape, equal: tuple[IndexField, ...], ordered: tuple[IndexField, ...]) -> bool:
    fields = (*equal, *ordered)
    if not fields:
        return True
    if shape.group or any(_is_unindexed(field.path, shape.unindexed) for field in fields):
        return False
    return not ordered or (len(fields) == 1 and fields[0].path != NAME)


def _is_unindexed(path: str, unindexed: frozenset[str]) -> bool:
    return any(path == other or path.startswith(f"{other}.") for other in unindexed)


def _is_served(shape: QueryShape, needed: Index, indexes: Iterable[Index]) -> bool:
    """Whether one of the indexes has all equalities before the same order, or several have them together."""
    if shape.vector is not None:
        return needed in indexes  # such indexes are not merged
    ordered = _ordered(shape)
    wanted = {_undirected(field) for field in needed.fields[: len(needed.fields) - len(ordered)]}
    merged: set[IndexField] = set()
    served = False
    for index in indexes:
        split = len(index.fields) - len(ordered)
        head = {_undirected(field) for field in index.fields[: max(split, 0)]}
        same_scope = (index.collection_id, index.group) == (needed.collection_id, needed.group)
        if same_scope and split >= 0 and index.fields[split:] == ordered and head <= wanted:
            merged |= head
            served = True
    return served and merged == wanted


def _undirected(field: IndexField) -> IndexField:
    """The field that an index needs for an equality: either direction will do."""
    return IndexField(field.path) if field.kind == "DESCENDING" else field


def _rank(shape: QueryShape) -> tuple[int, int, Any]:
    index = required_index(shape)
    if index is None:
        return 0, 0, ()
    return len(index.fields), -len(_ordered(shape)), _key(index)


def _key(index: Index) -> tuple[str, bool, tuple[tuple[str, str, int], ...]]:
    fields = tuple((field.path, field.kind, field.dimension) for field in index.fields)
    return index.collection_id, index.group, fields
