"""What makes vectors of texts: any object with these methods. `embedding` has `WordLlamaEmbedder`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias


class Embedder(Protocol):
    """Makes vectors of texts. An asynchronous client calls it in a thread."""

    @property
    def dimension(self) -> int:
        """How many elements each vector has."""

    def embed(self, texts: Sequence[str], /) -> Sequence[Sequence[float]]:
        """Return a vector for each text, in the same order."""


class AsyncEmbedder(Protocol):
    """Makes vectors of texts, for an asynchronous client."""

    @property
    def dimension(self) -> int:
        """How many elements each vector has."""

    async def embed(self, texts: Sequence[str], /) -> Sequence[Sequence[float]]:
        """Return a vector for each text, in the same order."""


AnyEmbedder: TypeAlias = Embedder | AsyncEmbedder
