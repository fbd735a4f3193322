"""Measuring contenders against each other: in turns, so that what else the machine does meets all of them."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter, process_time

from benchmarks.results import Cost, middle

Work = Callable[[int], object]
"""Does a piece of work so many times."""


def repeated(operation: Callable[[], object]) -> Work:
    """Make work of a function."""

    def work(times: int) -> None:
        for _ in range(times):
            operation()

    return work


def repeated_in(runner: asyncio.Runner, operation: Callable[[], Awaitable[object]]) -> Work:
    """Make work of a coroutine function; the event loop is entered once for all repetitions."""

    async def work(times: int) -> None:
        for _ in range(times):
            await operation()

    return lambda times: runner.run(work(times))


def compare(contenders: Mapping[str, Work], rounds: int, times: int) -> dict[str, Cost]:
    """Return what a piece of work costs each contender: the median over rounds in which all of them take their turn."""
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for work in contenders.values():
        work(1)  # opens the channel and fills caches
    for _ in range(rounds):
        for name, work in contenders.items():
            costs[name].append(_cost(work, times))
    return {name: middle(found) for name, found in costs.items()}


def _cost(work: Work, times: int) -> Cost:
    gc.collect()  # so that nobody pays for the garbage of the one before
    cpu, wall = process_time(), perf_counter()
    work(times)
    return Cost(process_time() - cpu, perf_counter() - wall).per(times)
