"""Embedders whose vectors can be foretold: each element counts a word."""

from __future__ import annotations

import threading
from collections.abc import Sequence

WORDS = ("cat", "dog", "tree")


def counted(text: str) -> list[float]:
    """The vector of a text: how often it has each of `WORDS`."""
    words = text.lower().split()
    return [float(words.count(word)) for word in WORDS]


class Counting:
    """An embedder that notes what it is asked for, and in which thread."""

    def __init__(self, dimension: int = len(WORDS)) -> None:
        self.dimension = dimension
        self.asked: list[list[str]] = []
        self.threads: set[int] = set()

    def embed(self, texts: Sequence[str], /) -> list[list[float]]:
        self.asked.append(list(texts))
        self.threads.add(threading.get_ident())
        return [counted(text) for text in texts]


class AsyncCounting(Counting):
    """The same, asynchronously."""

    async def embed(self, texts: Sequence[str], /) -> list[list[float]]:  # type: ignore[override]  # not a `Counting`
        return Counting.embed(self, texts)
