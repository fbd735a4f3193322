"""The connections to a store's file: any number that read, one that writes."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING

from firestore_runtime.embedded.failures import closed_error, forked_error, naming_failures
from firestore_runtime.embedded.files import connect, prepare_file
from firestore_runtime.errors import StorageError, StorageTimeoutError

if TYPE_CHECKING:
    from collections.abc import Iterator

_IDLE_CONNECTIONS = 8
_MAX_MILLISECONDS = 2**31 - 1
"""SQLite takes a longer time for none at all."""


class Store:
    """A store in a file, which is opened at the first use. All threads may use it.

    Args:
        path: The file; None for a private one that is deleted at the end.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path and path.absolute()  # the working directory may change
        self.name = "the store in memory" if path is None else str(self._path)
        self._directory: TemporaryDirectory[str] | None = None
        # An RLock, since Python may clear away a stream, and with it release its connection, while this thread has it.
        self._lock = threading.RLock()
        self._writing = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._idle: list[sqlite3.Connection] = []
        # Held here, so that one is not cleared away before the lost stream that uses it, whose end releases it.
        self._used: set[sqlite3.Connection] = set()
        self._process: int | None = None
        self._is_closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees one state of the store, however long it is used.

        Raises:
            StorageError: The store is closed, or cannot be read.
        """
        connection = self.snapshot()
        try:
            with naming_failures(self.name):
                yield connection
        except Exception:
            self._used.discard(connection)
            connection.close()  # the error may hold on to statements, and they to the state
            raise
        except BaseException:  # such as that nobody wants the rest of a stream
            self.release(connection)
            raise
        self.release(connection)

    def snapshot(self) -> sqlite3.Connection:
        """Return a connection that sees the state that the store has at its first use; it must be released.

        Raises:
            StorageError: The store is closed, or cannot be opened.
        """
        self._check_process()
        with naming_failures(self.name):
            with self._lock:
                connection = self._idle.pop() if self._idle else self._open()
                self._used.add(connection)
            connection.execute("BEGIN")
        return connection

    def release(self, connection: sqlite3.Connection) -> None:
        """Take a connection back. Nobody may use it any more, nor a statement of it that has not come to its end."""
        is_usable = connection.in_transaction  # which SQLite has ended if the file failed
        if is_usable:
            connection.execute("ROLLBACK")
        with self._lock:
            self._used.discard(connection)
            if is_usable and not self._is_closed and len(self._idle) < _IDLE_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()

    @contextmanager
    def writing(self, timeout: float) -> Iterator[sqlite3.Connection]:
        """Give the connection that writes: what is written is applied at the end, unless there is an exception.

        Args:
            timeout: Seconds to wait for others that write.

        Raises:
            StorageError: The store is closed, cannot be written, or others write for longer than that.
        """
        self._check_process()
        end = monotonic() + timeout
        if not self._writing.acquire(timeout=timeout):
            raise StorageTimeoutError(f"others have been writing to {self.name} for {timeout:g} s")
        try:
            with naming_failures(self.name):
                connection = self._writer_waiting(max(0.0, end - monotonic()))
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException as error:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    if not isinstance(error, StorageError):  # then it may hold on to statements; see `reading`
                        self._close_writer()
                    raise
        finally:
            self._writing.release()

    def close(self) -> None:
        """Close the connections; those in use are closed as soon as they are not."""
        if self._is_forked():
            return  # they are the other process's
        with self._lock:
            self._is_closed = True
            while self._idle:
                self._idle.pop().close()
        with self._writing:
            self._close_writer()
        if self._directory is not None:
            self._directory.cleanup()

    def _writer_waiting(self, timeout: float) -> sqlite3.Connection:
        if self._writer is None:
            with self._lock:
                self._writer = self._open()
        # Other processes are waited for by SQLite itself.
        self._writer.execute(f"PRAGMA busy_timeout = {min(int(timeout * 1_000), _MAX_MILLISECONDS)}")
        return self._writer

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _open(self) -> sqlite3.Connection:
        """Open a connection; the lock must be held."""
        if self._is_closed:
            raise closed_error()
        if self._path is None:
            self._directory = TemporaryDirectory(prefix="firestore-embedded-")
            self._path = Path(self._directory.name) / "store.db"
        is_private = self._directory is not None
        if self._process is None:
            prepare_file(self._path, durable=not is_private)
            self._process = os.getpid()
        return connect(self._path, durable=not is_private)

    def _check_process(self) -> None:
        if self._is_forked():
            raise forked_error(self.name)

    def _is_forked(self) -> bool:
        """Whether this is a copy of the process that opened the file.

        SQLite's locks stay with that process, which would delete the log that the copy writes to.
        """
        return self._process not in (None, os.getpid())
