"""Time limits on streams: on the wait for each result, never on the time that the consumer spends on them.

gRPC's own deadline covers a whole stream, and would cut a healthy one off while its consumer works. A timer per result
would cost as much as the result. So a stream notes since when it waits, and something looks at that now and then.
"""

from __future__ import annotations

import asyncio
import threading
from math import inf
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

_CHECKS_PER_LIMIT = 10
"""A limit is kept to within a tenth of it."""


class StreamDeadline:
    """A limit on the wait for the next result of a stream.

    Args:
        cancel: Cancels the stream.
        seconds: How long it may take until the next result.
    """

    def __init__(self, cancel: Callable[[], object], seconds: float) -> None:
        self._cancel = cancel
        self.seconds = seconds
        self.interval = seconds / _CHECKS_PER_LIMIT
        self._due = monotonic() + seconds
        self.expired = False

    def arrived(self) -> None:
        """Stop the clock: a result is there, and the consumer has it."""
        self._due = inf

    def waiting(self) -> None:
        """Start the clock: the consumer wants the next result."""
        self._due = monotonic() + self.seconds

    def check(self) -> None:
        """Cancel the stream if its time is over."""
        if not self.expired and monotonic() >= self._due:
            self.expired = True
            self._cancel()


class ThreadDeadline(StreamDeadline):
    """A deadline that a background thread, one for the whole process, looks after."""

    def __enter__(self) -> Self:
        """Start looking."""
        _WATCHDOG.add(self)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop looking."""
        _WATCHDOG.remove(self)


class LoopDeadline(StreamDeadline):
    """A deadline that the running event loop looks after."""

    def __enter__(self) -> Self:
        """Start looking."""
        self._schedule(asyncio.get_running_loop())
        return self

    def __exit__(self, *_: object) -> None:
        """Stop looking."""
        self._handle.cancel()

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        self._handle = loop.call_later(self.interval, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self.check()
        if not self.expired:
            self._schedule(loop)


class _Watchdog:
    """The thread that looks after the deadlines; it starts with the first stream, and again after a fork."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._deadlines: set[ThreadDeadline] = set()
        self._thread: threading.Thread | None = None
        self._interval: float | None = None

    def add(self, deadline: ThreadDeadline) -> None:
        with self._changed:
            self._deadlines.add(deadline)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="stream-deadlines", daemon=True)
                self._thread.start()
            elif self._interval is None or deadline.interval < self._interval:
                self._changed.notify()  # it sleeps too long

    def remove(self, deadline: ThreadDeadline) -> None:
        with self._changed:
            self._deadlines.discard(deadline)

    def _watch(self) -> None:
        with self._changed:
            while True:
                self._interval = min((deadline.interval for deadline in self._deadlines), default=None)
                self._changed.wait(self._interval)
                for deadline in tuple(self._deadlines):
                    deadline.check()


_WATCHDOG = _Watchdog()
