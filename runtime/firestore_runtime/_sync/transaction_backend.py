# Derived from _async/transaction_backend.py by runtime/derive_sync.py. Do not edit; change that and run `make sync`.

"""A store as seen from inside a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from firestore_runtime import wire
from firestore_runtime.transactions.errors import nested, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firestore_runtime._sync.backend import Backend
    from firestore_runtime.options import Call
    from firestore_runtime.transactions.attempt import TransactionAttempt
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

T = TypeVar("T")


class TransactionBackend:
    """A store as seen from inside a transaction: implements `Backend`.

    Reads go to the store as part of the transaction. Writes are held back for the commit, which fills in their results.

    Args:
        backend: The store.
        attempt: The attempt that runs.
    """

    def __init__(self, backend: Backend, attempt: TransactionAttempt) -> None:
        self._backend = backend
        self._attempt = attempt

    @property
    def database(self) -> str:
        """The name of the database, `projects/P/databases/D`."""
        return self._backend.database

    def get_document(self, request: GetDocumentRequest, call: Call) -> Document | None:
        """Return a document, or None if it does not exist."""
        inside = self._attempt.reading(request, call)
        with self._attempt.noting_aborts():
            return self._backend.get_document(inside, call)

    def batch_get(self, request: BatchGetDocumentsRequest, call: Call) -> Iterator[BatchGetDocumentsResponse]:
        """Return documents in any order; a missing document has a response, too."""
        return self._each(self._backend.batch_get(self._attempt.reading(request, call), call), call)

    def commit(self, request: CommitRequest, call: Call) -> CommitResponse:
        """Hold writes back until the end of the transaction."""
        response = wire.CommitResponse()
        for write in request.writes:
            self._attempt.write(write, response.write_results.add(), call)
        return response

    def batch_write(self, request: BatchWriteRequest, call: Call) -> BatchWriteResponse:
        """Hold writes back until the end of the transaction, where they are applied together with all others."""
        response = wire.BatchWriteResponse()
        for write in request.writes:
            self._attempt.write(write, response.write_results.add(), call)
            response.status.add()
        return response

    def run_query(self, request: RunQueryRequest, call: Call) -> Iterator[RunQueryResponse]:
        """Return the documents that a query finds; responses without a document report progress."""
        return self._each(self._backend.run_query(self._attempt.reading(request, call), call), call)

    def run_aggregation(self, request: RunAggregationQueryRequest, call: Call) -> Iterator[RunAggregationQueryResponse]:
        """Return aggregates over the documents that a query finds."""
        return self._each(self._backend.run_aggregation(self._attempt.reading(request, call), call), call)

    def begin(self, request: BeginTransactionRequest, call: Call) -> BeginTransactionResponse:
        """Refuse to begin a transaction inside another one."""
        raise nested(call)

    def rollback(self, request: RollbackRequest, call: Call) -> None:
        """Refuse to end the transaction; its function does that, by raising an exception."""
        raise refusal("raise an exception to give the transaction up", call)

    def close(self) -> None:
        """Do nothing: the store stays open."""

    def _each(self, responses: Iterator[T], call: Call) -> Iterator[T]:
        with self._attempt.noting_aborts():
            for response in responses:
                yield response
                self._attempt.check_open(call)
