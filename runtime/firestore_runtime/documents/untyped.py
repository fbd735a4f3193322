"""Documents as dictionaries: for shapes that no model describes, such as those that older programs have stored.

A time without an offset is in UTC, as Google's own client has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from firestore_runtime import wire
from firestore_runtime.bulk.batches import MAX_BYTES, MAX_WRITES
from firestore_runtime.codecs.context import ENCODING_ERRORS, Context
from firestore_runtime.codecs.decoding import decode_any, read_timestamp
from firestore_runtime.codecs.vectors import encode_vector
from firestore_runtime.errors import ValidationError
from firestore_runtime.fields.changes import Change
from firestore_runtime.limits import check_document_size, check_key
from firestore_runtime.naive_datetimes import encode_any
from firestore_runtime.paths import DOCUMENT_ID, document_id, field_path

if TYPE_CHECKING:
    from datetime import datetime

    from firestore_runtime.wire import BatchWriteRequest, Document, RunAggregationQueryRequest, RunQueryRequest, Write

Operator: TypeAlias = Literal["==", "<", "<=", ">", ">="]
UntypedChange: TypeAlias = Change[Mapping[str, object]]

_OPERATORS: dict[Operator, int] = {"<": 1, "<=": 2, ">": 3, ">=": 4, "==": 5}
_AND = 1
_IS_NAN, _IS_NULL = 2, 3
_ASCENDING, _DESCENDING = 1, 2
_COSINE = 2

COUNT = "count"


@dataclass(frozen=True, slots=True)
class UntypedDocument:
    """A document as it is stored.

    Attributes:
        id: Its id.
        data: Its fields: vectors are `Vector`, times aware datetimes in UTC.
        update_time: When it was changed last.
        message: The document itself.
    """

    id: str
    data: dict[str, Any]
    update_time: datetime
    message: Document = field(repr=False, compare=False)

    def differences(self, write: Write) -> set[str]:
        """Return the fields that a write which replaces the document would change."""
        own, other = _as_bytes(self.message), _as_bytes(write.update)
        return {key for key in {*own, *other} if own.get(key) != other.get(key)}


@dataclass(frozen=True, slots=True)
class Condition:
    """A field, by its path as Firestore spells it, and what it is compared with; null and NaN equal themselves."""

    field_path: str
    operator: Operator
    value: object


def _as_bytes(document: Document) -> dict[str, bytes]:
    """Something to compare fields by: in Python 1 equals True, and NaN does not equal itself."""
    return {key: value.SerializeToString(deterministic=True) for key, value in document.fields.items()}


def read_untyped(document: Document, context: Context) -> UntypedDocument:
    """Read a document."""
    data = {key: decode_any(value, context) for key, value in document.fields.items()}
    return UntypedDocument(document_id(document.name), data, read_timestamp(document.update_time), document)


def untyped_write(name: str, data: Mapping[str, object], changes: Iterable[UntypedChange], context: Context) -> Write:
    """Make the write that creates or replaces a document.

    Args:
        name: The full name of the document.
        data: Its fields.
        changes: What the server makes of fields then, such as its own time.
        context: Where it lies.

    Raises:
        ValidationError: A value cannot be stored, or the document is too large.
    """
    write = wire.Write(update=wire.Document(name=name))
    for key, item in data.items():
        try:
            encode_any(write.update.fields[check_key(key)], item, context)
        except ENCODING_ERRORS as error:
            raise ValidationError(f"{key}: {error}") from error
    for change in changes:
        try:
            change.write(write, context)
        except ENCODING_ERRORS as error:
            raise ValidationError(f"{field_path(change.path)}: {error}") from error
    check_document_size(write.update)
    return write


def untyped_query(
    parent: str,
    collection_id: str,
    conditions: Sequence[Condition],
    order_by: Sequence[tuple[str, Literal["asc", "desc"]]],
    limit: int | None,
    context: Context,
) -> RunQueryRequest:
    """Make the request of a query for documents that meet all conditions.

    Raises:
        ValidationError: A value cannot be compared with.
    """
    request = wire.RunQueryRequest(parent=parent)
    query = request.structured_query
    query.from_.add().collection_id = collection_id
    query.where.composite_filter.op = _AND
    for condition in conditions:
        _add_filter(query.where.composite_filter.filters.add(), condition, context)
    if not conditions:
        query.ClearField("where")
    for path, direction in order_by:
        order = query.order_by.add()
        order.field.field_path = path
        order.direction = _ASCENDING if direction == "asc" else _DESCENDING
    if limit is not None:
        query.limit.value = limit
    return request


def only_ids(request: RunQueryRequest, after: str | None) -> None:
    """Make a query one for the names of documents, in order, behind the one with the full name `after`."""
    query = request.structured_query
    query.select.fields.add().field_path = field_path(DOCUMENT_ID)
    order = query.order_by.add()
    order.field.field_path = field_path(DOCUMENT_ID)
    order.direction = _ASCENDING
    if after is not None:
        query.start_at.values.add().reference_value = after
        query.start_at.before = False


def count_request(request: RunQueryRequest) -> RunAggregationQueryRequest:
    """Make of a query the request for how many documents it finds, under the alias `COUNT`."""
    counting = wire.RunAggregationQueryRequest(parent=request.parent)
    query = counting.structured_aggregation_query
    query.structured_query.CopyFrom(request.structured_query)
    aggregation = query.aggregations.add()
    aggregation.alias = COUNT
    aggregation.count.SetInParent()
    return counting


def batch_requests(database: str, writes: Iterable[Write]) -> Iterator[BatchWriteRequest]:
    """Yield requests that apply writes, each for itself, in their order; a request has no more than fits into it."""
    request, size = wire.BatchWriteRequest(database=database), 0
    for write in writes:
        size += write.ByteSize()
        if request.writes and (size > MAX_BYTES or len(request.writes) == MAX_WRITES):
            yield request
            request, size = wire.BatchWriteRequest(database=database), write.ByteSize()
        request.writes.append(write)
    if request.writes:
        yield request


def if_unchanged(write: Write, document: UntypedDocument | None) -> Write:
    """Return a write that is applied only if its document still is as it was read, or still does not exist."""
    if document is None:
        write.current_document.exists = False
    else:
        write.current_document.update_time.CopyFrom(document.message.update_time)
    return write


def add_nearest(request: RunQueryRequest, path: str, vector: Sequence[float], limit: int, context: Context) -> None:
    """Make a query one for the documents whose vectors have the smallest cosine distance, the nearest first."""
    message = request.structured_query.find_nearest
    message.vector_field.field_path = path
    encode_vector(message.query_vector, vector, context)
    message.distance_measure = _COSINE
    message.limit.value = limit


def _add_filter(message: wire.Filter, condition: Condition, context: Context) -> None:
    if condition.operator == "==" and (condition.value is None or condition.value != condition.value):
        message.unary_filter.field.field_path = condition.field_path
        message.unary_filter.op = _IS_NULL if condition.value is None else _IS_NAN
        return
    message.field_filter.field.field_path = condition.field_path
    message.field_filter.op = _OPERATORS[condition.operator]
    try:
        encode_any(message.field_filter.value, condition.value, context)
    except ENCODING_ERRORS as error:
        raise ValidationError(f"{condition.field_path}: {error}") from error
