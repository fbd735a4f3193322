"""Queries as immutable data, and the requests that they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import pydantic

from firestore_runtime import wire
from firestore_runtime.fields.filters import Combination
from firestore_runtime.paths import field_path
from firestore_runtime.wire.operators import DIRECTIONS

if TYPE_CHECKING:
    from firestore_runtime.collections.reference import CollectionReference, Location
    from firestore_runtime.documents.reads import OnCorrupt
    from firestore_runtime.fields.fields import Order
    from firestore_runtime.fields.filters import Filter
    from firestore_runtime.queries.bounds import Bound
    from firestore_runtime.wire import RunQueryRequest, StructuredQuery

T = TypeVar("T")
ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


@dataclass(frozen=True, slots=True)
class Selection(Generic[T]):
    """The documents that a query asks for, and their order.

    Attributes:
        reference: The collection, or the collection group.
        filters: What all documents match.
        orders: What they are ordered by, the first key first.
        limit: How many at most.
        from_end: Whether the limit counts from the end.
        start: Where the order begins.
        end: Where the order ends.
    """

    reference: Location
    filters: tuple[Filter[T], ...] = ()
    orders: tuple[Order[T], ...] = ()
    limit: int | None = None
    from_end: bool = False
    start: Bound | None = None
    end: Bound | None = None

    def request(self) -> RunQueryRequest:
        """Make the request for the documents; one that counts from the end asks for them in reverse."""
        request = wire.RunQueryRequest(parent=self.reference.parent)
        self.write(request.structured_query)
        return request

    def write(self, query: StructuredQuery) -> None:
        """Fill the protobuf message of the query."""
        selector = query.from_.add()
        selector.collection_id = self.reference.collection_id
        selector.all_descendants = self.reference.context.is_group
        if len(self.filters) == 1:
            self.filters[0].write(query.where, self.reference.context)
        elif self.filters:
            Combination("and", self.filters).write(query.where, self.reference.context)
        self._write_order(query)
        if self.limit is not None:
            query.limit.value = self.limit

    def _write_order(self, query: StructuredQuery) -> None:
        for order in self.orders:
            key = query.order_by.add()
            key.field.field_path = field_path(order.path)
            key.direction = DIRECTIONS["asc" if (order.direction == "asc") is not self.from_end else "desc"].number
        start, end = self.start, self.end
        if self.from_end:
            start, end = end and end.reversed(), start and start.reversed()
        if start is not None:
            start.write(query.start_at, self.orders, self.reference.context)
        if end is not None:
            end.write(query.end_at, self.orders, self.reference.context)


@dataclass(frozen=True, slots=True)
class Statement(Selection[ModelT]):
    """A query for models, as data.

    Attributes:
        reference: The collection, or the collection group.
        on_corrupt: What to do with a document that does not fit the model.
    """

    reference: CollectionReference[ModelT]
    on_corrupt: OnCorrupt = "raise"
