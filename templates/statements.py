"""Queries as immutable data, and the requests that they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import pydantic

from . import wire
from .errors import ValidationError
from .expressions import Order
from .filters import Combination, Filter
from .paths import field_path

if TYPE_CHECKING:
    from .place import Place
    from .reads import OnCorrupt
    from .wire import RunAggregationQueryRequest, RunAggregationQueryResponse, RunQueryRequest, StructuredQuery

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)
T = TypeVar("T")

_DIRECTIONS = {"asc": 1, "desc": 2}
_COUNT = "count"
_MAX_LIMIT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Statement(Generic[ModelT]):
    """What a query asks for."""

    place: Place[ModelT]
    filters: tuple[Filter[ModelT], ...] = ()
    orders: tuple[Order[ModelT], ...] = ()
    limit: int | None = None
    on_corrupt: OnCorrupt = "raise"

    def request(self) -> RunQueryRequest:
        """Make the request for the documents."""
        request = wire.RunQueryRequest(parent=self.place.parent)
        self._write(request.structured_query)
        return request

    def count_request(self) -> RunAggregationQueryRequest:
        """Make the request for their number."""
        request = wire.RunAggregationQueryRequest(parent=self.place.parent)
        query = request.structured_aggregation_query
        self._write(query.structured_query)
        aggregation = query.aggregations.add()
        aggregation.alias = _COUNT
        aggregation.count.SetInParent()
        return request

    def _write(self, query: StructuredQuery) -> None:
        query.from_.add().collection_id = self.place.collection_id
        if len(self.filters) == 1:
            self.filters[0].write(query.where, self.place.context)
        elif self.filters:
            Combination("and", self.filters).write(query.where, self.place.context)
        for order in self.orders:
            key = query.order_by.add()
            key.field.field_path = field_path(order.path)
            key.direction = _DIRECTIONS[order.direction]
        if self.limit is not None:
            query.limit.value = self.limit


def checked_filters(filters: tuple[object, ...]) -> tuple[Filter[ModelT], ...]:
    """Return what are filters.

    Raises:
        ValidationError: Something is not, such as the result of comparing two plain values.
    """
    return tuple(_checked(item, Filter, "a filter, such as fields.name == value") for item in filters)


def checked_orders(orders: tuple[object, ...]) -> tuple[Order[ModelT], ...]:
    """Return what are orders.

    Raises:
        ValidationError: Something is not, such as a field without a direction.
    """
    return tuple(_checked(item, Order, "an order, such as fields.name.asc()") for item in orders)


def _checked(item: object, kind: type[T], expected: str) -> T:
    if not isinstance(item, kind):
        raise ValidationError(f"{expected}, is needed here, not {type(item).__name__}: {item!r}")
    return item


def checked_limit(limit: object) -> int:
    """Return `limit` if a query can have it.

    Raises:
        ValidationError: It is not an integer from 1 to 2,147,483,647.
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= _MAX_LIMIT:
        raise ValidationError(f"a limit must be an integer from 1 to {_MAX_LIMIT:,}, not {limit!r}")
    return limit


def read_count(response: RunAggregationQueryResponse) -> int:
    """Read the number from the response to a count request."""
    return response.result.aggregate_fields[_COUNT].integer_value
