"""Firestore's rule for new traffic: 500 operations per second, and half as many again every 5 minutes.

https://firebase.google.com/docs/firestore/best-practices#ramping_up_traffic
"""

from __future__ import annotations

import threading

_FIRST_RATE = 500
_GROWTH = 1.5
_STEP = 300.0
_MAX_STEPS = 20
"""After 100 minutes the rule allows more than a million operations per second, which holds nobody back."""


def operations_per_second(elapsed: float) -> float:
    """Return the allowed operations per second, so many seconds after the first one."""
    rate: float = _FIRST_RATE * _GROWTH ** min(elapsed // _STEP, _MAX_STEPS)
    return rate


class RampUp:
    """When the next operations may be sent. It may be shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: float | None = None
        self._free_at = 0.0

    def delay(self, now: float, operations: int) -> float:
        """Book so many operations, and return the seconds to wait before they are sent.

        Args:
            now: The time, of a clock that never goes back.
            operations: How many there are; at most a second's worth.
        """
        with self._lock:
            if self._started is None:
                self._started = now
            start = max(now, self._free_at)
            self._free_at = start + operations / operations_per_second(start - self._started)
            return start - now
