"""The types of what reads from a store, in both flavours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias, TypeVar

StoreT = TypeVar("StoreT")
T = TypeVar("T")

Read: TypeAlias = Callable[[StoreT], T]
AsyncRead: TypeAlias = Callable[[StoreT], Awaitable[T]]
