"""The embedded backend for synchronous clients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from firestore_runtime import wire
from firestore_runtime.embedded.declared import DeclaredIndexes
from firestore_runtime.embedded.documents import DATABASE
from firestore_runtime.embedded.engine import Engine
from firestore_runtime.embedded.explaining import explain

if TYPE_CHECKING:
    from collections.abc import Generator

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
        GetDocumentRequest,
        RollbackRequest,
        RunAggregationQueryRequest,
        RunAggregationQueryResponse,
        RunQueryRequest,
        RunQueryResponse,
    )


class EmbeddedBackend:
    """A store in a file, or a private one, in this process: implements `Backend`.

    The file is opened at the first call, and created if it does not exist. Several processes may use it at once.

    Args:
        path: The file; None for a private store, which is deleted when the backend is closed.
        indexes: The declared indexes. The `EmbeddedBackend` of a generated package knows those of the package.
        strict_indexes: Whether a query that needs an undeclared index fails, as it would in Firestore.
    """

    def __init__(
        self,
        path: Path | str | None = None,
        *,
        indexes: DeclaredIndexes | None = None,
        strict_indexes: bool = True,
    ) -> None:
        file = None if path is None else Path(path)
        self.engine = Engine(file, indexes or DeclaredIndexes(), strict_indexes=strict_indexes)
        """The engine that does the work."""

    @property
    def database(self) -> str:
        """The name of the database, which is the same for all stores."""
        return DATABASE

    def get_document(self, request: GetDocumentRequest, call: Call) -> Document | None:
        """Return a document, or None if it does not exist."""
        with call:
            return self.engine.get(request.name, request.transaction)

    def batch_get(self, request: BatchGetDocumentsRequest, call: Call) -> Generator[BatchGetDocumentsResponse]:
        """Return documents in the order of the request; a missing document has a response, too."""
        with call:
            for name in request.documents:
                response = wire.BatchGetDocumentsResponse()
                document = self.engine.get(name, request.transaction)
                if document is None:
                    response.missing = name
                else:
                    response.found.CopyFrom(document)
                yield response

    def commit(self, request: CommitRequest, call: Call) -> CommitResponse:
        """Apply all writes, or none of them."""
        with call:
            return self.engine.commit(request, call.options.timeout)

    def batch_write(self, request: BatchWriteRequest, call: Call) -> BatchWriteResponse:
        """Apply writes independently of each other, and report on each."""
        with call:
            return self.engine.batch_write(request, call.options.timeout)

    def run_query(self, request: RunQueryRequest, call: Call) -> Generator[RunQueryResponse]:
        """Return the documents that a query finds, as of the moment when the first one is requested."""
        with call:
            if request.HasField("explain_options"):
                yield explain(self.engine, request, call.options.timeout)
                return
            for document in self.engine.query(request, call.options.timeout):
                response = wire.RunQueryResponse()
                response.document.CopyFrom(document)
                yield response

    def run_aggregation(
        self, request: RunAggregationQueryRequest, call: Call
    ) -> Generator[RunAggregationQueryResponse]:
        """Return aggregates over the documents that a query finds."""
        with call:
            response = wire.RunAggregationQueryResponse()
            response.result.CopyFrom(self.engine.aggregation(request, call.options.timeout))
            yield response

    def begin(self, request: BeginTransactionRequest, call: Call) -> BeginTransactionResponse:
        """Begin a transaction; a retried one waits for its turn."""
        is_repeated = bool(request.options.read_write.retry_transaction)
        return self.begin_now(request, call, has_turn=is_repeated and self.engine.transactions.retry_queue.take())

    def begin_now(self, request: BeginTransactionRequest, call: Call, *, has_turn: bool) -> BeginTransactionResponse:
        """Begin a transaction that need not wait; see `RetryQueue` for `has_turn`."""
        with call:
            read_only = request.options.HasField("read_only")
            transaction = self.engine.transactions.begin(read_only=read_only, has_turn=has_turn)
            return wire.BeginTransactionResponse(transaction=transaction.id)

    def rollback(self, request: RollbackRequest, call: Call) -> None:
        """Roll a transaction back."""
        with call:
            transactions = self.engine.transactions
            transactions.end(transactions.find(request.transaction))

    def sweep_expired(self, *, timeout: float = 60.0) -> int:
        """Delete expired documents, as Firestore does automatically within a day.

        Until then they are found like all others.

        Args:
            timeout: Seconds to wait for other writers.

        Returns:
            The number of documents deleted.
        """
        return self.engine.sweep_expired(timeout)

    def close(self) -> None:
        """Close the file; a private store is deleted."""
        self.engine.close()
