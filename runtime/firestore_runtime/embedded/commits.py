"""Applying writes to the state of a store."""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING

from firestore_runtime import wire
from firestore_runtime.embedded.documents import Documents, split_name
from firestore_runtime.embedded.semantics.writes import PendingDocument, written_name

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from firestore_runtime.embedded.documents import Stored
    from firestore_runtime.embedded.reader import Reader
    from firestore_runtime.wire import Write, WriteResult


class Commit:
    """Writes that are applied together, at one time.

    Args:
        connection: A connection that writes.
        reader: Knows the store's indexes.
    """

    def __init__(self, connection: sqlite3.Connection, reader: Reader) -> None:
        self._connection = connection
        self._documents = Documents(connection)
        # Now, but later than any other commit.
        sql = "UPDATE state SET time = max(time + 1, ?) RETURNING time, indexing"
        (microseconds, indexing) = connection.execute(sql, (time_ns() // 1_000,)).fetchone()
        self._indexing = reader.indexing_numbered(indexing, connection)
        self.response = wire.CommitResponse()
        self.response.commit_time.seconds, rest = divmod(microseconds, 1_000_000)
        self.response.commit_time.nanos = rest * 1_000

    def apply(self, writes: Iterable[Write]) -> None:
        """Apply writes, one after the other, and put their results into the response.

        Raises:
            StorageError: One does not fit what is stored; then the others must not be kept.
        """
        changes: dict[str, tuple[Stored | None, PendingDocument]] = {}
        results = []
        for write in writes:
            name = written_name(write)
            if name not in changes:
                before = self._documents.find(name)
                document = before.document if before else None
                changes[name] = before, PendingDocument(document, self.response.commit_time)
            results.append(changes[name][1].apply(write))
        for before, pending in changes.values():
            self._store(before, pending)
        self.response.write_results.extend(results)

    def apply_alone(self, write: Write) -> WriteResult:
        """Apply a write that has nothing to do with others, or nothing of it, and return its result.

        Raises:
            StorageError: It does not fit what is stored.
        """
        self.apply((write,))
        return self.response.write_results[-1]

    def _store(self, before: Stored | None, pending: PendingDocument) -> None:
        document = pending.finish()
        if document is pending.before:
            return
        after = None
        if document is None:
            if before:
                self._documents.delete(before)
        elif before:
            after = self._documents.replace(before, document)
        else:
            after = self._documents.insert(document)
        changed = before or after
        if changed is not None:
            collection_id = split_name(changed.document.name).collection_id
            self._indexing.update(self._connection, collection_id, before, after)
