# Derived from _async/transaction.py by runtime/derive_sync.py. Do not edit; change that and run `make sync`.

"""Transactions: reads of one consistent state, and writes applied together at the end, or not at all."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from firestore_runtime._sync.transaction_backend import TransactionBackend
from firestore_runtime.errors import StorageError
from firestore_runtime.transactions.attempts import TransactionAttempts, rollback_call
from firestore_runtime.transactions.functions import checked_result

if TYPE_CHECKING:
    from firestore_runtime._sync.backend import Backend
    from firestore_runtime.options import Call
    from firestore_runtime.transactions.attempt import TransactionAttempt
    from firestore_runtime.transactions.functions import TransactionFunction

T = TypeVar("T")


def run_transaction(
    backend: Backend,
    function: TransactionFunction[TransactionBackend, T],
    call: Call,
    *,
    read_only: bool,
    max_attempts: int,
) -> T:
    """Run a function in a transaction on a store; see the method of the client."""
    attempts = TransactionAttempts(backend, call, read_only=read_only, max_attempts=max_attempts)
    while True:
        begun = backend.begin(attempts.begin_request(backend.database), call)
        attempt = attempts.begun(begun.transaction)
        try:
            with attempt.running():
                outcome = function(TransactionBackend(backend, attempt))
                result = checked_result(outcome, call)
            _end(backend, attempt, call)
            return result
        except BaseException as error:
            _roll_back(backend, attempt, call)
            if not attempt.is_contention(error):
                raise
            delay = attempts.next_delay(error)
        time.sleep(delay)


def _end(backend: Backend, attempt: TransactionAttempt, call: Call) -> None:
    if attempt.read_only:
        _roll_back(backend, attempt, call)  # there is nothing to apply
        return
    try:
        response = backend.commit(attempt.commit_request(backend.database), call)
    except StorageError as error:
        failure = attempt.commit_failed(error)
        if failure is error:
            raise
        raise failure from error.__cause__
    attempt.committed(response)


def _roll_back(backend: Backend, attempt: TransactionAttempt, call: Call) -> None:
    with suppress(StorageError):  # the server ends abandoned transactions by itself
        backend.rollback(attempt.rollback_request(backend.database), rollback_call(call))
