"""Common half of the pytest plugins of generated packages: clients on a store in memory, filled from files.

Imports are deferred until a test asks for a client, because every run of pytest loads this module.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from firestore_runtime._async.client import AsyncClient
    from firestore_runtime._sync.client import Client

ClientT = TypeVar("ClientT", bound="Client[Any]")  # with any settings
AsyncClientT = TypeVar("AsyncClientT", bound="AsyncClient[Any]")


def register_mark(config: pytest.Config, mark: str, fixture: str) -> None:
    """Register the mark that loads files with pytest.

    Args:
        config: pytest's configuration.
        mark: The name of the mark.
        fixture: The name of the fixture whose store is filled.
    """
    config.addinivalue_line("markers", f"{mark}(file, ...): load documents into the store of `{fixture}`")


@contextmanager
def client_in_memory(kind: type[ClientT], request: pytest.FixtureRequest, mark: str) -> Iterator[ClientT]:
    """Connect a client to its own store, filled with the files that a test's marks name.

    Args:
        kind: The class of the client.
        request: The request of the test's fixture.
        mark: The name of the mark.
    """
    with kind.connect("memory:") as client:
        for path in _files(request, mark):
            with _failing_briefly(mark):
                client.load(path)
        yield client


@contextmanager
def async_client_in_memory(
    kind: type[AsyncClientT], request: pytest.FixtureRequest, mark: str
) -> Iterator[AsyncClientT]:
    """Connect an asynchronous client; see `client_in_memory`. It needs no plugin for asynchronous tests."""
    import asyncio

    client = kind.connect("memory:")
    # Its own loop, because the test's belongs to whichever plugin runs it; it does not become the current one.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        try:
            for path in _files(request, mark):
                with _failing_briefly(mark):
                    runner.run(client.load(path))
            yield client
        finally:
            runner.run(client.close())


def _files(request: pytest.FixtureRequest, mark: str) -> Iterator[Path]:
    """Yield the files that a test's marks name, its module's first, so that nearer marks replace documents."""
    for found in reversed(list(request.node.iter_markers(mark))):
        if not found.args or found.kwargs:
            pytest.fail(f'write @pytest.mark.{mark}("FILE", ...)', pytrace=False)
        for name in found.args:
            yield request.path.parent / name


@contextmanager
def _failing_briefly(mark: str) -> Iterator[None]:
    """Report a missing or invalid file without a traceback through the library."""
    from firestore_runtime.errors import StorageError

    try:
        yield
    except (OSError, StorageError) as error:
        pytest.fail(f"@pytest.mark.{mark}: {error}", pytrace=False)
