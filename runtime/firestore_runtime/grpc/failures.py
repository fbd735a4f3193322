"""Exceptions of gRPC as errors of this library."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from firestore_runtime.grpc.transport import RpcError
from firestore_runtime.policy.statuses import storage_error

if TYPE_CHECKING:
    from firestore_runtime.errors import StorageError
    from firestore_runtime.options import Call


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
