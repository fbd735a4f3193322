"""Count, sum and average of what a query finds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from firestore_runtime import wire
from firestore_runtime.embedded.semantics.lookup import read_path, value_at
from firestore_runtime.embedded.semantics.queries import read_query
from firestore_runtime.embedded.semantics.sums import Sum
from firestore_runtime.errors import ValidationError
from firestore_runtime.limits import MAX_AGGREGATIONS, check_key
from firestore_runtime.paths import DOCUMENT_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from firestore_runtime.embedded.semantics.queries import Query
    from firestore_runtime.paths import FieldPath
    from firestore_runtime.wire import Aggregation, AggregationResult, Document, StructuredAggregationQuery, Value


@dataclass(frozen=True, slots=True)
class AggregationQuery:
    """An aggregation that Firestore would run.

    Attributes:
        query: Finds the documents, all of which have the fields that are summed and averaged.
        aggregations: The aggregations by the names that their results get.
    """

    query: Query
    aggregations: Mapping[str, Aggregation]


def read_aggregation(parent: str, request: StructuredAggregationQuery) -> AggregationQuery:
    """Return the aggregation that a message describes.

    Args:
        parent: The parent of the request.
        request: The message.

    Raises:
        ValidationError: Firestore would refuse it.
    """
    aggregations = _named(request.aggregations)
    fields = [path for path in map(_aggregated, aggregations.values()) if path is not None]
    query = read_query(parent, request.structured_query, aggregated=fields)
    if DOCUMENT_ID in fields:
        raise ValidationError("__name__ cannot be aggregated: it is no number")
    if fields and query.fields is not None:
        raise ValidationError("an aggregation of fields cannot have a projection: leave out `select`")
    is_cut = query.offset > 0 or query.limit is not None
    return AggregationQuery(replace(query, fields=None, is_order_needed=is_cut), aggregations)


def aggregate(aggregation: AggregationQuery, documents: Iterable[Document]) -> AggregationResult:
    """Return the aggregates over what the aggregation's query finds."""
    tallies = {alias: _tally(part) for alias, part in aggregation.aggregations.items()}
    for document in documents:
        for tally in tallies.values():
            tally.add(document)
    result = wire.AggregationResult()
    for alias, tally in tallies.items():
        tally.write(result.aggregate_fields[alias])
    return result


def _named(aggregations: Iterable[Aggregation]) -> dict[str, Aggregation]:
    """Aggregations by their aliases; those without one are numbered."""
    named: dict[str, Aggregation] = {}
    unnamed = 0
    for aggregation in aggregations:
        if not aggregation.alias:
            unnamed += 1
        alias = check_key(aggregation.alias or f"field_{unnamed}")
        if alias in named:
            raise ValidationError(f"two aggregations have the alias {alias!r}")
        named[alias] = aggregation
    if not 1 <= len(named) <= MAX_AGGREGATIONS:
        raise ValidationError(f"{len(named)} aggregations, where Firestore allows 1 to {MAX_AGGREGATIONS} in a query")
    return named


def _aggregated(aggregation: Aggregation) -> FieldPath | None:
    """Return the field whose values an aggregation is about; a count has none."""
    match aggregation.WhichOneof("operator"):
        case "sum":
            return read_path(aggregation.sum.field.field_path)
        case "avg":
            return read_path(aggregation.avg.field.field_path)
        case "count":
            if aggregation.count.HasField("up_to") and aggregation.count.up_to.value < 1:
                raise ValidationError("the up_to of a count must be positive")
            return None
        case _:
            raise ValidationError("an aggregation has no operator: it needs a count, a sum or an avg")


class _Tally(Protocol):
    """An aggregation that is under way."""

    def add(self, document: Document) -> None:
        """Take a document into account."""

    def write(self, value: Value) -> None:
        """Fill the message of the result."""


def _tally(aggregation: Aggregation) -> _Tally:
    path = _aggregated(aggregation)
    if path is not None:
        return _Total(path) if aggregation.HasField("sum") else _Average(path)
    return _Count(aggregation.count.up_to.value if aggregation.count.HasField("up_to") else None)


class _Count:
    def __init__(self, up_to: int | None) -> None:
        self._up_to = up_to
        self._number = 0

    def add(self, document: Document) -> None:
        self._number += 1

    def write(self, value: Value) -> None:
        value.integer_value = self._number if self._up_to is None else min(self._number, self._up_to)


class _Total:
    def __init__(self, path: FieldPath) -> None:
        self._path = path
        self._sum = Sum()

    def add(self, document: Document) -> None:
        self._sum.add(value_at(document, self._path))

    def write(self, value: Value) -> None:
        total = self._sum.total()
        if isinstance(total, int):
            value.integer_value = total
        else:
            value.double_value = total


class _Average(_Total):
    def write(self, value: Value) -> None:
        if self._sum.count:
            value.double_value = self._sum.total() / self._sum.count
        else:
            value.null_value = 0
