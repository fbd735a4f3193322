"""What the tests of the embedded store can ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from firestore_runtime.embedded import EmbeddedBackend


@pytest.fixture
def store() -> str:
    """The store that is tested."""
    return "embedded"


@pytest.fixture
def backend() -> Iterator[EmbeddedBackend]:
    """A store without clients, for tests by messages."""
    backend = EmbeddedBackend(strict_indexes=False)
    yield backend
    backend.close()
