"""Numbers that the server computes over what a query finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

from firestore_runtime import wire
from firestore_runtime.codecs.decoding import decode_any
from firestore_runtime.paths import field_path

if TYPE_CHECKING:
    from firestore_runtime.fields.fields import NumberField
    from firestore_runtime.queries.statements import Selection
    from firestore_runtime.wire import RunAggregationQueryRequest, RunAggregationQueryResponse

ModelT = TypeVar("ModelT")

_ALIAS = "result"


def count_request(selection: Selection[ModelT]) -> RunAggregationQueryRequest:
    """Make the request for the number of documents."""
    request, aggregation = _request(selection)
    aggregation.count.SetInParent()
    return request


def number_request(
    selection: Selection[ModelT], function: Literal["sum", "avg"], field: NumberField[ModelT, Any]
) -> RunAggregationQueryRequest:
    """Make the request for the sum or the average of a field."""
    request, aggregation = _request(selection)
    target = aggregation.sum if function == "sum" else aggregation.avg
    target.field.field_path = field_path(field.path)
    return request


def read_number(response: RunAggregationQueryResponse, selection: Selection[ModelT]) -> Any:
    """Read the number: an integer, a float, or None for the average of nothing."""
    return decode_any(response.result.aggregate_fields[_ALIAS], selection.reference.context)


def _request(selection: Selection[ModelT]) -> tuple[RunAggregationQueryRequest, wire.Aggregation]:
    request = wire.RunAggregationQueryRequest(parent=selection.reference.parent)
    query = request.structured_aggregation_query
    selection.write(query.structured_query)
    aggregation = query.aggregations.add()
    aggregation.alias = _ALIAS
    return request, aggregation
