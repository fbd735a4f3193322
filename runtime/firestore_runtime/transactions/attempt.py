"""One attempt at a transaction, without its I/O: what it may do, what it will write, and what went wrong."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

from firestore_runtime import wire
from firestore_runtime.errors import ConflictError
from firestore_runtime.transactions.errors import commit_error, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firestore_runtime.errors import StorageError
    from firestore_runtime.options import Call
    from firestore_runtime.wire import (
        BatchGetDocumentsRequest,
        CommitRequest,
        CommitResponse,
        GetDocumentRequest,
        RollbackRequest,
        RunAggregationQueryRequest,
        RunQueryRequest,
        Write,
        WriteResult,
    )

RequestT = TypeVar(
    "RequestT", "GetDocumentRequest", "BatchGetDocumentsRequest", "RunQueryRequest", "RunAggregationQueryRequest"
)

_RUNNING: ContextVar[tuple[TransactionAttempt, ...]] = ContextVar("running_transactions", default=())


class TransactionAttempt:
    """One attempt at a transaction: its writes wait here until it is committed.

    Args:
        store: The backend that it was begun on.
        transaction_id: What the server calls it.
        read_only: Whether it refuses writes.
    """

    def __init__(self, store: object, transaction_id: bytes, *, read_only: bool) -> None:
        self.store = store
        self.id = transaction_id
        self.read_only = read_only
        self.is_over = False
        self._writes: list[tuple[Write, WriteResult, Call]] = []
        self._aborts: list[ConflictError] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """The time in which its function runs; after that it refuses everything."""
        outer = _RUNNING.get()
        _RUNNING.set((*outer, self))
        try:
            yield
        finally:
            self.is_over = True
            _RUNNING.set(outer)

    def check_open(self, call: Call) -> None:
        """Refuse a call that comes too late.

        Raises:
            ValidationError: The function of the transaction has ended.
        """
        if self.is_over:
            raise refusal("the transaction is over, and the client that its function was given with it", call)

    def reading(self, request: RequestT, call: Call) -> RequestT:
        """Return a read as part of the transaction.

        Raises:
            ValidationError: The transaction is over, or has written already.
        """
        self.check_open(call)
        if self._writes:
            raise refusal("in a transaction all reads come before the first write", call)
        inside = type(request)()
        inside.CopyFrom(request)
        inside.transaction = self.id
        return inside

    def write(self, write: Write, result: WriteResult, call: Call) -> None:
        """Keep a write for the commit, which fills in its result.

        Raises:
            ValidationError: The transaction is over, or read-only.
        """
        self.check_open(call)
        if self.read_only:
            raise refusal("a read-only transaction cannot write", call)
        for _ in write.update_transforms:
            result.transform_results.add().null_value = 0
        self._writes.append((write, result, call))

    @contextmanager
    def noting_aborts(self) -> Iterator[None]:
        """Remember that a read failed because of another transaction."""
        try:
            yield
        except ConflictError as error:
            self._note(error)
            raise

    def commit_request(self, database: str) -> CommitRequest:
        """Make the request that applies all writes.

        Raises:
            ConflictError: A read failed because of another transaction, although the function went on after it.
        """
        if self._aborts:
            raise self._aborts[0]
        request = wire.CommitRequest(database=database, writes=[write for write, _, _ in self._writes])
        request.transaction = self.id
        return request

    def rollback_request(self, database: str) -> RollbackRequest:
        """Make the request that gives the transaction up."""
        return wire.RollbackRequest(database=database, transaction=self.id)

    def committed(self, response: CommitResponse) -> None:
        """Fill in the results of the writes."""
        for (_, result, _), final in zip(self._writes, response.write_results, strict=True):
            result.CopyFrom(final)

    def commit_failed(self, error: StorageError) -> StorageError:
        """Return the error for a commit that failed, which says more if there is more to say."""
        self._note(error)
        if self.is_contention(error):
            return error
        return commit_error(error, [(write, call) for write, _, call in self._writes])

    def is_contention(self, error: BaseException) -> bool:
        """Whether this is the error of a read or of the commit that another transaction got in the way of."""
        if isinstance(error, BaseExceptionGroup):  # of a task group
            return all(self.is_contention(part) for part in error.exceptions)
        return any(error is abort for abort in self._aborts)

    def _note(self, error: StorageError) -> None:
        if isinstance(error, ConflictError) and error.retryable:
            self._aborts.append(error)


def is_running_on(store: object) -> bool:
    """Whether this runs inside the function of a transaction on a store."""
    return any(attempt.store is store and not attempt.is_over for attempt in _RUNNING.get())
