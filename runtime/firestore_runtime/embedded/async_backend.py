"""The embedded backend for asynchronous clients: the same one in threads, so that no event loop waits for a disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from firestore_runtime.embedded.backend import EmbeddedBackend
from firestore_runtime.embedded.failures import closed_error
from firestore_runtime.embedded.retry_queue import MAX_WAIT_SECONDS, has_come

if TYPE_CHECKING:
    from pathlib import Path

    from firestore_runtime.embedded.declared import DeclaredIndexes
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

P = ParamSpec("P")
T = TypeVar("T")
RequestT = TypeVar("RequestT", "CommitRequest", "BatchWriteRequest")

_THREADS = 8
_AT_ONCE = 64
"""The number of results of a stream that are fetched at once."""


class AsyncEmbeddedBackend:
    """A store in a file, or a private one, in this process: implements `AsyncBackend`.

    It runs an `EmbeddedBackend` in its own threads. It may be used from several event loops.

    Args:
        path: The file; None for a private store, which is deleted when the backend is closed.
        indexes: The declared indexes.
        strict_indexes: Whether a query that needs an undeclared index fails, as it would in Firestore.
    """

    def __init__(
        self,
        path: Path | str | None = None,
        *,
        indexes: DeclaredIndexes | None = None,
        strict_indexes: bool = True,
    ) -> None:
        self._embedded = EmbeddedBackend(path, indexes=indexes, strict_indexes=strict_indexes)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="firestore-embedded")
        # Commits happen one after the other anyway. If those that wait for another process occupied the threads above,
        # no read would get one.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="firestore-embedded-writer")

    @property
    def database(self) -> str:
        """The name of the database, which is the same for all stores."""
        return self._embedded.database

    async def get_document(self, request: GetDocumentRequest, call: Call) -> Document | None:
        """Return a document, or None if it does not exist."""
        return await self._run(call, self._embedded.get_document, request, call)

    def batch_get(self, request: BatchGetDocumentsRequest, call: Call) -> AsyncIterator[BatchGetDocumentsResponse]:
        """Return documents in the order of the request; a missing document has a response, too."""
        return self._stream(call, self._embedded.batch_get(request, call))

    async def commit(self, request: CommitRequest, call: Call) -> CommitResponse:
        """Apply all writes, or none of them."""
        return await self._write(self._embedded.commit, request, call)

    async def batch_write(self, request: BatchWriteRequest, call: Call) -> BatchWriteResponse:
        """Apply writes independently of each other, and report on each."""
        return await self._write(self._embedded.batch_write, request, call)

    def run_query(self, request: RunQueryRequest, call: Call) -> AsyncIterator[RunQueryResponse]:
        """Return the documents that a query finds, as of the moment when the first one is requested."""
        return self._stream(call, self._embedded.run_query(request, call))

    def run_aggregation(
        self, request: RunAggregationQueryRequest, call: Call
    ) -> AsyncIterator[RunAggregationQueryResponse]:
        """Return aggregates over the documents that a query finds."""
        return self._stream(call, self._embedded.run_aggregation(request, call))

    async def begin(self, request: BeginTransactionRequest, call: Call) -> BeginTransactionResponse:
        """Begin a transaction; a retried one waits for its turn."""
        has_turn = bool(request.options.read_write.retry_transaction) and await self._take_turn()
        begun = self._submit(self._threads, call, partial(self._embedded.begin_now, request, call, has_turn=has_turn))
        try:
            return await asyncio.wrap_future(begun)
        except asyncio.CancelledError:
            begun.add_done_callback(partial(self._abandon, has_turn=has_turn))  # a thread may still be at it
            raise

    async def rollback(self, request: RollbackRequest, call: Call) -> None:
        """Roll a transaction back, even if the caller is cancelled meanwhile: nobody else would."""
        await asyncio.shield(self._run(call, self._embedded.rollback, request, call))

    async def sweep_expired(self, *, timeout: float = 60.0) -> int:
        """Delete expired documents; see `EmbeddedBackend.sweep_expired`."""
        try:
            swept = self._threads.submit(self._embedded.sweep_expired, timeout=timeout)
        except RuntimeError as error:  # the executor's, after its end
            raise closed_error() from error
        return await asyncio.wrap_future(swept)

    async def close(self) -> None:
        """Close the file; a private store is deleted."""
        await asyncio.to_thread(self._embedded.close)
        self._threads.shutdown(wait=False)
        self._writer.shutdown(wait=False)

    async def _take_turn(self) -> bool:
        """Wait for a turn like `RetryQueue.take`, but occupy no thread: whoever has the turn may need it."""
        retry_queue = self._embedded.engine.transactions.retry_queue
        turn = retry_queue.ask()
        try:
            await asyncio.wait([asyncio.wrap_future(turn)], timeout=MAX_WAIT_SECONDS)
        except asyncio.CancelledError:
            if has_come(turn):
                retry_queue.end()
            raise
        return has_come(turn)

    def _abandon(self, begun: Future[BeginTransactionResponse], *, has_turn: bool) -> None:
        """End a transaction that nobody waits for any more, or the turn of one that has not begun."""
        transactions = self._embedded.engine.transactions
        if begun.cancelled():
            if has_turn:
                transactions.retry_queue.end()
        elif begun.exception() is None:
            transactions.end(transactions.find(begun.result().transaction))

    def _run(self, call: Call, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[T]:
        return asyncio.wrap_future(self._submit(self._threads, call, partial(function, *args, **kwargs)))

    async def _write(self, write: Callable[[RequestT, Call], T], request: RequestT, call: Call) -> T:
        """Write after earlier writers; meanwhile the call's time limit runs, and it can be cancelled."""
        end = monotonic() + call.options.timeout

        def in_time() -> T:
            left = max(end - monotonic(), 0.001)  # which must be more than nothing
            return write(request, replace(call, options=call.options.merged(timeout=left)))

        return await asyncio.wrap_future(self._submit(self._writer, call, in_time))

    async def _stream(self, call: Call, results: Generator[T]) -> AsyncIterator[T]:
        """Fetch results in threads, several at once."""
        batch: Future[list[T]] | None = None
        try:
            while True:
                batch = self._submit(self._threads, call, lambda: list(islice(results, _AT_ONCE)))
                found = await asyncio.wrap_future(batch)
                for result in found:
                    yield result
                if len(found) < _AT_ONCE:
                    return
        finally:
            if batch is not None:
                batch.add_done_callback(lambda _: results.close())  # a thread may still be at it

    @staticmethod
    def _submit(threads: ThreadPoolExecutor, call: Call, function: Callable[[], T]) -> Future[T]:
        try:
            return threads.submit(function)
        except RuntimeError as error:  # the executor's, after its end
            with call:
                raise closed_error() from error
