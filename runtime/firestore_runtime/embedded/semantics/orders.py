"""The order of a query's documents, and where its cursors cut it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firestore_runtime.embedded.semantics.conditions import inequality_fields
from firestore_runtime.embedded.semantics.keys import inverted, name_key, successor, value_key
from firestore_runtime.embedded.semantics.lookup import read_path, value_at
from firestore_runtime.embedded.semantics.operands import check_operand
from firestore_runtime.errors import ValidationError
from firestore_runtime.paths import DOCUMENT_ID, field_path
from firestore_runtime.wire.operators import DIRECTIONS, DIRECTIONS_BY_NUMBER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from firestore_runtime.embedded.semantics.conditions import Comparison
    from firestore_runtime.paths import FieldPath
    from firestore_runtime.wire import Cursor, Document, StructuredQuery

_UNSPECIFIED = 0
"""The direction of an order that says nothing: ascending."""


@dataclass(frozen=True, slots=True)
class Order:
    """A field that documents are ordered by."""

    path: FieldPath
    descending: bool


def explicit_orders(query: StructuredQuery) -> tuple[Order, ...]:
    """Return the orders that a query names.

    Raises:
        ValidationError: One is not valid, repeats another one, or comes behind `__name__`, which leaves nothing to
            order.
    """
    orders: dict[FieldPath, Order] = {}
    for message in query.order_by:
        path = read_path(message.field.field_path)
        direction = DIRECTIONS_BY_NUMBER.get(message.direction)
        if direction is None and message.direction != _UNSPECIFIED:
            raise ValidationError(f"{message.field.field_path}: {message.direction} is no direction of an order")
        if path in orders:
            raise ValidationError(f"the query orders by {message.field.field_path} twice")
        orders[path] = Order(path, descending=direction is DIRECTIONS["desc"])
    if DOCUMENT_ID in tuple(orders)[:-1]:
        raise ValidationError("the query orders by more fields after __name__, which is different in every document")
    return tuple(orders.values())


def whole_order(
    explicit: tuple[Order, ...], parts: Collection[Comparison], aggregated: Iterable[FieldPath]
) -> tuple[Order, ...]:
    """Return what documents are ordered by: what a query names, what else its index has to hold, and their names.

    Args:
        explicit: The orders that the query names.
        parts: What its filter is made of.
        aggregated: The fields whose values are aggregated.

    Raises:
        ValidationError: Something would come after `__name__`, which is different in every document.
    """
    named = {order.path for order in explicit}
    inequalities = inequality_fields(parts)
    compared = sorted(inequalities - named - {DOCUMENT_ID})
    values = sorted({*aggregated} - named - inequalities)
    filtered = {part.path for part in parts}
    if (DOCUMENT_ID in named and compared) or (DOCUMENT_ID in named | filtered and values):
        paths = ", ".join(map(field_path, (*compared, *values)))
        raise ValidationError(f"the query needs {paths} after __name__: order by these fields first")
    descending = explicit[-1].descending if explicit else False
    implied = tuple(Order(path, descending) for path in (*compared, *values))
    return (*explicit, *implied) if DOCUMENT_ID in named else (*explicit, *implied, Order(DOCUMENT_ID, descending))


def sort_key(document: Document, orders: Sequence[Order]) -> bytes | None:
    """Return what orders a document among others, or None if it lacks one of the fields."""
    parts = []
    for order in orders:
        if order.path == DOCUMENT_ID:
            key = name_key(document.name)
        elif (value := value_at(document, order.path)) is not None:
            key = value_key(value)
        else:
            return None
        parts.append(inverted(key) if order.descending else key)
    return b"".join(parts)


def position(cursor: Cursor, explicit: Sequence[Order], database: str) -> bytes:
    """Return where a cursor cuts the order: the documents with sort keys not less than this come behind it.

    Args:
        cursor: The cursor.
        explicit: The orders that its query names; it has values of the first of them.
        database: The database of the query.

    Raises:
        ValidationError: It has more values than the query has orders, or one that the field cannot have.
    """
    if len(cursor.values) > len(explicit):
        raise ValidationError(f"a cursor with {len(cursor.values)} values in a query with {len(explicit)} orders")
    prefix = b""
    for order, value in zip(explicit, cursor.values, strict=False):
        check_operand(order.path, value, database)
        prefix += inverted(value_key(value)) if order.descending else value_key(value)
    return prefix if cursor.before else successor(prefix)
