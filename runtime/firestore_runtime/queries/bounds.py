"""The start and the end of a query's order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from firestore_runtime import wire
from firestore_runtime.errors import ValidationError
from firestore_runtime.paths import field_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firestore_runtime.codecs.context import Context
    from firestore_runtime.fields.fields import Order
    from firestore_runtime.wire import Cursor


@dataclass(frozen=True, slots=True)
class Bound:
    """A position in an order.

    Attributes:
        values: Values of the order's first keys.
        before: Whether the position is just before the documents that have these values, or just after them.
    """

    values: tuple[object, ...]
    before: bool

    def reversed(self) -> Bound:
        """The same position, seen from the other end."""
        return replace(self, before=not self.before)

    def write(self, cursor: Cursor, orders: Sequence[Order[Any]], context: Context) -> None:
        """Fill the protobuf message of the position."""
        cursor.before = self.before
        for order, value in zip(orders, self.values, strict=False):
            if value is None:
                cursor.values.add().null_value = 0
            else:
                order.encode(cursor.values.add(), value, context)


def checked_bound(values: tuple[object, ...], *, before: bool, orders: Sequence[Order[Any]], context: Context) -> Bound:
    """Return the position that values of the order's keys mean.

    Raises:
        ValidationError: There are none, more than the order has keys, or one does not fit its key.
    """
    if not 1 <= len(values) <= len(orders):
        keys = ", ".join(field_path(order.path) for order in orders) or "none: call order_by first"
        raise ValidationError(f"{len(values)} values, where the order has {len(orders)} keys ({keys})")
    bound = Bound(values, before)
    try:
        bound.write(wire.Cursor(), orders, context)
    except (TypeError, ValueError) as error:
        raise ValidationError(f"a position in the order: {error}") from error
    return bound
