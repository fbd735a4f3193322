"""An embedder that runs locally: no network, no graphics card, no service."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firestore_runtime.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence


class WordLlamaEmbedder:
    """Turns texts into vectors of 256 elements with WordLlama (https://github.com/dleemiller/WordLlama).

    Its weights come with the package `wordllama`, and are loaded once, in about a second.

    Raises:
        ConfigurationError: The package `wordllama` is not installed.
    """

    dimension = 256

    def __init__(self) -> None:
        try:
            package = import_module("wordllama")
        except ImportError as error:
            raise ConfigurationError(f"WordLlamaEmbedder needs a package: pip install wordllama ({error})") from error
        weights = Path(str(package.__file__)).parent
        self._model: Any = package.WordLlama.load(cache_dir=weights, disable_download=True)  # it has no types

    def embed(self, texts: Sequence[str], /) -> list[list[float]]:
        """Return a unit vector for each text, in the same order."""
        vectors: list[list[float]] = self._model.embed(list(texts), norm=True).tolist() if texts else []
        return vectors
