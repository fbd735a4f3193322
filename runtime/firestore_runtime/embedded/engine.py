"""The operations of the embedded backend, in the calling thread."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from firestore_runtime import wire
from firestore_runtime.embedded.commits import Commit
from firestore_runtime.embedded.documents import DATABASE, Documents
from firestore_runtime.embedded.entries import build_index
from firestore_runtime.embedded.expiry import expired_queries
from firestore_runtime.embedded.failures import naming_failures
from firestore_runtime.embedded.reader import Reader
from firestore_runtime.embedded.semantics.aggregates import aggregate, read_aggregation
from firestore_runtime.embedded.semantics.checks import check_batch, check_commit
from firestore_runtime.embedded.semantics.queries import read_query
from firestore_runtime.embedded.statuses import set_status
from firestore_runtime.embedded.store import Store
from firestore_runtime.embedded.transactions import Transactions
from firestore_runtime.errors import AlreadyExistsError, ConflictError, NotFoundError, StorageError, ValidationError
from firestore_runtime.limits import MAX_REQUEST_BYTES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from firestore_runtime.embedded.declared import DeclaredIndexes
    from firestore_runtime.embedded.scans import IndexFields
    from firestore_runtime.embedded.semantics.queries import Query
    from firestore_runtime.embedded.transactions import Transaction
    from firestore_runtime.wire import (
        AggregationResult,
        BatchWriteRequest,
        BatchWriteResponse,
        CommitRequest,
        CommitResponse,
        Document,
        RunAggregationQueryRequest,
        RunQueryRequest,
        StructuredAggregationQuery,
        StructuredQuery,
    )

FoundT = TypeVar("FoundT", "Document", "AggregationResult")


class Engine:
    """A store, and what can be done with it. All threads may use it.

    Args:
        path: The file that the store is in; None for one of its own, which is deleted at the end.
        indexes: The declared indexes, with which queries are run and documents expire.
        strict_indexes: Whether queries fail that lack an index in Firestore.
    """

    def __init__(self, path: Path | None, indexes: DeclaredIndexes, *, strict_indexes: bool) -> None:
        self.store = Store(path)
        self.transactions = Transactions(self.store)
        self._indexes = indexes
        self._reader = Reader(indexes)
        self._strict_indexes = strict_indexes

    def get(self, name: str, transaction: bytes) -> Document | None:
        """Return a document, or None if it does not exist."""

        def read(connection: sqlite3.Connection) -> Iterator[Document]:
            stored = Documents(connection).find(name)
            if stored is not None:
                yield stored.document

        return next(self._read(read, transaction), None)

    def query(self, request: RunQueryRequest, timeout: float) -> Iterator[Document]:
        """Yield what a query finds.

        Args:
            request: The query.
            timeout: Seconds to wait for others that write, if it makes an index.
        """
        query = read_query(request.parent, request.structured_query)
        self._prepare(query, request.structured_query, (), request.transaction, timeout)
        return self._read(lambda connection: self._reader.find(connection, query), request.transaction)

    def aggregation(self, request: RunAggregationQueryRequest, timeout: float) -> AggregationResult:
        """Return aggregates over what a query finds; see `query`."""
        message = request.structured_aggregation_query
        wanted = read_aggregation(request.parent, message)
        self._prepare(wanted.query, message.structured_query, _aggregated(message), request.transaction, timeout)

        def read(connection: sqlite3.Connection) -> Iterator[AggregationResult]:
            yield aggregate(wanted, self._reader.find(connection, wanted.query))

        return next(self._read(read, request.transaction))

    def indexes_used(self, request: RunQueryRequest) -> list[IndexFields]:
        """Return the fields of the indexes that a query is run by; none if it looks through whole collections."""
        query = read_query(request.parent, request.structured_query)
        self._check(query, request.structured_query, ())
        with self.store.reading() as connection:
            return self._reader.indexes_used(connection, query)

    def commit(self, request: CommitRequest, timeout: float) -> CommitResponse:
        """Apply all writes, or none of them, and end the transaction that they belong to.

        Args:
            request: The writes.
            timeout: Seconds to wait for others that write.
        """
        if request.ByteSize() > MAX_REQUEST_BYTES:
            raise ValidationError(
                f"the request has {request.ByteSize():,} bytes; Firestore allows {MAX_REQUEST_BYTES:,}"
            )
        check_commit(request.writes, DATABASE)
        if not request.transaction:
            return self._commit(request, None, timeout)
        transaction = self.transactions.find(request.transaction)
        try:
            return self._commit(request, transaction, timeout)
        finally:
            self.transactions.end(transaction)

    def batch_write(self, request: BatchWriteRequest, timeout: float) -> BatchWriteResponse:
        """Apply writes, each for itself; see `commit`."""
        check_batch(request.writes, DATABASE)
        response = wire.BatchWriteResponse()
        with self.store.writing(timeout) as connection:
            commit = Commit(connection, self._reader)
            for write in request.writes:
                result, status = response.write_results.add(), response.status.add()
                try:
                    result.CopyFrom(commit.apply_alone(write))
                except (ValidationError, NotFoundError, AlreadyExistsError, ConflictError) as error:
                    set_status(status, error)
        return response

    def sweep_expired(self, timeout: float) -> int:
        """Delete the documents whose time to live is over, and return their number; see `commit`."""
        deleted = 0
        for query in expired_queries(self._indexes):
            self._make_indexes(query, timeout)
            while found := self._found(query):
                deleted += self._delete(found, timeout)
        return deleted

    def close(self) -> None:
        """Give back what is open, and refuse everything from now on."""
        self.transactions.end_all()
        self.store.close()

    def _read(self, read: Callable[[sqlite3.Connection], Iterator[FoundT]], transaction: bytes) -> Iterator[FoundT]:
        """Read from the state that a transaction sees, or from the last one."""
        if transaction:
            with naming_failures(self.store.name):
                yield from self.transactions.find(transaction).read(read)
        else:
            with self.store.reading() as connection:
                yield from read(connection)

    def _prepare(
        self, query: Query, message: StructuredQuery, aggregated: Sequence[str], transaction: bytes, timeout: float
    ) -> None:
        """See that a query has the index that Firestore wants for it, and the one that is wanted here."""
        self._check(query, message, aggregated)
        if not transaction:  # which sees the indexes of the state that it reads
            self._make_indexes(query, timeout)

    def _check(self, query: Query, message: StructuredQuery, aggregated: Sequence[str]) -> None:
        if self._strict_indexes and query.collection_id:
            self._indexes.check(message, aggregated)

    def _make_indexes(self, query: Query, timeout: float) -> None:
        with self.store.reading() as connection:
            missing = self._reader.missing_indexes(connection, query)
        if missing:
            with suppress(StorageError), self.store.writing(timeout) as connection:  # it is found without them, too
                for fields in missing:
                    build_index(connection, query.collection_id, fields)

    def _found(self, query: Query) -> list[Document]:
        with self.store.reading() as connection:
            return list(self._reader.find(connection, query))

    def _delete(self, documents: list[Document], timeout: float) -> int:
        """Delete documents, unless they have been changed, and return how many were."""
        request = wire.BatchWriteRequest(database=DATABASE)
        for document in documents:
            write = request.writes.add()
            write.delete = document.name
            write.current_document.update_time.CopyFrom(document.update_time)
        return sum(status.code == 0 for status in self.batch_write(request, timeout).status)

    def _commit(self, request: CommitRequest, transaction: Transaction | None, timeout: float) -> CommitResponse:
        if transaction and transaction.read_only and request.writes:
            raise ValidationError("a read-only transaction cannot write")
        with self.store.writing(timeout) as connection:
            if transaction:
                transaction.check(connection)
            commit = Commit(connection, self._reader)
            commit.apply(request.writes)
        return commit.response


def _aggregated(message: StructuredAggregationQuery) -> list[str]:
    """The paths of the fields that are summed or averaged."""
    fields = (part.sum.field if part.HasField("sum") else part.avg.field for part in message.aggregations)
    return [field.field_path for field in fields if field.field_path]
