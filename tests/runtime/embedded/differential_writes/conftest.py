"""The two stores that are compared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from firestore_memory import FirestoreBackend
from firestore_runtime.embedded import EmbeddedBackend


@pytest.fixture(scope="module")
def emulator(emulator_host: str) -> Iterator[FirestoreBackend]:
    """The emulator, under the name of the embedded database, so that both take the same messages."""
    backend = FirestoreBackend.connect("embedded")
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedBackend]:
    """The store that is tested."""
    backend = EmbeddedBackend()
    yield backend
    backend.close()
