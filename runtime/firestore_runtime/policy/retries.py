"""Trying again: one policy for single calls, streams and batches of writes."""

from __future__ import annotations

from dataclasses import replace
from random import uniform
from time import monotonic
from typing import TYPE_CHECKING

from firestore_runtime.policy.replays import Replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firestore_runtime.errors import StorageError
    from firestore_runtime.options import Call, Retry

_SHORTEST_LIMIT = 0.001
"""Seconds; gRPC takes no limit of zero."""


class Attempts:
    """The attempts at a call: whether and when there is another one, and how long it may take.

    Args:
        call: The call, whose options set the limits.
        replay: After which errors it may be sent again.
    """

    def __init__(self, call: Call, replay: Replay = Replay.ALWAYS) -> None:
        self._call = call
        self._replay = replay
        self.may_have_applied = False
        """Whether one of the attempts that were followed by another may have been applied although it failed."""
        self.restart()

    def restart(self) -> None:
        """Let the time in all begin anew, as it does with each wait for a result of a stream."""
        self._end = monotonic() + self._call.options.timeout
        self._delays: Iterator[float] | None = None

    def time_limit(self) -> float:
        """Seconds that the next attempt may take."""
        return min(self._call.options.attempt_timeout, self._seconds_left())

    def remaining(self) -> Call:
        """Return the call with the time that is left of it."""
        return replace(self._call, options=self._call.options.merged(timeout=self._seconds_left()))

    def next_delay(self, error: StorageError) -> float:
        """Seconds to wait before the next attempt.

        Args:
            error: What the last one ended with.

        Raises:
            StorageError: `error`, if it is final or the time is over.
        """
        delay = self._delay_after(error)
        if delay is None:
            try:
                raise error
            finally:
                del error  # its traceback holds this frame: garbage in a cycle for each document that is not there
        return delay

    def _delay_after(self, error: StorageError) -> float | None:
        retry = self._call.options.retry
        if retry is None or not self._replay.allows(error):
            return None
        self._delays = self._delays or delays_of(retry)
        delay = next(self._delays)
        if monotonic() + delay > self._end:
            return None
        self.may_have_applied = self.may_have_applied or not Replay.UNLESS_APPLIED.allows(error)
        return delay

    def _seconds_left(self) -> float:
        return max(self._end - monotonic(), _SHORTEST_LIMIT)


def delays_of(retry: Retry) -> Iterator[float]:
    """Yield the waits between attempts, in seconds: random ones, so that those who failed together spread out."""
    longest = min(retry.initial, retry.maximum)
    while True:
        yield uniform(0.0, longest)
        longest = min(longest * retry.multiplier, retry.maximum)
