"""The part of a query's message that determines the indexes it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, product
from typing import TYPE_CHECKING, TypeAlias

from firestore_runtime.errors import MissingIndexError
from firestore_runtime.index import Direction, Index, IndexField
from firestore_runtime.indexes.rules import NAME, QueryShape, required_indexes
from firestore_runtime.wire.operators import (
    COMPOSITE_OPERATORS_BY_NUMBER,
    DIRECTIONS_BY_NUMBER,
    FIELD_OPERATORS_BY_NUMBER,
    UNARY_OPERATORS_BY_NUMBER,
    Role,
)

if TYPE_CHECKING:
    from firestore_runtime.errors import StorageError
    from firestore_runtime.wire import Filter, StructuredQuery

_Compared: TypeAlias = tuple[str, Role]
"""A field and how it is compared."""


def query_shapes(
    query: StructuredQuery, *, aggregated: Sequence[str] = (), unindexed: frozenset[str] = frozenset()
) -> tuple[QueryShape, ...]:
    """Return what decides about the indexes of a query: a shape for each alternative, since these are looked up apart.

    Args:
        query: The query.
        aggregated: The paths of the fields that are summed or averaged.
        unindexed: The paths of the fields that have no automatic indexes.
    """
    alternatives = _alternatives(query.where)
    compared = set(chain.from_iterable(alternatives))
    shape = QueryShape(
        collection_id=query.from_[0].collection_id,
        group=query.from_[0].all_descendants,
        orders=_whole_order(query, {path for path, role in compared if role == "inequality"}),
        aggregated=tuple(aggregated),
        vector=_vector(query),
        unindexed=unindexed,
    )
    return tuple(dict.fromkeys(_with_filters(shape, alternative) for alternative in alternatives))


def first_required_index(query: StructuredQuery, unindexed: frozenset[str] = frozenset()) -> Index | None:
    """Return the index that a query needs, the first one if its alternatives need several, or None."""
    return next(iter(required_indexes(query_shapes(query, unindexed=unindexed))), None)


def naming_index(error: StorageError, query: StructuredQuery | None) -> StorageError:
    """Return the error of a query; a missing index is named in it."""
    if isinstance(error, MissingIndexError) and query is not None:
        error.index = first_required_index(query)
    return error


def _with_filters(shape: QueryShape, compared: tuple[_Compared, ...]) -> QueryShape:
    def paths(role: Role) -> frozenset[str]:
        return frozenset(path for path, its in compared if its == role)

    return replace(
        shape,
        equalities=paths("equality"),
        choices=paths("choice"),
        contains=paths("contains"),
        inequalities=paths("inequality"),
    )


def _whole_order(query: StructuredQuery, inequalities: set[str]) -> tuple[tuple[str, Direction], ...]:
    """The order of the results, which is that of each alternative: fields with inequalities belong to it."""
    orders = tuple((order.field.field_path, DIRECTIONS_BY_NUMBER[order.direction].name) for order in query.order_by)
    last: Direction = orders[-1][1] if orders else "ASCENDING"
    implied = inequalities.difference((path for path, _ in orders), {NAME})
    return *orders, *((path, last) for path in sorted(implied))


def _alternatives(condition: Filter) -> list[tuple[_Compared, ...]]:
    """The filter as alternatives, one of which must hold: what each of them compares."""
    match condition.WhichOneof("filter_type"):
        case "composite_filter":
            parts = [_alternatives(part) for part in condition.composite_filter.filters]
            if COMPOSITE_OPERATORS_BY_NUMBER[condition.composite_filter.op].symbol != "and":
                return list(chain.from_iterable(parts))
            return [tuple(chain.from_iterable(combination)) for combination in product(*parts)]
        case "field_filter":
            role = FIELD_OPERATORS_BY_NUMBER[condition.field_filter.op].role
            return [((condition.field_filter.field.field_path, role),)]
        case "unary_filter":
            role = UNARY_OPERATORS_BY_NUMBER[condition.unary_filter.op].role
            return [((condition.unary_filter.field.field_path, role),)]
        case _:
            return [()]


def _vector(query: StructuredQuery) -> IndexField | None:
    if not query.HasField("find_nearest"):
        return None
    search = query.find_nearest
    dimension = len(search.query_vector.map_value.fields["value"].array_value.values)
    return IndexField(search.vector_field.field_path, "VECTOR", dimension)
