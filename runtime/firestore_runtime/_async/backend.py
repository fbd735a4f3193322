"""The boundary between the typed clients and a store: Firestore's remote procedures on raw protobuf messages.

Everything above it is the same for every store; everything below it knows nothing about models. An interceptor is a
backend that wraps another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

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


class AsyncBackend(Protocol):
    """A store of documents. Its methods raise only `StorageError`s."""

    @property
    def database(self) -> str:
        """The name of the database, `projects/P/databases/D`."""

    async def get_document(self, request: GetDocumentRequest, call: Call) -> Document | None:
        """Return a document, or None if it does not exist."""

    def batch_get(self, request: BatchGetDocumentsRequest, call: Call) -> AsyncIterator[BatchGetDocumentsResponse]:
        """Return documents in any order; a missing document has a response, too."""

    async def commit(self, request: CommitRequest, call: Call) -> CommitResponse:
        """Apply all writes, or none of them."""

    async def batch_write(self, request: BatchWriteRequest, call: Call) -> BatchWriteResponse:
        """Apply writes independently of each other, and report on each."""

    def run_query(self, request: RunQueryRequest, call: Call) -> AsyncIterator[RunQueryResponse]:
        """Return the documents that a query finds; responses without a document report progress."""

    def run_aggregation(
        self, request: RunAggregationQueryRequest, call: Call
    ) -> AsyncIterator[RunAggregationQueryResponse]:
        """Return aggregates over the documents that a query finds."""

    async def begin(self, request: BeginTransactionRequest, call: Call) -> BeginTransactionResponse:
        """Begin a transaction."""

    async def rollback(self, request: RollbackRequest, call: Call) -> None:
        """Roll a transaction back."""

    async def close(self) -> None:
        """Release the resources that the backend opened itself."""
