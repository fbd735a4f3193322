"""Going on with a stream of results that was cut: a new request for what has not arrived yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from firestore_runtime import wire
from firestore_runtime.paths import DOCUMENT_ID, field_path, split_field_path
from firestore_runtime.wire.operators import DIRECTIONS, FIELD_OPERATORS_BY_NUMBER, UNARY_OPERATORS_BY_NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firestore_runtime.wire import (
        BatchGetDocumentsRequest,
        BatchGetDocumentsResponse,
        Document,
        Filter,
        RunAggregationQueryRequest,
        RunAggregationQueryResponse,
        RunQueryRequest,
        RunQueryResponse,
        StructuredQuery,
        Value,
    )

_NAME = field_path(DOCUMENT_ID)


RequestT = TypeVar("RequestT", covariant=True)
ResponseT = TypeVar("ResponseT", contravariant=True)


class Progress(Protocol[RequestT, ResponseT]):
    """A request and how far its results have arrived."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to ask for."""

    @property
    def query(self) -> StructuredQuery | None:
        """The query that is run, if it is one."""

    def request(self) -> RequestT:
        """Make the request for the rest."""

    def advance(self, response: ResponseT) -> None:
        """Take note of a response."""


class AggregationProgress:
    """A request for aggregates, which arrive all at once."""

    def __init__(self, request: RunAggregationQueryRequest) -> None:
        self._request = request
        self.query = request.structured_aggregation_query.structured_query
        self.is_complete = False

    def request(self) -> RunAggregationQueryRequest:
        """Make the request for the rest, which is everything."""
        return self._request

    def advance(self, response: RunAggregationQueryResponse) -> None:
        """Take note of a response; one without a result reports progress."""
        self.is_complete = self.is_complete or response.HasField("result")


class QueryProgress:
    """A query and how far its results have arrived."""

    def __init__(self, request: RunQueryRequest) -> None:
        self._request = request
        self.query = request.structured_query
        self._last: Document | None = None
        self._received = 0

    @property
    def is_complete(self) -> bool:
        """Whether the limit is reached, so that nothing is left to ask for."""
        query = self._request.structured_query
        return query.HasField("limit") and self._received >= query.limit.value

    def advance(self, response: RunQueryResponse) -> None:
        """Take note of a response."""
        if response.HasField("document"):
            self._last = response.document
            self._received += 1

    def request(self) -> RunQueryRequest:
        """Make the request for the rest: the same query, starting after the last document."""
        # The nearest documents have no order to go on in: all are asked for again.
        if self._last is None or self._request.structured_query.HasField("find_nearest"):
            return self._request
        request = wire.RunQueryRequest()
        request.CopyFrom(self._request)
        start_after(request.structured_query, self._last)
        if request.structured_query.HasField("limit"):
            request.structured_query.limit.value -= self._received
        request.structured_query.offset = 0
        return request


class BatchGetProgress:
    """A request for many documents and which of them have arrived."""

    query = None

    def __init__(self, request: BatchGetDocumentsRequest) -> None:
        self._request = request
        self._arrived: set[str] = set()

    @property
    def is_complete(self) -> bool:
        """Whether all documents have arrived."""
        return len(self._arrived) == len(self._request.documents)

    def advance(self, response: BatchGetDocumentsResponse) -> None:
        """Take note of a response."""
        self._arrived.add(response.found.name if response.HasField("found") else response.missing)

    def request(self) -> BatchGetDocumentsRequest:
        """Make the request for the rest."""
        if not self._arrived:
            return self._request
        request = wire.BatchGetDocumentsRequest()
        request.CopyFrom(self._request)
        request.ClearField("documents")
        request.documents.extend(name for name in self._request.documents if name not in self._arrived)
        return request


def order_fully(query: StructuredQuery) -> None:
    """Spell out the whole order of a query: the keys that the server adds, the document's name last."""
    ordered = [order.field.field_path for order in query.order_by]
    direction = query.order_by[len(ordered) - 1].direction if ordered else DIRECTIONS["asc"].number
    implicit = sorted(set(_inequality_fields(query.where)) - set(ordered) - {_NAME})
    for path in (*implicit, *(() if _NAME in ordered else (_NAME,))):
        order = query.order_by.add()
        order.field.field_path = path
        order.direction = direction


def select_keys(query: StructuredQuery) -> None:
    """Ask for nothing of the documents but what the query's order needs, so that it can go on where it was cut."""
    ordered = wire.StructuredQuery()
    ordered.CopyFrom(query)
    order_fully(ordered)
    for order in ordered.order_by:
        query.select.fields.add().field_path = order.field.field_path


def start_after(query: StructuredQuery, document: Document) -> None:
    """Set the start of a query behind a document, by all the keys that the server orders by."""
    order_fully(query)
    query.ClearField("start_at")
    for order in query.order_by:
        query.start_at.values.add().CopyFrom(_value_at(document, order.field.field_path))
    query.start_at.before = False


def _inequality_fields(condition: Filter) -> Iterator[str]:
    match condition.WhichOneof("filter_type"):
        case "composite_filter":
            for part in condition.composite_filter.filters:
                yield from _inequality_fields(part)
        case "field_filter":
            if FIELD_OPERATORS_BY_NUMBER[condition.field_filter.op].role == "inequality":
                yield condition.field_filter.field.field_path
        case "unary_filter":
            if UNARY_OPERATORS_BY_NUMBER[condition.unary_filter.op].role == "inequality":
                yield condition.unary_filter.field.field_path


def _value_at(document: Document, path: str) -> Value:
    if path == _NAME:
        return wire.Value(reference_value=document.name)
    fields = document.fields
    *parents, key = split_field_path(path)
    for parent in parents:
        fields = fields[parent].map_value.fields
    return fields[key]
