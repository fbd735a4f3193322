"""The functions that run in transactions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from firestore_runtime.transactions.errors import refusal

if TYPE_CHECKING:
    from firestore_runtime.options import Call

ClientT = TypeVar("ClientT")
T = TypeVar("T")

TransactionFunction: TypeAlias = Callable[[ClientT], T]
AsyncTransactionFunction: TypeAlias = Callable[[ClientT], Awaitable[T]]
"""A function that runs in a transaction: it receives a client whose calls belong to the transaction."""


def checked_result(result: T, call: Call) -> T:
    """Return the result of a function.

    Raises:
        ValidationError: It is still to be awaited: the function is an asynchronous one.
    """
    if isinstance(result, Awaitable):
        if isinstance(result, Coroutine):
            result.close()
        raise refusal("this client runs plain functions, not asynchronous ones: use the asynchronous client", call)
    return result


def checked_awaitable(result: Awaitable[T], call: Call) -> Awaitable[T]:
    """Return what an asynchronous function returned when it was called.

    Raises:
        ValidationError: It cannot be awaited: the function is not asynchronous.
    """
    if not isinstance(result, Awaitable):
        raise refusal("this client runs asynchronous functions (`async def`), not plain ones", call)
    return result
