"""Files of the embedded store: recognising them, and making new ones."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from firestore_runtime.errors import ConfigurationError

_MAGIC = b"SQLite format 3\0"
_APPLICATION_ID = 0x46_53_4D_45  # "FSME"
_VERSION = 1
"""Of the tables below. This code reads no other one."""

# Offsets in the header of a database (https://www.sqlite.org/fileformat.html#the_database_header).
_VERSION_AT = slice(60, 64)
_APPLICATION_ID_AT = slice(68, 72)

# `documents.message` is a google.firestore.v1.Document, with its full name and times. `entries` are the indexes: for
# each value of a document that an index is about, the bytes of `keys.py`, ending with the document's name. Times are
# microseconds since 1970. `state.time` is that of the last commit, `state.indexing` changes with the table `indexes`.
_TABLES = f"""
BEGIN;
CREATE TABLE state (
    time INTEGER NOT NULL,
    indexing INTEGER NOT NULL
);
CREATE TABLE collections (
    id INTEGER PRIMARY KEY,
    collection_id TEXT NOT NULL,
    parent TEXT NOT NULL,
    UNIQUE (collection_id, parent)
);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collections,
    document_id TEXT NOT NULL,
    update_time INTEGER NOT NULL,
    message BLOB NOT NULL,
    UNIQUE (collection, document_id)
);
CREATE TABLE indexes (
    id INTEGER PRIMARY KEY,
    collection_id TEXT NOT NULL,
    fields TEXT NOT NULL,
    UNIQUE (collection_id, fields)
);
CREATE TABLE entries (
    index_id INTEGER NOT NULL REFERENCES indexes,
    collection INTEGER NOT NULL REFERENCES collections,
    key BLOB NOT NULL,
    document INTEGER NOT NULL REFERENCES documents,
    PRIMARY KEY (index_id, collection, key, document)
) WITHOUT ROWID;
INSERT INTO state VALUES (0, 0);
PRAGMA application_id = {_APPLICATION_ID};
PRAGMA user_version = {_VERSION};
COMMIT;
PRAGMA journal_mode = WAL;
"""


_OPEN: Counter[tuple[int, int]] = Counter()
"""The number of connections that this process has to files, by device and inode.

Meanwhile it must not look into the file by itself: a process that closes a file gives up all of its locks on it, those
of the connections, too. Then another process takes itself for the only one, and deletes the log that they are using
(https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
"""
# An RLock, since Python may clear away a stream, and with it close its connection, while this thread opens another.
_OPENING = threading.RLock()


class _Connection(sqlite3.Connection):
    """A connection that is counted until it is closed."""

    file: tuple[int, int] | None = None

    def close(self) -> None:
        """Close the connection. It may be called more than once."""
        super().close()
        with _OPENING:
            if self.file is not None:
                _OPEN[self.file] -= 1
                self.file = None


def prepare_file(path: Path, *, durable: bool) -> None:
    """See that a file is one of ours, and make it if there is none.

    What is not ours is not opened by SQLite at all, which might write to it or beside it.

    Args:
        path: The file.
        durable: Whether it is to survive the end of the machine, too.

    Raises:
        ConfigurationError: The file is something else, or was made by a newer version.
        OSError: It cannot be read and written, or made.
        sqlite3.Error: It cannot be made.
    """
    with _OPENING:
        status = _made(path, durable=durable)
        if not stat.S_ISREG(status.st_mode):  # to open a pipe is to wait for its other end
            raise ConfigurationError(f"{path} is not a file: name another one, or one that does not exist")
        if _OPEN[status.st_dev, status.st_ino]:
            return
        # For writing, too: SQLite would open what may only be read, and leave files beside it that may, too.
        with path.open("r+b") as file:
            _check_header(path, file.read(100))


def connect(path: Path, *, durable: bool) -> sqlite3.Connection:
    """Open a file that has been prepared. The connection may be used by one thread after the other.

    Args:
        path: The file, by its absolute path.
        durable: Whether what is written is to survive the end of the machine, too, but for the last commits.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    # As a URI, since SQLite would make a file that somebody has deleted in the meantime, but without our tables.
    uri = f"{path.as_uri()}?mode=rw"
    with _OPENING:
        connection = sqlite3.connect(
            uri,
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            factory=_Connection,
        )
        status = path.stat()
        connection.file = status.st_dev, status.st_ino
        _OPEN[connection.file] += 1
    try:
        # What is committed has reached the operating system, and survives the end of the process. The log is only
        # written through to the disk now and then, which never damages the file
        # (https://www.sqlite.org/pragma.html#pragma_synchronous).
        connection.execute(f"PRAGMA synchronous = {'NORMAL' if durable else 'OFF'}")
        connection.execute("PRAGMA cache_size = -65536")  # KiB
    except BaseException:
        connection.close()
        raise
    return connection


def _made(path: Path, *, durable: bool) -> os.stat_result:
    """Return what is known of a file, which is made if there is none."""
    try:
        return path.stat()
    except FileNotFoundError:
        _make(path.resolve(), durable=durable)  # it may be a link to what does not exist yet
        return path.stat()
    except ValueError as failure:
        raise ConfigurationError(f"{str(path)!r} cannot be the name of a file: {failure}") from failure


def _check_header(path: Path, header: bytes) -> None:
    if not header.startswith(_MAGIC):
        raise ConfigurationError(f"{path} is not a database of SQLite's: name another file, or one that does not exist")
    if int.from_bytes(header[_APPLICATION_ID_AT], "big") != _APPLICATION_ID:
        raise ConfigurationError(f"{path} is a database, but not one of this package: name another file")
    version = int.from_bytes(header[_VERSION_AT], "big")
    if version != _VERSION:
        raise ConfigurationError(
            f"{path} was made by a newer version of this package (its tables have version {version}, known is "
            f"{_VERSION}): update the package"
        )


def _make(path: Path, *, durable: bool) -> None:
    """Make the file under another name first, so that nobody ever sees a part of it."""
    with TemporaryDirectory(prefix=".firestore-embedded-", dir=path.parent) as directory:
        made = Path(directory) / "new.db"
        connection = sqlite3.connect(made, isolation_level=None)
        try:
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
            connection.executescript(_TABLES)
        finally:
            connection.close()
        with suppress(FileExistsError):  # somebody else was faster
            os.link(made, path)
