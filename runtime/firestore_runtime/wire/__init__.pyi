"""Types of the raw protobuf messages of google.firestore.v1 (googleapis, google/firestore/v1/*.proto).

Only what this package uses is declared. A test compares every name here with the messages' own descriptors.
"""

from collections.abc import ItemsView, Iterable, Iterator, ValuesView
from typing import Generic, Self, TypeVar

T = TypeVar("T")
M = TypeVar("M", bound=Message)

class Message:
    """What every protobuf message can do."""

    def SerializeToString(self, *, deterministic: bool = ...) -> bytes: ...
    @classmethod
    def FromString(cls, data: bytes) -> Self: ...
    def MergeFromString(self, data: bytes) -> int: ...
    def CopyFrom(self, other: Self) -> None: ...
    def SetInParent(self) -> None: ...
    def HasField(self, field_name: str) -> bool: ...
    def ClearField(self, field_name: str) -> None: ...
    def WhichOneof(self, oneof_group: str) -> str | None: ...
    def ByteSize(self) -> int: ...

class Repeated(Generic[T]):
    """A repeated scalar field."""

    def __iter__(self) -> Iterator[T]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> T: ...
    def append(self, value: T) -> None: ...
    def extend(self, values: Iterable[T]) -> None: ...

class RepeatedMessage(Repeated[M]):
    """A repeated message field."""

    def add(self) -> M: ...
    def __delitem__(self, index: int) -> None: ...

class MessageMap(Generic[M]):
    """A map field with string keys; reading a missing key creates its message."""

    def __getitem__(self, key: str) -> M: ...
    def __delitem__(self, key: str) -> None: ...
    def __contains__(self, key: object) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    def get(self, key: str) -> M | None: ...
    def items(self) -> ItemsView[str, M]: ...
    def values(self) -> ValuesView[M]: ...

class Timestamp(Message):
    seconds: int
    nanos: int

class LatLng(Message):
    latitude: float
    longitude: float

class Int32Value(Message):
    value: int

class Int64Value(Message):
    value: int

class Status(Message):
    code: int
    message: str

class ArrayValue(Message):
    values: RepeatedMessage[Value]

class MapValue(Message):
    fields: MessageMap[Value]

class Value(Message):
    def __init__(self, *, reference_value: str = ...) -> None: ...

    null_value: int
    boolean_value: bool
    integer_value: int
    double_value: float
    timestamp_value: Timestamp
    string_value: str
    bytes_value: bytes
    reference_value: str
    geo_point_value: LatLng
    array_value: ArrayValue
    map_value: MapValue

class Document(Message):
    def __init__(self, *, name: str = ..., fields: MessageMap[Value] = ...) -> None: ...

    name: str
    fields: MessageMap[Value]
    create_time: Timestamp
    update_time: Timestamp

class DocumentMask(Message):
    field_paths: Repeated[str]

class Precondition(Message):
    exists: bool
    update_time: Timestamp

class FieldTransform(Message):
    field_path: str
    set_to_server_value: int
    increment: Value
    maximum: Value
    minimum: Value
    append_missing_elements: ArrayValue
    remove_all_from_array: ArrayValue

class Write(Message):
    def __init__(self, *, update: Document = ..., delete: str = ...) -> None: ...

    update: Document
    delete: str
    update_mask: DocumentMask
    update_transforms: RepeatedMessage[FieldTransform]
    current_document: Precondition

class WriteResult(Message):
    update_time: Timestamp
    transform_results: RepeatedMessage[Value]

class FieldReference(Message):
    field_path: str

class Cursor(Message):
    values: RepeatedMessage[Value]
    before: bool

class FieldFilter(Message):
    field: FieldReference
    op: int
    value: Value

class UnaryFilter(Message):
    field: FieldReference
    op: int

class CompositeFilter(Message):
    op: int
    filters: RepeatedMessage[Filter]

class Filter(Message):
    composite_filter: CompositeFilter
    field_filter: FieldFilter
    unary_filter: UnaryFilter

class Order(Message):
    field: FieldReference
    direction: int

