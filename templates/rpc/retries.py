"""Trying again: google.api_core's policies for single calls, and the same waits for streams."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from google.api_core.exceptions import RetryError
from google.api_core.retry import (
    exponential_sleep_generator,
    retry_target,
    retry_target_async,
)

from .faults import Replay, may_have_applied
from .transport import RpcError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from ..errors import StorageError
    from ..options import Call, Options, Retry

T = TypeVar("T")


class Attempts:
    """The attempts at one call: how long each may take, and which errors there were."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._end = monotonic() + options.timeout
        self._failures: list[Exception] = []

    @property
    def may_have_applied(self) -> bool:
        """Whether one of the attempts that were followed by another may have been applied."""
        return any(isinstance(failure, RpcError) and may_have_applied(failure) for failure in self._failures)

    def remaining(self, call: Call) -> Call:
        """Return the call with the time that is left of it."""
        return replace(call, options=self._options.merged(timeout=max(self._end - monotonic(), 0.001)))

    def time_limit(self) -> float:
        """Seconds that the next attempt may take."""
        return max(min(self._options.attempt_timeout, self._end - monotonic()), 0.001)

    def run(self, attempt: Callable[[], T], replay: Replay) -> T:
        """Call `attempt` until it succeeds.

        Raises:
            RpcError: The last failure, when it is final or the time is over.
        """
        if self._options.retry is None:
            return attempt()
        delays, timeout = delays_of(self._options.retry), self._options.timeout
        try:
            result: T = retry_target(attempt, replay.allows, delays, timeout, self._failures.append)
        except RetryError as error:
            raise error.cause or error from error
        return result

    async def run_async(self, attempt: Callable[[], Awaitable[T]], replay: Replay) -> T:
        """Call `attempt` until it succeeds.

        Raises:
            RpcError: The last failure, when it is final or the time is over.
        """
        if self._options.retry is None:
            return await attempt()
        delays, timeout = delays_of(self._options.retry), self._options.timeout
        try:
            result: T = await retry_target_async(attempt, replay.allows, delays, timeout, self._failures.append)
        except RetryError as error:
            raise error.cause or error from error
        return result


def delays_of(retry: Retry) -> Iterator[float]:
    """The waits between attempts, in seconds."""
    delays: Iterator[float] = exponential_sleep_generator(retry.initial, retry.maximum, retry.multiplier)
    return delays


class Backoff:
    """The waits between the attempts at a stream. Its time limit starts again with each result."""

    def __init__(self, options: Options, replay: Replay = Replay.ALWAYS) -> None:
        self._options = options
        self._replay = replay
        self.reset()

    def reset(self) -> None:
        """Take note that a result has arrived."""
        self._end = monotonic() + self._options.timeout
        self._delays: Iterator[float] | None = None

    def next_delay(self, error: StorageError) -> float:
        """Seconds to wait before the next attempt.

        Raises:
            StorageError: `error`, if it is final or the time is over.
        """
        retry = self._options.retry
        if retry is None or not self._replay.allows_after(error):
            raise error
        self._delays = self._delays or delays_of(retry)
        delay = next(self._delays)
        if monotonic() + delay > self._end:
            raise error
        return delay
