"""What the tests of the adapters can ask for: empty stores, and quiet about deprecation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, MemoryClient
from firestore_memory.adapters import _bindings

LEGACY_WARNINGS = "FIRESTORE_MEMORY_LEGACY_WARNINGS"


@pytest.fixture(params=["firestore", "embedded", "strict"])
def store(request: pytest.FixtureRequest) -> str:
    """Which kind of store is tested; the strict one shows that the adapters need no other index than is declared."""
    return str(request.param)


@pytest.fixture
def client(url: str) -> Iterator[MemoryClient]:
    """A client of the store."""
    with MemoryClient.connect(url) as client:
        yield client


@pytest.fixture
async def async_client(url: str) -> AsyncIterator[AsyncMemoryClient]:
    """An asynchronous client of the store."""
    async with AsyncMemoryClient.connect(url) as client:
        yield client


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Switch the warnings off, which would be errors here; `warnings_on` switches them on again."""
    yield from _with_setting("false", monkeypatch)


@pytest.fixture
def warnings_on(_quiet: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the adapters warn, as they do by default."""
    yield from _with_setting("true", monkeypatch)


def _with_setting(value: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    read_once: Any = vars(_bindings.deprecated)  # checkers see `typing_extensions.deprecated` there
    monkeypatch.setenv(LEGACY_WARNINGS, value)
    read_once.pop("is_wanted", None)
    yield
    read_once.pop("is_wanted", None)
