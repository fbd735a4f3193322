"""Time limits that the tests hold the client to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SLACK = 1.5
"""Seconds that a busy machine may take on top of a limit."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Expect the block to end within the limit."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds + SLACK


@contextmanager
def after(seconds: float, act: Callable[[], object]) -> Iterator[None]:
    """Do something in the background, a while after the block has begun."""
    timer = threading.Timer(seconds, act)
    timer.start()
    try:
        yield
    finally:
        timer.join()
