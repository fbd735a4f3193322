"""Decisions about which requests may be sent again, after which errors."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from firestore_runtime.errors import (
    ConflictError,
    OperationError,
    QuotaExceededError,
    StorageConnectionError,
    StorageError,
    StorageTimeoutError,
)

if TYPE_CHECKING:
    from firestore_runtime.wire import CommitRequest, Write


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
    document, because `lost_creates` finds out what happened. An increment would count twice, a condition on the
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
