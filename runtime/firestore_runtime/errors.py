"""What can go wrong, as one tree: every operation of a client raises these, and only these.

`BulkWriteError` is one of them, too; it stands beside its report, in `bulk/outcomes.py`.

Each class also inherits the built-in exception that a Python programmer would catch for it.
"""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from firestore_runtime.index import Index

__all__ = [
    "AlreadyExistsError",
    "ConfigurationError",
    "ConflictError",
    "CorruptDocumentError",
    "MissingIndexError",
    "NotFoundError",
    "OperationError",
    "QuotaExceededError",
    "StorageConnectionError",
    "StorageError",
    "StoragePermissionError",
    "StorageTimeoutError",
    "ValidationError",
]


class StorageError(Exception):
    """Base of all errors that clients raise.

    Args:
        message: The cause, and the remedy.
        operation: The method that failed, such as `"get"`.
        collection: The collection it was called on, by its name in the client.
        document_id: The document it was called for, if it was a single one.
        retryable: Whether the same call may succeed later; None takes the default of the class.
    """

    _retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        operation: str | None = None,
        collection: str | None = None,
        document_id: str | None = None,
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.collection = collection
        self.document_id = document_id
        self.retryable = self._retryable if retryable is None else retryable

    def __str__(self) -> str:
        """Return the message after the call that it concerns: `memory_items.get('a'): …`."""
        if self.operation is None:
            return self.message
        place = self.operation if self.collection is None else f"{self.collection}.{self.operation}"
        document = "" if self.document_id is None else f"({reprlib.repr(self.document_id)})"
        return f"{place}{document}: {self.message}"


class ConfigurationError(StorageError, ValueError):
    """The URL, a setting, the credentials or the database that they name is missing or wrong."""


class StorageConnectionError(StorageError, ConnectionError):
    """The server could not be reached, or the connection broke."""

    _retryable = True


class StorageTimeoutError(StorageError, TimeoutError):
    """The time limit of the call ran out. A write may still have been applied."""

    _retryable = True


class StoragePermissionError(StorageError, PermissionError):
    """The credentials are missing, or do not permit the operation."""


class ValidationError(StorageError, ValueError):
    """An argument or a value to be stored is invalid; nothing was sent, or the server refused it."""


class NotFoundError(StorageError, LookupError):
    """The document does not exist."""


class AlreadyExistsError(StorageError):
    """A document with this id already exists."""


class ConflictError(StorageError):
    """The document is not in the state that the call requires, or another writer got in between."""

    _retryable = True


class MissingIndexError(StorageError):
    """The query needs a composite index that the database does not have; the message holds the server's advice.

    Attributes:
        index: The index to add; `as_json()` returns its entry for `firestore.indexes.json`.
    """

    index: Index | None = None


class QuotaExceededError(StorageError):
    """A quota or rate limit of the database is exhausted."""

    _retryable = True


class CorruptDocumentError(StorageError, ValueError):
    """A stored document does not fit its model.

    Attributes:
        path: The document's path in its database.
        fields: The stored fields that do not fit, as dotted paths.
    """

    path: str = ""
    fields: tuple[str, ...] = ()


class OperationError(StorageError, RuntimeError):
    """The server failed in a way that no other error describes."""
