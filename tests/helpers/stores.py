"""The fixtures of everything that runs on both flavours; the directories' conftest.py files offer them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from firestore_memory import AsyncMemoryClient
from tests.helpers.flavours import Driver, Flavour

__all__ = ["backend", "client", "driver", "flavour", "only_firestore"]

only_firestore = pytest.mark.parametrize("backend", ["firestore"], indirect=True)
"""Marks tests of the way to a server, which an embedded store does not have."""


@pytest.fixture(params=["sync", "async"])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    """Which of the two clients is tested."""
    chosen: Flavour = request.param
    return chosen


@pytest.fixture(params=["firestore", "embedded"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which store is tested."""
    return str(request.param)


@pytest.fixture
async def driver(flavour: Flavour, backend: str, request: pytest.FixtureRequest) -> AsyncIterator[Driver]:
    """What makes clients, all of one empty store."""
    match backend:
        case "firestore":
            url = f"firestore://{request.getfixturevalue('project')}"
            driver = Driver(flavour, url, f"{url}-other")
        case "embedded":
            directory = request.getfixturevalue("tmp_path")
            one, other = (f"sqlite:///{directory / name}?strict_indexes=false" for name in ("one.db", "other.db"))
            driver = Driver(flavour, one, other)
        case _:
            raise ValueError(backend)
    yield driver
    await driver.close()


@pytest.fixture
def client(driver: Driver) -> AsyncMemoryClient:
    """A client of an empty store."""
    return driver.connect()
