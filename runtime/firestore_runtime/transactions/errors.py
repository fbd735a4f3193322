"""The errors of transactions: calls that they refuse, and commits that fail."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING

from firestore_runtime.errors import (
    AlreadyExistsError,
    ConflictError,
    NotFoundError,
    OperationError,
    StorageConnectionError,
    StorageError,
    StorageTimeoutError,
    ValidationError,
)
from firestore_runtime.paths import relative_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firestore_runtime.options import Call
    from firestore_runtime.wire import Write

_UNKNOWN_OUTCOMES = (OperationError, StorageConnectionError, StorageTimeoutError)
"""The errors of a commit that leave open whether it was applied; any other is a refusal."""


def refusal(message: str, call: Call) -> ValidationError:
    """Return the error for a call that a transaction does not allow; nothing is sent."""
    return ValidationError(message, operation=call.operation, collection=call.collection, document_id=call.document_id)


def nested(call: Call) -> ValidationError:
    """Return the error for a transaction within another one."""
    return refusal("a transaction is running here already: use the client that its function was given", call)


def exhausted(attempts: int, last: BaseException, call: Call) -> ConflictError:
    """Return the error for a transaction that others got in the way of, each time."""
    times = "one attempt" if attempts == 1 else f"{attempts} attempts"
    message = f"other transactions got in the way of {times}; the last one: {last}"
    return ConflictError(message, operation=call.operation, retryable=True)


def commit_error(error: StorageError, writes: Sequence[tuple[Write, Call]]) -> StorageError:
    """Return the error for a commit that failed, which says more than the server's if there is more to say.

    Args:
        error: The answer.
        writes: What was to be written, and the calls that it came from.
    """
    if writes and isinstance(error, _UNKNOWN_OUTCOMES):
        message = f"whether the transaction was committed is not known, it may have been: {error.message}"
        return _restated(error, message, retryable=False)
    suspects = [(write, call) for write, call in writes if _may_cause(write, error)]
    if len(suspects) == 1:
        return _restated(error, error.message, call=suspects[0][1])
    paths = [relative_path(write.delete or write.update.name) for write, _ in suspects]
    return _restated(error, f"{error.message}: one of {reprlib.repr(paths)}") if paths else error


def _restated(
    error: StorageError, message: str, *, call: Call | None = None, retryable: bool | None = None
) -> StorageError:
    """Return an error of the same class and cause that says more."""
    restated = type(error)(
        message,
        operation=call.operation if call else error.operation,
        collection=call.collection if call else error.collection,
        document_id=call.document_id if call else error.document_id,
        retryable=error.retryable if retryable is None else retryable,
    )
    restated.__cause__ = error.__cause__
    return restated


def _may_cause(write: Write, error: StorageError) -> bool:
    """Whether the condition of a write is of the kind that does not hold."""
    condition = write.current_document.WhichOneof("condition_type")
    match error:
        case ConflictError():
            return condition == "update_time"
        case AlreadyExistsError():
            return condition == "exists" and not write.current_document.exists
        case NotFoundError():
            return condition == "exists" and write.current_document.exists
        case _:
            return False
