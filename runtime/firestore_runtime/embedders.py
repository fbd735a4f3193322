"""Protocols of embedders, which turn texts into vectors. `embedding` has `WordLlamaEmbedder`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias


class Embedder(Protocol):
    """Turns texts into vectors. An asynchronous client calls it in a thread."""

    @property
    def dimension(self) -> int:
        """The number of elements of each vector."""

    def embed(self, texts: Sequence[str], /) -> Sequence[Sequence[float]]:
        """Return a vector for each text, in the same order."""


class AsyncEmbedder(Protocol):
    """Turns texts into vectors, for an asynchronous client."""

    @property
    def dimension(self) -> int:
        """The number of elements of each vector."""

    async def embed(self, texts: Sequence[str], /) -> Sequence[Sequence[float]]:
        """Return a vector for each text, in the same order."""


AnyEmbedder: TypeAlias = Embedder | AsyncEmbedder
