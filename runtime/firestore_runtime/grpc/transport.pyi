"""Types of `transport`, the only module that touches gRPC and untyped parts of Google's libraries."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from google.auth.credentials import Credentials

from firestore_runtime import wire

RequestT = TypeVar("RequestT", contravariant=True)
ResponseT = TypeVar("ResponseT", covariant=True)

Metadata = Sequence[tuple[str, str]]

class StatusCode(Protocol):
    name: str

class RpcError(Exception):
    def code(self) -> StatusCode: ...
    def details(self) -> str | None: ...

FAILURES: tuple[type[Exception], ...]
ASYNC_FAILURES: tuple[type[BaseException], ...]

class ClosedError(Exception): ...

class Channel(Protocol):
    """A `grpc.Channel`."""

    def unary_unary(self, method: str) -> object: ...

class AsyncChannel(Protocol):
    """A `grpc.aio.Channel`."""

    def unary_unary(self, method: str) -> object: ...
    def get_state(self) -> object: ...

class UnaryRpc(Protocol[RequestT, ResponseT]):
    def __call__(self, request: RequestT, *, timeout: float, metadata: Metadata) -> ResponseT: ...

class AsyncUnaryRpc(Protocol[RequestT, ResponseT]):
    def __call__(self, request: RequestT, *, timeout: float, metadata: Metadata) -> Awaitable[ResponseT]: ...

class Stream(Protocol[ResponseT]):
    def __iter__(self) -> Iterator[ResponseT]: ...
    def cancel(self) -> bool: ...

class AsyncStream(Protocol[ResponseT]):
    def __aiter__(self) -> AsyncIterator[ResponseT]: ...
    def cancel(self) -> bool: ...

class StreamRpc(Protocol[RequestT, ResponseT]):
    def __call__(self, request: RequestT, *, metadata: Metadata) -> Stream[ResponseT]: ...

class AsyncStreamRpc(Protocol[RequestT, ResponseT]):
    def __call__(self, request: RequestT, *, metadata: Metadata) -> AsyncStream[ResponseT]: ...

class Rpcs:
    get_document: UnaryRpc[wire.GetDocumentRequest, wire.Document]
    commit: UnaryRpc[wire.CommitRequest, wire.CommitResponse]
    batch_write: UnaryRpc[wire.BatchWriteRequest, wire.BatchWriteResponse]
    begin: UnaryRpc[wire.BeginTransactionRequest, wire.BeginTransactionResponse]
    rollback: UnaryRpc[wire.RollbackRequest, wire.RollbackResponse]
    batch_get: StreamRpc[wire.BatchGetDocumentsRequest, wire.BatchGetDocumentsResponse]
    run_query: StreamRpc[wire.RunQueryRequest, wire.RunQueryResponse]
    run_aggregation: StreamRpc[wire.RunAggregationQueryRequest, wire.RunAggregationQueryResponse]

class AsyncRpcs:
    get_document: AsyncUnaryRpc[wire.GetDocumentRequest, wire.Document]
    commit: AsyncUnaryRpc[wire.CommitRequest, wire.CommitResponse]
    batch_write: AsyncUnaryRpc[wire.BatchWriteRequest, wire.BatchWriteResponse]
    begin: AsyncUnaryRpc[wire.BeginTransactionRequest, wire.BeginTransactionResponse]
    rollback: AsyncUnaryRpc[wire.RollbackRequest, wire.RollbackResponse]
    batch_get: AsyncStreamRpc[wire.BatchGetDocumentsRequest, wire.BatchGetDocumentsResponse]
    run_query: AsyncStreamRpc[wire.RunQueryRequest, wire.RunQueryResponse]
    run_aggregation: AsyncStreamRpc[wire.RunAggregationQueryRequest, wire.RunAggregationQueryResponse]

class Channels:
    def __init__(self, open_channel: Callable[[], Channel], *, owned: bool) -> None: ...
    def rpcs(self) -> Rpcs: ...
    def close(self) -> None: ...

class AsyncChannels:
    def __init__(self, open_channel: Callable[[], AsyncChannel], *, owned: bool) -> None: ...
    def rpcs(self) -> AsyncRpcs: ...
    async def close(self) -> None: ...

def open_channel(emulator_host: str | None, credentials: Credentials | None) -> Channel: ...
def open_async_channel(emulator_host: str | None, credentials: Credentials | None) -> AsyncChannel: ...
def routing_header(parameter: str, value: str) -> tuple[str, str]: ...
def load_credentials(file: Path | None) -> Credentials: ...
