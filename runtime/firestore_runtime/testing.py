"""What the pytest plugins of generated packages share: clients on a store in memory, filled from files.

All imports wait for a test that asks for a client: each run of pytest loads this module.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from firestore_runtime._async.client import AsyncClient
    from firestore_runtime._sync.client import Client

ClientT = TypeVar("ClientT", bound="Client")
AsyncClientT = TypeVar("AsyncClientT", bound="AsyncClient")


def register_mark(config: pytest.Config, mark: str, fixture: str) -> None:
    """Tell pytest of the mark that loads files.

    Args:
        config: pytest's configuration.
        mark: The name of the mark.
        fixture: The name of the fixture whose store is filled.
    """
    config.addinivalue_line("markers", f"{mark}(file, ...): load documents into the store of `{fixture}`")


@contextmanager
def client_in_memory(kind: type[ClientT], request: pytest.FixtureRequest, mark: str) -> Iterator[ClientT]:
    """Connect a client to a store of its own, with the documents of the files that a test's marks name.

    Args:
        kind: The class of the client.
        request: The test's.
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
    """Connect an asynchronous client likewise; it needs no plugin for asynchronous tests. See `client_in_memory`."""
    import asyncio

    client = kind.connect("memory:")
    # A loop of its own, because the test's is up to whichever plugin runs it; it does not become the current one.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        try:
            for path in _files(request, mark):
                with _failing_briefly(mark):
                    runner.run(client.load(path))
            yield client
        finally:
            runner.run(client.close())


def _files(request: pytest.FixtureRequest, mark: str) -> Iterator[Path]:
    """The files that a test's marks name, those of its module first, so that nearer marks replace documents."""
    for found in reversed(list(request.node.iter_markers(mark))):
        if not found.args or found.kwargs:
            pytest.fail(f'write @pytest.mark.{mark}("FILE", ...)', pytrace=False)
        for name in found.args:
            yield request.path.parent / name


@contextmanager
def _failing_briefly(mark: str) -> Iterator[None]:
    """Report a file that is missing or wrong without a traceback through the package."""
    from firestore_runtime.errors import StorageError

    try:
        yield
    except (OSError, StorageError) as error:
        pytest.fail(f"@pytest.mark.{mark}: {error}", pytrace=False)
