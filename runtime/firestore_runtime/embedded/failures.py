"""Failures of SQLite as errors of this library."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from firestore_runtime.errors import (
    ConfigurationError,
    OperationError,
    QuotaExceededError,
    StorageConnectionError,
    StorageError,
    StoragePermissionError,
    StorageTimeoutError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILE_ERRORS: dict[int | None, tuple[type[StorageError], str]] = {
    errno.EACCES: (StoragePermissionError, "may not be used: see the permissions of the file and its directory"),
    errno.EDQUOT: (QuotaExceededError, "cannot be made: the disk is full"),
    errno.ENOENT: (ConfigurationError, "cannot be made: its directory does not exist"),
    errno.ENOSPC: (QuotaExceededError, "cannot be made: the disk is full"),
    errno.EPERM: (StoragePermissionError, "may not be used: see the permissions of the file and its directory"),
    errno.EROFS: (StoragePermissionError, "cannot be made: the disk may only be read"),
}
"""Error and explanation by the number of the operating system's error."""

_ERRORS: dict[str, tuple[type[StorageError], str]] = {
    "SQLITE_AUTH": (StoragePermissionError, "may not be used"),
    "SQLITE_BUSY": (StorageTimeoutError, "is being written by somebody else, for longer than the call may wait"),
    "SQLITE_CANTOPEN": (StoragePermissionError, "cannot be opened: see that its directory may be written, too"),
    "SQLITE_CORRUPT": (OperationError, "is damaged: restore it from a copy"),
    "SQLITE_FULL": (QuotaExceededError, "cannot grow: the disk is full, and nothing was written"),
    "SQLITE_LOCKED": (StorageTimeoutError, "is being written by somebody else, for longer than the call may wait"),
    "SQLITE_NOTADB": (ConfigurationError, "is not a database of SQLite's"),
    "SQLITE_PERM": (StoragePermissionError, "may not be used: see its permissions"),
    "SQLITE_READONLY": (StoragePermissionError, "may only be read: see the permissions of the file and its directory"),
}
"""Error and explanation by the name of SQLite's primary result code (https://www.sqlite.org/rescode.html)."""


@contextmanager
def naming_failures(store: str) -> Iterator[None]:
    """Turn failures of SQLite into errors that name the store.

    Args:
        store: What the store is called, such as its file.

    Raises:
        StorageError: SQLite or the file system failed.
    """
    try:
        yield
    except StorageError:  # some of which are OSErrors, too
        raise
    except OSError as failure:
        unknown = ConfigurationError, f"cannot be used: {failure.strerror}"
        error, explanation = _FILE_ERRORS.get(failure.errno, unknown)
        raise error(f"{store} {explanation}") from failure
    except sqlite3.Error as failure:
        raise _error(store, failure) from failure
    except Exception as failure:
        from google.protobuf.message import DecodeError  # here, since Google's package need not be loaded yet

        if isinstance(failure, DecodeError):
            raise OperationError(f"{store} {_ERRORS['SQLITE_CORRUPT'][1]}") from failure
        raise


def _error(store: str, failure: sqlite3.Error) -> StorageError:
    if isinstance(failure, sqlite3.ProgrammingError) and "closed" in str(failure):
        return closed_error()
    # The name of an extended code, such as SQLITE_READONLY_DIRECTORY, starts with that of its primary code.
    code = "_".join(getattr(failure, "sqlite_errorname", "").split("_")[:2])
    if code in _ERRORS:
        error, explanation = _ERRORS[code]
        return error(f"{store} {explanation}")
    return OperationError(f"{store} cannot be used: {failure}")


def closed_error() -> StorageError:
    """Return the error for a call on a store that has been closed."""
    return StorageConnectionError("the client has been closed", retryable=False)


def forked_error(store: str) -> StorageError:
    """Return the error for the use of a store in a copy of the process that opened it."""
    return StorageConnectionError(
        f"{store} was opened before this process was forked: make the client in here", retryable=False
    )
