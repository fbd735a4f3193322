"""The fixtures of everything that runs on both flavours; the directories' conftest.py files offer them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from firestore_memory import AsyncMemoryClient
from tests.behaviour.flavours import Driver, Flavour

__all__ = ["backend", "client", "driver", "flavour"]


@pytest.fixture(params=["sync", "async"])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    """Which of the two clients is tested."""
    chosen: Flavour = request.param
    return chosen


@pytest.fixture(params=["firestore"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which store is tested."""
    return str(request.param)


@pytest.fixture
async def driver(flavour: Flavour, backend: str, request: pytest.FixtureRequest) -> AsyncIterator[Driver]:
    """What makes clients, all of one empty store."""
    match backend:
        case "firestore":
            driver = Driver(flavour, f"firestore://{request.getfixturevalue('project')}")
        case _:
            raise ValueError(backend)
    yield driver
    await driver.close()


@pytest.fixture
def client(driver: Driver) -> AsyncMemoryClient:
    """A client of an empty store."""
    return driver.connect()
