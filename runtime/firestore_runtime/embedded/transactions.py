"""Transactions of a store: they see the state of their first read, and end well if what they read is still so."""

from __future__ import annotations

import secrets
import threading
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from firestore_runtime.embedded.retry_queue import RetryQueue
from firestore_runtime.errors import ConflictError, StorageError, ValidationError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from firestore_runtime.embedded.store import Store
    from firestore_runtime.wire import AggregationResult, Document

FoundT = TypeVar("FoundT", "Document", "AggregationResult")
Read: TypeAlias = "Callable[[sqlite3.Connection], Iterator[FoundT]]"

_IDLE_SECONDS = 60.0
_SECONDS = 270.0
"""The time limit of a transaction (https://firebase.google.com/docs/firestore/manage-data/transactions)."""


class _Reading(Generic[FoundT]):
    """A read in a transaction, which remembers what it has found.

    Args:
        read: What to do.
        connection: A connection that sees the state of the transaction.
    """

    def __init__(self, read: Read[FoundT], connection: sqlite3.Connection) -> None:
        self._read: Read[FoundT] = read
        self._items: Iterator[FoundT] = read(connection)
        self._hashes: list[int | None] = []

    def next(self) -> FoundT | None:
        """Return what it finds next, or None at its end."""
        item = next(self._items, None)
        self._hashes.append(_hash(item))
        return item

    def stop(self) -> None:
        """Let go of its statements: as long as there are any, SQLite shows the connection no later state."""
        self._items = iter(())

    def is_still_so(self, connection: sqlite3.Connection) -> bool:
        """Whether it finds the same again, as far as somebody looked."""
        items = self._read(connection)
        return all(_hash(next(items, None)) == one for one in self._hashes)


class Transaction:
    """A transaction that has begun.

    Args:
        connection: A connection that sees one state of the store.
        read_only: Whether it refuses writes.
        has_turn: Whether it is one that is tried again, and that has its turn.
    """

    def __init__(self, connection: sqlite3.Connection, *, read_only: bool, has_turn: bool) -> None:
        self.id = secrets.token_bytes(16)
        self.connection = connection
        self.read_only = read_only
        self.has_turn = has_turn
        self._lock = threading.Lock()
        self._is_over = False
        self._readings: list[_Reading[Document] | _Reading[AggregationResult]] = []
        self._begun = self._used = monotonic()

    def read(self, read: Read[FoundT]) -> Iterator[FoundT]:
        """Do a read, and remember what it found, as far as its consumer looks.

        Raises:
            ValidationError: The transaction is over.
        """
        reading = _Reading(read, self.connection)
        self._readings.append(reading)
        try:
            while (item := self._next(reading)) is not None:
                yield item
        finally:
            reading.stop()

    def check(self, connection: sqlite3.Connection) -> None:
        """See that every read still finds the same, if that matters: a transaction that writes nothing is as if before.

        Args:
            connection: A connection that sees the state that the transaction is about to change.

        Raises:
            ConflictError: One does not.
        """
        if not self.read_only and not all(reading.is_still_so(connection) for reading in self._readings):
            raise ConflictError("another transaction has changed what this one read", retryable=True)

    def stop(self) -> None:
        """End the reads that go on, so that the connection can be used for something else."""
        with self._lock:
            self._is_over = True
            for reading in self._readings:
                reading.stop()

    def _next(self, reading: _Reading[FoundT]) -> FoundT | None:
        with self._lock:
            if self._is_over:
                raise _over_error()
            self._used = monotonic()
            return reading.next()

    def has_expired(self) -> bool:
        """Whether it has taken too long."""
        now = monotonic()
        return now - self._used > _IDLE_SECONDS or now - self._begun > _SECONDS


def _hash(item: Document | AggregationResult | None) -> int | None:
    return None if item is None else hash(item.SerializeToString(deterministic=True))


def _over_error() -> ValidationError:
    return ValidationError("the transaction is over: it was committed, rolled back, or took too long")


class Transactions:
    """The transactions of a store that have begun and have not ended.

    Args:
        store: The store.
    """

    def __init__(self, store: Store) -> None:
        self.retry_queue = RetryQueue()
        self._store = store
        self._open: dict[bytes, Transaction] = {}

    def begin(self, *, read_only: bool, has_turn: bool) -> Transaction:
        """Begin a transaction; see `RetryQueue` for `has_turn`.

        Raises:
            StorageError: The store is closed, or cannot be read.
        """
        for transaction in list(self._open.values()):
            if transaction.has_expired():
                self.end(transaction)
        try:
            connection = self._store.snapshot()
        except StorageError:
            if has_turn:
                self.retry_queue.end()
            raise
        transaction = Transaction(connection, read_only=read_only, has_turn=has_turn)
        self._open[transaction.id] = transaction
        return transaction

    def find(self, transaction_id: bytes) -> Transaction:
        """Return a transaction by its id.

        Raises:
            ValidationError: There is none, or none any more.
        """
        transaction = self._open.get(transaction_id)
        if transaction is None:
            raise _over_error()
        if transaction.has_expired():
            self.end(transaction)
            raise _over_error()
        return transaction

    def end(self, transaction: Transaction) -> None:
        """Forget a transaction, unless that has been done."""
        if self._open.pop(transaction.id, None) is not None:
            transaction.stop()
            self._store.release(transaction.connection)
            if transaction.has_turn:
                self.retry_queue.end()

    def end_all(self) -> None:
        """Forget all transactions."""
        for transaction in list(self._open.values()):
            self.end(transaction)
