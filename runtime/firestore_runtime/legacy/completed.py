"""The result of a function that once was a plain one and may be awaited now, too."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from types import TracebackType
from typing import Any


class Completed(Coroutine[Any, Any, None]):
    """What has been done already: to await it changes nothing, and nobody needs to.

    It counts as a coroutine, so `asyncio.run` and `create_task` take it as well; but unlike one, it does not complain
    of never being awaited.
    """

    def __await__(self) -> Generator[Any, Any, None]:
        """Finish at once."""
        return
        yield  # makes it a generator

    def send(self, value: Any) -> Any:
        """Finish at once, as coroutines do."""
        raise StopIteration

    def throw(self, kind: Any, value: Any = None, traceback: TracebackType | None = None) -> Any:
        """Raise what is thrown in, such as a cancellation."""
        raise kind if value is None else value

    def close(self) -> None:
        """Do nothing: it is finished."""
