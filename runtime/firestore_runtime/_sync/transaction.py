# Derived from _async/transaction.py by runtime/derive_sync.py. Do not edit; change that and run `make sync`.

"""Transactions: reads of one consistent state, and writes applied together at the end, or not at all."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from firestore_runtime._sync.transaction_backend import TransactionBackend
from firestore_runtime.errors import StorageError
from firestore_runtime.transactions.attempts import TransactionAttempts, checked_result, rollback_call

if TYPE_CHECKING:
    from firestore_runtime._sync.backend import Backend
    from firestore_runtime.options import Call
    from firestore_runtime.transactions.transaction import Transaction, TransactionFunction

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
        transaction = attempts.begun(begun.transaction)
        try:
            with transaction.running():
                outcome = function(TransactionBackend(backend, transaction))
                result = checked_result(outcome, call)
            _end(backend, transaction, call)
            return result
        except BaseException as error:
            _roll_back(backend, transaction, call)
            if not transaction.is_contention(error):
                raise
            delay = attempts.next_delay(error)
        time.sleep(delay)


def _end(backend: Backend, transaction: Transaction, call: Call) -> None:
    if transaction.read_only:
        _roll_back(backend, transaction, call)  # there is nothing to apply
        return
    try:
        response = backend.commit(transaction.commit_request(backend.database), call)
    except StorageError as error:
        failure = transaction.commit_failed(error)
        if failure is error:
            raise
        raise failure from error.__cause__
    transaction.committed(response)


def _roll_back(backend: Backend, transaction: Transaction, call: Call) -> None:
    with suppress(StorageError):  # the server ends abandoned transactions by itself
        backend.rollback(transaction.rollback_request(backend.database), rollback_call(call))
