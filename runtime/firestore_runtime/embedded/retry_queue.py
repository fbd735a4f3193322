"""The queue of transactions that are tried again: one runs after the other, so that each gets through."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future, wait

MAX_WAIT_SECONDS = 5.0
"""Nobody waits longer than this for a turn, and goes without one then: it is a courtesy, not a lock."""


def has_come(turn: Future[None]) -> bool:
    """Whether a turn has come; if it has not, it never will."""
    return not turn.cancel()


class RetryQueue:
    """A queue of those who want to be alone. All threads may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_taken = False
        self._waiting: deque[Future[None]] = deque()

    def take(self) -> bool:
        """Wait for a turn, and return whether it has come. One that has must be ended."""
        turn = self.ask()
        try:
            wait([turn], MAX_WAIT_SECONDS)
        except BaseException:  # such as Ctrl+C
            if has_come(turn):
                self.end()
            raise
        return has_come(turn)

    def ask(self) -> Future[None]:
        """Ask for a turn: the future is done when it has come. To wait no longer, see whether it `has_come`."""
        turn: Future[None] = Future()
        with self._lock:
            self._waiting.append(turn)
        self._next()
        return turn

    def end(self) -> None:
        """End a turn that had come."""
        with self._lock:
            self._is_taken = False
        self._next()

    def _next(self) -> None:
        with self._lock:
            while self._waiting and not self._is_taken:
                turn = self._waiting.popleft()
                self._is_taken = turn.set_running_or_notify_cancel()
                if self._is_taken:
                    turn.set_result(None)
