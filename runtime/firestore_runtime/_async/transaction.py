"""Transactions: reads of one consistent state, and writes applied together at the end, or not at all."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from firestore_runtime._async.transaction_backend import AsyncTransactionBackend
from firestore_runtime.errors import StorageError
from firestore_runtime.transactions.attempts import TransactionAttempts, rollback_call
from firestore_runtime.transactions.functions import checked_awaitable

if TYPE_CHECKING:
    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime.options import Call
    from firestore_runtime.transactions.attempt import TransactionAttempt
    from firestore_runtime.transactions.functions import AsyncTransactionFunction

T = TypeVar("T")


async def run_transaction(
    backend: AsyncBackend,
    function: AsyncTransactionFunction[AsyncTransactionBackend, T],
    call: Call,
    *,
    read_only: bool,
    max_attempts: int,
) -> T:
    """Run a function in a transaction on a store; see the method of the client."""
    attempts = TransactionAttempts(backend, call, read_only=read_only, max_attempts=max_attempts)
    while True:
        begun = await backend.begin(attempts.begin_request(backend.database), call)
        attempt = attempts.begun(begun.transaction)
        try:
            with attempt.running():
                outcome = function(AsyncTransactionBackend(backend, attempt))
                result = await checked_awaitable(outcome, call)
            await _end(backend, attempt, call)
            return result
        except BaseException as error:
            await _roll_back(backend, attempt, call)
            if not attempt.is_contention(error):
                raise
            delay = attempts.next_delay(error)
        await asyncio.sleep(delay)


async def _end(backend: AsyncBackend, attempt: TransactionAttempt, call: Call) -> None:
    if attempt.read_only:
        await _roll_back(backend, attempt, call)  # there is nothing to apply
        return
    try:
        response = await backend.commit(attempt.commit_request(backend.database), call)
    except StorageError as error:
        failure = attempt.commit_failed(error)
        if failure is error:
            raise
        raise failure from error.__cause__
    attempt.committed(response)


async def _roll_back(backend: AsyncBackend, attempt: TransactionAttempt, call: Call) -> None:
    with suppress(StorageError):  # the server ends abandoned transactions by itself
        await backend.rollback(attempt.rollback_request(backend.database), rollback_call(call))
