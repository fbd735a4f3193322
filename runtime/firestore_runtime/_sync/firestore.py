# Derived from _async/firestore.py by runtime/derive_sync.py. Do not edit; change that and run `make sync`.

"""Google Cloud Firestore, or its emulator, over gRPC."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from firestore_runtime.errors import AlreadyExistsError, NotFoundError
from firestore_runtime.grpc.connection import Target, find_target
from firestore_runtime.grpc.deadlines import ThreadDeadline
from firestore_runtime.grpc.failures import call_error, closed_error, stream_error
from firestore_runtime.grpc.transport import FAILURES, Channels, ClosedError, open_channel
from firestore_runtime.indexes.shapes import naming_index
from firestore_runtime.policy.lost_creates import lost_create_response
from firestore_runtime.policy.replays import Replay, replay_of_commit, replay_of_read
from firestore_runtime.policy.resume import AggregationProgress, BatchGetProgress, Progress, QueryProgress
from firestore_runtime.policy.retries import Attempts
from firestore_runtime.wire import GetDocumentRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

    from google.auth.credentials import Credentials
    from google.cloud.firestore import Client

    from firestore_runtime.grpc.transport import Metadata, Rpcs, Stream, StreamRpc, UnaryRpc
    from firestore_runtime.options import Call
    from firestore_runtime.wire import (
        BatchGetDocumentsRequest,
        BatchGetDocumentsResponse,
        BatchWriteRequest,
        BatchWriteResponse,
        BeginTransactionRequest,
        BeginTransactionResponse,
        CommitRequest,
        CommitResponse,
        Document,
        RollbackRequest,
        RunAggregationQueryRequest,
        RunAggregationQueryResponse,
        RunQueryRequest,
        RunQueryResponse,
    )

RequestT = TypeVar("RequestT")
ResponseT = TypeVar("ResponseT")


class FirestoreBackend:
    """A Firestore database: implements `Backend`.

    Create it with `connect` or `from_client`.

    Args:
        target: The database and its address.
        channels: The channel that carries the calls.
    """

    def __init__(self, target: Target, channels: Channels) -> None:
        self._target = target
        self._channels = channels

    @classmethod
    def connect(
        cls,
        project: str,
        database: str = "(default)",
        *,
        credentials: Credentials | None = None,
        credentials_file: Path | None = None,
    ) -> Self:
        """Make a backend with its own channel, which opens at the first call.

        Args:
            project: The id of the Google Cloud project.
            database: The id of the database.
            credentials: Google Cloud credentials; default to `credentials_file` or the application-default credentials.
            credentials_file: A file with Google Cloud credentials.

        Raises:
            ConfigurationError: There are no usable credentials.
        """
        target = find_target(project, database, credentials, credentials_file)
        opener = partial(open_channel, target.emulator_host, target.credentials)
        return cls(target, Channels(opener, owned=True))

    @classmethod
    def from_client(cls, client: Client) -> Self:
        """Make a backend that shares the credentials and the channel of one of Google's clients, and leaves it open."""
        # Google's client has no public way to its channel, which it opens when it is first asked for.
        target = Target(client._database_string, client._emulator_host, None)
        return cls(target, Channels(lambda: client._firestore_api.transport.grpc_channel, owned=False))

    @property
    def database(self) -> str:
        """The name of the database, `projects/P/databases/D`."""
        return self._target.database

    def get_document(self, request: GetDocumentRequest, call: Call) -> Document | None:
        """Return a document, or None if it does not exist."""
        rpc, header = self._rpcs(call).get_document, self._target.metadata("name", request.name)
        attempts = Attempts(call, replay_of_read(request.transaction))
        try:
            return self._unary(rpc, request, header, call, attempts)
        except NotFoundError:
            return None

    def batch_get(self, request: BatchGetDocumentsRequest, call: Call) -> Iterator[BatchGetDocumentsResponse]:
        """Return documents in any order; a missing document has a response, too."""
        rpc, header = self._rpcs(call).batch_get, self._target.metadata("database", request.database)
        return self._stream(rpc, BatchGetProgress(request), header, call, replay_of_read(request.transaction))

    def commit(self, request: CommitRequest, call: Call) -> CommitResponse:
        """Apply all writes, or none of them. When a commit may be sent again, `replay_of_commit` decides."""
        rpc, header = self._rpcs(call).commit, self._target.metadata("database", request.database)
        attempts = Attempts(call, replay_of_commit(request))
        try:
            return self._unary(rpc, request, header, call, attempts)
        except AlreadyExistsError as error:
            if not attempts.may_have_applied:
                raise
            write = request.writes[0]
            request_again = GetDocumentRequest(name=write.update.name)
            stored = self.get_document(request_again, attempts.remaining())
            return lost_create_response(stored, write, error)

    def batch_write(self, request: BatchWriteRequest, call: Call) -> BatchWriteResponse:
        """Apply writes independently of each other, and report on each."""
        rpc, header = self._rpcs(call).batch_write, self._target.metadata("database", request.database)
        return self._unary(rpc, request, header, call, Attempts(call, Replay.UNLESS_APPLIED))

    def run_query(self, request: RunQueryRequest, call: Call) -> Iterator[RunQueryResponse]:
        """Return the documents that a query finds; responses without a document report progress."""
        rpc, header = self._rpcs(call).run_query, self._target.metadata("parent", request.parent)
        return self._stream(rpc, QueryProgress(request), header, call, replay_of_read(request.transaction))

    def run_aggregation(self, request: RunAggregationQueryRequest, call: Call) -> Iterator[RunAggregationQueryResponse]:
        """Return aggregates over the documents that a query finds."""
        rpc, header = self._rpcs(call).run_aggregation, self._target.metadata("parent", request.parent)
        return self._stream(rpc, AggregationProgress(request), header, call, replay_of_read(request.transaction))

    def begin(self, request: BeginTransactionRequest, call: Call) -> BeginTransactionResponse:
        """Begin a transaction."""
        rpc, header = self._rpcs(call).begin, self._target.metadata("database", request.database)
        return self._unary(rpc, request, header, call, Attempts(call))

    def rollback(self, request: RollbackRequest, call: Call) -> None:
        """Roll a transaction back."""
        rpc, header = self._rpcs(call).rollback, self._target.metadata("database", request.database)
        self._unary(rpc, request, header, call, Attempts(call))

    def close(self) -> None:
        """Close the channel, if the backend opened it."""
        self._channels.close()

    def _rpcs(self, call: Call) -> Rpcs:
        try:
            return self._channels.rpcs()
        except ClosedError as error:
            raise closed_error(call) from error

    def _unary(
        self,
        rpc: UnaryRpc[RequestT, ResponseT],
        request: RequestT,
        header: Metadata,
        call: Call,
        attempts: Attempts,
    ) -> ResponseT:
        while True:
            try:
                return rpc(request, timeout=attempts.time_limit(), metadata=header)
            except FAILURES as failure:
                delay = attempts.next_delay(call_error(failure, call))
            time.sleep(delay)

    def _open(
        self, rpc: StreamRpc[RequestT, ResponseT], request: RequestT, header: Metadata, call: Call
    ) -> Stream[ResponseT]:
        try:
            return rpc(request, metadata=header)
        except FAILURES as failure:
            raise call_error(failure, call) from failure

    def _stream(
        self,
        rpc: StreamRpc[RequestT, ResponseT],
        progress: Progress[RequestT, ResponseT],
        header: Metadata,
        call: Call,
        replay: Replay,
    ) -> Iterator[ResponseT]:
        attempts = Attempts(call, replay)
        while True:
            stream = self._open(rpc, progress.request(), header, call)
            deadline = ThreadDeadline(stream.cancel, call.options.attempt_timeout)
            try:
                with deadline:
                    for response in stream:
                        deadline.arrived()
                        progress.advance(response)
                        yield response
                        deadline.waiting()
                        attempts.restart()
                return
            except FAILURES as failure:
                error = naming_index(stream_error(failure, deadline.expired, call), progress.query)
            finally:
                stream.cancel()
            if progress.is_complete:
                return
            time.sleep(attempts.next_delay(error))
