"""The attempts at a transaction: how many there may be, and what is between them."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from firestore_runtime import wire
from firestore_runtime.options import Retry
from firestore_runtime.policy.retries import delays_of
from firestore_runtime.transactions.attempt import TransactionAttempt, is_running_on
from firestore_runtime.transactions.errors import exhausted, nested, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firestore_runtime.options import Call
    from firestore_runtime.wire import BeginTransactionRequest

_ROLLBACK_SECONDS = 2.0
"""Nobody needs to wait longer for a rollback: a transaction that is given up ends by itself after a minute."""


class TransactionAttempts:
    """The attempts at a transaction.

    Args:
        store: The backend.
        call: The call of `run_transaction`.
        read_only: Whether the transaction refuses writes.
        max_attempts: How many attempts there may be.

    Raises:
        ValidationError: `max_attempts` is not a positive integer, or a transaction on this store is running already.
    """

    def __init__(self, store: object, call: Call, *, read_only: bool, max_attempts: object) -> None:
        if isinstance(max_attempts, bool) or not isinstance(max_attempts, int) or max_attempts < 1:
            raise refusal(f"max_attempts must be a positive integer, not {max_attempts!r}", call)
        if is_running_on(store):
            raise nested(call)
        self._store = store
        self._call = call
        self._read_only = read_only
        self._max_attempts = max_attempts
        self._number = 0
        self._previous = b""
        self._delays: Iterator[float] | None = None

    def begin_request(self, database: str) -> BeginTransactionRequest:
        """Make the request for the next attempt."""
        self._number += 1
        self._started = monotonic()
        request = wire.BeginTransactionRequest(database=database)
        if self._read_only:
            request.options.read_only.SetInParent()
        else:
            request.options.read_write.retry_transaction = self._previous
        return request

    def begun(self, transaction_id: bytes) -> TransactionAttempt:
        """Return the transaction that was begun."""
        self._previous = transaction_id
        return TransactionAttempt(self._store, transaction_id, read_only=self._read_only)

    def next_delay(self, contention: BaseException) -> float:
        """Seconds to wait before the next attempt.

        The first wait is up to as long as an attempt takes, so that those who met spread out enough not to meet again.

        Raises:
            ConflictError: There have been enough attempts.
        """
        if self._number == self._max_attempts:
            raise exhausted(self._number, contention, self._call) from contention
        retry = self._call.options.retry or Retry()
        took = monotonic() - self._started
        self._delays = self._delays or delays_of(replace(retry, initial=max(retry.initial, took)))
        return next(self._delays)


def rollback_call(call: Call) -> Call:
    """Return the call of a rollback: a single, short attempt."""
    seconds = min(_ROLLBACK_SECONDS, call.options.timeout)
    return replace(call, options=call.options.merged(timeout=seconds, attempt_timeout=seconds, retry=False))
