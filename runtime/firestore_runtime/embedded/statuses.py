"""Errors as the statuses that Firestore has for single writes of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime.errors import AlreadyExistsError, ConflictError, NotFoundError, StorageError, ValidationError

if TYPE_CHECKING:
    from firestore_runtime.wire import Status

_CODES: dict[type[StorageError], int] = {
    ValidationError: 3,
    NotFoundError: 5,
    AlreadyExistsError: 6,
    ConflictError: 9,
}
"""The numbers of https://grpc.io/docs/guides/status-codes/."""


def set_status(status: Status, error: StorageError) -> None:
    """Describe why a write was not made."""
    status.code = _CODES[type(error)]
    status.message = error.message
