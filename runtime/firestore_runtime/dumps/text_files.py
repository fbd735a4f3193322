"""Files of text that are read and written a piece at a time, without keeping an event loop waiting."""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeAlias, TypeVar

from firestore_runtime.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

PathOrFile: TypeAlias = str | PathLike[str] | TextIO
"""The path of a file, or a file that is open as text."""


def run(work: Callable[[], T]) -> T:
    """Read or write a piece."""
    return work()


async def run_async(work: Callable[[], T]) -> T:
    """Read or write a piece, in a thread."""
    return await asyncio.to_thread(work)


@contextmanager
def replacing(target: PathOrFile) -> Iterator[TextIO]:
    """Open a file to be written. One with a path gets its new content at the end of the block, unless that fails.

    Raises:
        OSError: It cannot be written.
        ValidationError: It is open as bytes.
    """
    if not isinstance(target, (str, PathLike)):
        yield _checked(target)
    elif Path(target).exists() and not Path(target).is_file():
        with Path(target).open("w", encoding="utf-8", newline="\n") as file:  # a pipe or a device is written as it is
            yield file
    else:
        path = Path(os.path.realpath(target))
        temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            with temporary.open("x", encoding="utf-8", newline="\n") as file:
                yield file
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def reading(source: PathOrFile) -> Iterator[TextIO]:
    """Open a file to be read.

    Raises:
        OSError: It cannot be read.
        ValidationError: It is open as bytes.
    """
    if not isinstance(source, (str, PathLike)):
        yield _checked(source)
    else:
        with Path(source).open(encoding="utf-8-sig") as file:  # some editors put a mark in front
            yield file


def _checked(file: TextIO) -> TextIO:
    if "b" in getattr(file, "mode", ""):
        raise ValidationError("the file is open as bytes: open it as text, or give its path")
    return file
