"""Errors as the statuses that Firestore has for single writes of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime.errors import AlreadyExistsError, ConflictError, NotFoundError, StorageError, ValidationError
from firestore_runtime.policy.statuses import STATUSES

if TYPE_CHECKING:
    from firestore_runtime.wire import Status

_NAMES: dict[type[StorageError], str] = {
    ValidationError: "INVALID_ARGUMENT",
    NotFoundError: "NOT_FOUND",
    AlreadyExistsError: "ALREADY_EXISTS",
    ConflictError: "FAILED_PRECONDITION",
}


def set_status(status: Status, error: StorageError) -> None:
    """Describe why a write was not made."""
    status.code = STATUSES.index(_NAMES[type(error)])
    status.message = error.message
