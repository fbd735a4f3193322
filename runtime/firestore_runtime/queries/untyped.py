"""Queries for documents as dictionaries: the same statements and filters, with fields named by their paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from firestore_runtime.documents.untyped import Condition
from firestore_runtime.fields.fields import DocumentIdField, Order
from firestore_runtime.fields.filters import Comparison, Filter, ValueTest
from firestore_runtime.naive_datetimes import encode_any
from firestore_runtime.paths import DOCUMENT_ID, field_path, split_field_path
from firestore_runtime.queries.bounds import Bound
from firestore_runtime.queries.nearest import write_nearest
from firestore_runtime.queries.statements import Selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firestore_runtime.collections.reference import Location
    from firestore_runtime.wire import RunQueryRequest

UntypedSelection: TypeAlias = Selection[Mapping[str, object]]


def untyped_selection(
    location: Location,
    conditions: Sequence[Condition] = (),
    order_by: Sequence[tuple[str, Literal["asc", "desc"]]] = (),
    limit: int | None = None,
) -> UntypedSelection:
    """Describe the documents that meet all conditions.

    Args:
        location: The collection.
        conditions: What all documents meet.
        order_by: The paths of the fields to order by, as Firestore spells them, and the directions.
        limit: How many at most.

    Raises:
        ValidationError: A value cannot be compared with.
    """
    filters = tuple(map(_filter, conditions))
    return Selection(location, filters, tuple(_order(path, direction) for path, direction in order_by), limit)


def ids_request(location: Location, after: str | None, limit: int) -> RunQueryRequest:
    """Make the request for the names of documents in their order, behind the one with the id `after`."""
    by_id = (DocumentIdField[Mapping[str, object]]().asc(),)
    start = None if after is None else Bound((after,), before=False)
    request = replace(untyped_selection(location, limit=limit), orders=by_id, start=start).request()
    request.structured_query.select.fields.add().field_path = field_path(DOCUMENT_ID)
    return request


def nearest_request(selection: UntypedSelection, path: str, vector: Sequence[float], limit: int) -> RunQueryRequest:
    """Make the request for the documents whose vectors have the smallest cosine distance, the nearest first."""
    request = selection.request()
    context = selection.reference.context
    write_nearest(request.structured_query.find_nearest, split_field_path(path), vector, "COSINE", limit, context)
    return request


def _order(path: str, direction: Literal["asc", "desc"]) -> Order[Mapping[str, object]]:
    return Order(split_field_path(path), direction, encode_any)


def _filter(condition: Condition) -> Filter[Mapping[str, object]]:
    path, value = split_field_path(condition.field_path), condition.value
    if condition.operator == "==" and value is None:
        return ValueTest(path, "is-null")
    if condition.operator == "==" and value != value:
        return ValueTest(path, "is-nan")
    return Comparison(path, condition.operator, value, encode_any)
