"""Queries as immutable data, and the requests that they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import pydantic

from .. import wire
from ..filters import Combination
from ..paths import field_path

if TYPE_CHECKING:
    from ..expressions import Order
    from ..filters import Filter
    from ..place import Place
    from ..reads import OnCorrupt
    from ..wire import RunQueryRequest, StructuredQuery
    from .bounds import Bound

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)

_DIRECTIONS = {"asc": 1, "desc": 2}


@dataclass(frozen=True, slots=True)
class Statement(Generic[ModelT]):
    """What a query asks for.

    Attributes:
        place: The collection, or the collection group.
        filters: What all documents match.
        orders: What they are ordered by, the first key first.
        limit: How many at most.
        from_end: Whether the limit counts from the end.
        start: Where the order begins.
        end: Where the order ends.
        on_corrupt: What to do with a document that does not fit the model.
    """

    place: Place[ModelT]
    filters: tuple[Filter[ModelT], ...] = ()
    orders: tuple[Order[ModelT], ...] = ()
    limit: int | None = None
    from_end: bool = False
    start: Bound | None = None
    end: Bound | None = None
    on_corrupt: OnCorrupt = "raise"

    def request(self) -> RunQueryRequest:
        """Make the request for the documents; one that counts from the end asks for them in reverse."""
        request = wire.RunQueryRequest(parent=self.place.parent)
        self.write(request.structured_query)
        return request

    def write(self, query: StructuredQuery) -> None:
        """Fill the protobuf message of the query."""
        selector = query.from_.add()
        selector.collection_id = self.place.collection_id
        selector.all_descendants = self.place.context.is_group
        if len(self.filters) == 1:
            self.filters[0].write(query.where, self.place.context)
        elif self.filters:
            Combination("and", self.filters).write(query.where, self.place.context)
        self._write_order(query)
        if self.limit is not None:
            query.limit.value = self.limit

    def _write_order(self, query: StructuredQuery) -> None:
        for order in self.orders:
            key = query.order_by.add()
            key.field.field_path = field_path(order.path)
            key.direction = _DIRECTIONS["asc" if (order.direction == "asc") is not self.from_end else "desc"]
        start, end = self.start, self.end
        if self.from_end:
            start, end = end and end.reversed(), start and start.reversed()
        if start is not None:
            start.write(query.start_at, self.orders, self.place.context)
        if end is not None:
            end.write(query.end_at, self.orders, self.place.context)
