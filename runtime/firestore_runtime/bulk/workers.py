"""Workers that send several requests at once: threads, or tasks of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Iterator,
)
from concurrent import futures
from contextlib import nullcontext
from itertools import islice
from threading import RLock
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

Items: TypeAlias = Iterable[T]
"""Any number of items, which are taken one by one."""
AsyncItems: TypeAlias = Iterable[T] | AsyncIterable[T]
"""Any number of items, which are taken one by one."""

Future: TypeAlias = futures.Future[T]
AsyncFuture: TypeAlias = asyncio.Task[T]


class Workers:
    """Threads, up to so many.

    Args:
        count: How many.

    Attributes:
        lock: Held by the thread that hands out work, so that only one does at a time.
    """

    def __init__(self, count: int) -> None:
        self.lock = RLock()
        self._pool = futures.ThreadPoolExecutor(count, "firestore-writes")

    def start(self, work: Callable[[], T]) -> Future[T]:
        """Start a piece of work."""
        return self._pool.submit(work)

    def first_ended(self, running: Collection[Future[T]]) -> set[Future[T]]:
        """Wait until some of the work has ended, and return which."""
        return futures.wait(running, return_when=futures.FIRST_COMPLETED).done

    def close(self) -> None:
        """Drop work that has not begun, and wait for none."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    @staticmethod
    def chunks(items: Items[T], size: int) -> Iterator[list[T]]:
        """Take the items, so many at a time."""
        iterator = iter(items)
        while chunk := list(islice(iterator, size)):
            yield chunk


class AsyncWorkers:
    """Tasks.

    Args:
        count: How many there will be; it is up to the caller to keep it.

    Attributes:
        lock: None is needed: tasks go on only where they wait.
    """

    def __init__(self, count: int) -> None:
        self.lock = nullcontext()
        self._tasks: set[asyncio.Task[Any]] = set()  # whatever they return

    def start(self, work: Callable[[], Coroutine[None, None, T]]) -> AsyncFuture[T]:
        """Start a piece of work."""
        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def first_ended(self, running: Collection[AsyncFuture[T]]) -> set[AsyncFuture[T]]:
        """Wait until some of the work has ended, and return which."""
        ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        return ended

    async def close(self) -> None:
        """Cancel what has not ended."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @staticmethod
    async def chunks(items: AsyncItems[T], size: int) -> AsyncIterator[list[T]]:
        """Take the items, so many at a time."""
        if not isinstance(items, AsyncIterable):
            for chunk in Workers.chunks(items, size):
                yield chunk
            return
        chunk = []
        async for item in items:
            chunk.append(item)
            if len(chunk) == size:
                yield chunk
                chunk = []
        if chunk:
            yield chunk
