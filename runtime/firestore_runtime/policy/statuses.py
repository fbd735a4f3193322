"""The meaning of a failed call's status: one of our errors, and whether it is transient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime.errors import (
    AlreadyExistsError,
    ConfigurationError,
    ConflictError,
    MissingIndexError,
    NotFoundError,
    OperationError,
    QuotaExceededError,
    StorageConnectionError,
    StorageError,
    StoragePermissionError,
    StorageTimeoutError,
    ValidationError,
)

if TYPE_CHECKING:
    from firestore_runtime.options import Call
    from firestore_runtime.wire import Status

_ERRORS: dict[str, tuple[type[StorageError], bool]] = {
    "ABORTED": (ConflictError, True),
    "CANCELLED": (StorageConnectionError, False),
    "ALREADY_EXISTS": (AlreadyExistsError, False),
    "DEADLINE_EXCEEDED": (StorageTimeoutError, True),
    "FAILED_PRECONDITION": (ConflictError, False),
    "INTERNAL": (OperationError, True),
    "INVALID_ARGUMENT": (ValidationError, False),
    "NOT_FOUND": (NotFoundError, False),
    "OUT_OF_RANGE": (ValidationError, False),
    "PERMISSION_DENIED": (StoragePermissionError, False),
    "RESOURCE_EXHAUSTED": (QuotaExceededError, True),
    "UNAUTHENTICATED": (StoragePermissionError, False),
    "UNAVAILABLE": (StorageConnectionError, True),
}
"""Error and `retryable` by the name of the gRPC status (https://grpc.io/docs/guides/status-codes/)."""

STATUSES = (
    *("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"),
    *("PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED"),
    *("INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"),
)
"""The names of the statuses by their numbers."""

_MESSAGES: dict[type[StorageError], str] = {
    AlreadyExistsError: "a document with this id exists already",
    NotFoundError: "the document does not exist",
}
"""Messages that are clearer than the server's own, which are in the error's cause."""


def _classify(status: str, details: str) -> tuple[type[StorageError], bool]:
    """Return the error for a gRPC status, by its name and its text, and whether it may pass."""
    error, retryable = _ERRORS.get(status, (OperationError, False))
    if status == "NOT_FOUND" and "database" in details and "does not exist" in details:
        error = ConfigurationError
    elif status == "FAILED_PRECONDITION" and "requires an index" in details:
        error = MissingIndexError
    elif status == "RESOURCE_EXHAUSTED" and "larger than max" in details:
        error, retryable = ValidationError, False  # the message is too large: no attempt will succeed
    elif status == "CANCELLED" and "RST_STREAM" in details:
        error, retryable = StorageTimeoutError, True  # the server knows the time limit, too, and noticed it first
    return error, retryable


def storage_error(status: str, details: str, call: Call) -> StorageError:
    """Return the error for a gRPC status, by its name and its text."""
    error, retryable = _classify(status, details)
    return error(
        _MESSAGES.get(error) or details or status,
        operation=call.operation,
        collection=call.collection,
        document_id=call.document_id,
        retryable=retryable,
    )


def status_error(status: Status, call: Call) -> StorageError | None:
    """Return the error for the status of one write among others, or None if it was made."""
    return storage_error(STATUSES[status.code], status.message, call) if status.code else None
