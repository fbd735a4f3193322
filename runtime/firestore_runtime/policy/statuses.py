"""What the status of a failed call means: one of our errors, and whether the call may be sent again."""

from __future__ import annotations

import asyncio
from enum import Enum
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
from firestore_runtime.grpc.transport import RpcError

if TYPE_CHECKING:
    from firestore_runtime.options import Call
    from firestore_runtime.wire import CommitRequest, Status, Write

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

_STATUSES = (
    *("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"),
    *("PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED"),
    *("INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"),
)
"""The names of the statuses by their numbers."""

_MESSAGES: dict[type[StorageError], str] = {
    AlreadyExistsError: "a document with this id exists already",
    NotFoundError: "the document does not exist",
}
"""What is clearer than the server's own words, which are in the error's cause."""


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
    return storage_error(_STATUSES[status.code], status.message, call) if status.code else None


def call_error(failure: BaseException, call: Call) -> StorageError:
    """Return the error for a failed call, caused by `failure`.

    Args:
        failure: What gRPC raised: a status, that the channel is closed, or, asyncio's, that closing it cancelled the
            call.
        call: The call.

    Raises:
        asyncio.CancelledError: `failure`, if it is the caller's own task that is cancelled.
    """
    if _is_cancellation(failure):
        raise failure
    if isinstance(failure, RpcError):
        error = storage_error(failure.code().name, failure.details() or "", call)
    else:
        error = closed_error(call)
    error.__cause__ = failure
    return error


def _is_cancellation(failure: BaseException) -> bool:
    """Whether somebody has cancelled the caller's task, and not only the call."""
    task = asyncio.current_task() if isinstance(failure, asyncio.CancelledError) else None
    return task is not None and task.cancelling() > 0


def stream_error(failure: BaseException, expired: bool, call: Call) -> StorageError:
    """Return the error for a stream that ended early, caused by `failure`.

    Args:
        failure: What the stream raised.
        expired: Whether it was our own time limit that ended it.
        call: The call that the stream belongs to.

    Raises:
        asyncio.CancelledError: `failure`, if it is the consumer's own task that is cancelled.
    """
    if not expired or _is_cancellation(failure):
        return call_error(failure, call)
    limit = call.options.attempt_timeout
    error = storage_error("DEADLINE_EXCEEDED", f"no result arrived for {limit:g} s", call)
    error.__cause__ = failure
    return error


def closed_error(call: Call) -> StorageError:
    """Return the error for a call on a client that has been closed."""
    return storage_error("CANCELLED", "the client has been closed", call)


class Replay(Enum):
    """Whether a request may be sent again after a failure that could be temporary: after which errors."""

    ALWAYS = (StorageError,)
    """Doing it twice has the effect of doing it once."""
    UNLESS_APPLIED = (ConflictError, QuotaExceededError)
    """Only after a failure that proves that the first attempt changed nothing."""
    IN_TRANSACTION = (StorageConnectionError, StorageTimeoutError, OperationError, QuotaExceededError)
    """As `ALWAYS`, but a conflict has ended the transaction that the request belongs to."""
    COMMITTING_TRANSACTION = (QuotaExceededError,)
    """Both of these."""

    def allows(self, error: StorageError) -> bool:
        """Whether to try again after this error."""
        return error.retryable and isinstance(error, self.value)


def replay_of_read(transaction: bytes) -> Replay:
    """Decide when a read may be sent again that belongs to a transaction, or to none."""
    return Replay.IN_TRANSACTION if transaction else Replay.ALWAYS


def replay_of_commit(request: CommitRequest) -> Replay:
    """Decide whether a commit may be sent again although its first attempt may have been applied.

    Setting, deleting and updating fields are safe: the second time changes nothing. So is the creation of a single
    document, because `settle` finds out what happened. An increment would count twice, a condition on the
    update time would fail by the first attempt's own success, and so would a second creation among several writes.
    """
    if request.transaction:
        return Replay.COMMITTING_TRANSACTION
    creates = len(request.writes) > 1 and any(_is_create(write) for write in request.writes)
    repeatable = not creates and all(is_repeatable(write) for write in request.writes)
    return Replay.ALWAYS if repeatable else Replay.UNLESS_APPLIED


def is_repeatable(write: Write) -> bool:
    """Whether a write that is sent twice has the effect of one; see `replay_of_commit`."""
    if write.current_document.WhichOneof("condition_type") == "update_time":
        return False
    return not any(transform.HasField("increment") for transform in write.update_transforms)


def _is_create(write: Write) -> bool:
    """Whether the write fails if its document exists."""
    return write.current_document.WhichOneof("condition_type") == "exists" and not write.current_document.exists