class CollectionSelector(Message):
    collection_id: str
    all_descendants: bool

class DoubleValue(Message):
    value: float

class FindNearest(Message):
    vector_field: FieldReference
    query_vector: Value
    distance_measure: int
    limit: Int32Value
    distance_result_field: str
    distance_threshold: DoubleValue

class Projection(Message):
    fields: RepeatedMessage[FieldReference]

class StructuredQuery(Message):
    select: Projection
    from_: RepeatedMessage[CollectionSelector]
    where: Filter
    order_by: RepeatedMessage[Order]
    start_at: Cursor
    end_at: Cursor
    offset: int
    limit: Int32Value
    find_nearest: FindNearest

class Count(Message):
    up_to: Int64Value

class Sum(Message):
    field: FieldReference

class Avg(Message):
    field: FieldReference

class Aggregation(Message):
    count: Count
    sum: Sum
    avg: Avg
    alias: str

class StructuredAggregationQuery(Message):
    structured_query: StructuredQuery
    aggregations: RepeatedMessage[Aggregation]

class AggregationResult(Message):
    aggregate_fields: MessageMap[Value]

class GetDocumentRequest(Message):
    def __init__(self, *, name: str = ...) -> None: ...

    name: str
    mask: DocumentMask
    transaction: bytes

class BatchGetDocumentsRequest(Message):
    def __init__(self, *, database: str = ...) -> None: ...

    database: str
    documents: Repeated[str]
    mask: DocumentMask
    transaction: bytes

class BatchGetDocumentsResponse(Message):
    found: Document
    missing: str
    transaction: bytes
    read_time: Timestamp

class CommitRequest(Message):
    def __init__(self, *, database: str = ..., writes: Iterable[Write] = ...) -> None: ...

    database: str
    writes: RepeatedMessage[Write]
    transaction: bytes

class CommitResponse(Message):
    write_results: RepeatedMessage[WriteResult]
    commit_time: Timestamp

class BatchWriteRequest(Message):
    def __init__(self, *, database: str = ...) -> None: ...

    database: str
    writes: RepeatedMessage[Write]

class BatchWriteResponse(Message):
    write_results: RepeatedMessage[WriteResult]
    status: RepeatedMessage[Status]

class ReadOnly(Message): ...

class ReadWrite(Message):
    retry_transaction: bytes

class TransactionOptions(Message):
    read_only: ReadOnly
    read_write: ReadWrite

class BeginTransactionRequest(Message):
    def __init__(self, *, database: str = ...) -> None: ...

    database: str
    options: TransactionOptions

class BeginTransactionResponse(Message):
    def __init__(self, *, transaction: bytes = ...) -> None: ...

    transaction: bytes

class RollbackRequest(Message):
    def __init__(self, *, database: str = ..., transaction: bytes = ...) -> None: ...

    database: str
    transaction: bytes

class RollbackResponse(Message): ...

class Duration(Message):
    seconds: int
    nanos: int

class Struct(Message):
    fields: MessageMap[Value]  # of google.protobuf: only `string_value` is the same

class PlanSummary(Message):
    indexes_used: RepeatedMessage[Struct]

class ExecutionStats(Message):
    results_returned: int
    execution_duration: Duration
    read_operations: int

class ExplainMetrics(Message):
    plan_summary: PlanSummary
    execution_stats: ExecutionStats

class ExplainOptions(Message):
    analyze: bool

class RunQueryRequest(Message):
    def __init__(self, *, parent: str = ...) -> None: ...

    parent: str
    structured_query: StructuredQuery
    transaction: bytes
    explain_options: ExplainOptions

class RunQueryResponse(Message):
    document: Document
    read_time: Timestamp
    transaction: bytes
    explain_metrics: ExplainMetrics

class RunAggregationQueryRequest(Message):
    def __init__(self, *, parent: str = ...) -> None: ...

    parent: str
    structured_aggregation_query: StructuredAggregationQuery
    transaction: bytes

class RunAggregationQueryResponse(Message):
    result: AggregationResult
    read_time: Timestamp
