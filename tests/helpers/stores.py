"""The stores that tests run on, and the clients of them: `store` names the kind, and everything else follows from it.

A directory or a file that is about other kinds has a `store` of its own; a test, one of the marks below.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest

from firestore_memory import AsyncMemoryClient
from tests.helpers.flavours import Driver, Flavour

only_firestore = pytest.mark.parametrize("store", ["firestore"], indirect=True)
"""Marks tests of the way to a server, which an embedded store does not have."""

sends_nothing = pytest.mark.parametrize("store", ["embedded"], indirect=True)
"""Marks tests of what ends before any store is asked: which one would have been makes no difference."""


@pytest.fixture
def project(emulator_host: str) -> str:
    """A project of the emulator that nobody used: each test sees an empty database, without clearing anything."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(params=["firestore", "embedded"])
def store(request: pytest.FixtureRequest) -> str:
    """Which kind of store is tested.

    "firestore" is the emulator, "embedded" a file that takes any query, "strict" one that insists on declared indexes.
    """
    return str(request.param)


@pytest.fixture
def url(store: str, request: pytest.FixtureRequest) -> str:
    """The URL of an empty store, which any number of clients can share."""
    match store:
        case "firestore":
            return f"firestore://{request.getfixturevalue('project')}"
        case "embedded":
            return f"sqlite:///{request.getfixturevalue('tmp_path')}/store.db?strict_indexes=false"
        case "strict":
            return f"sqlite:///{request.getfixturevalue('tmp_path')}/store.db"
        case _:
            raise ValueError(store)


@pytest.fixture(params=["sync", "async"])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    """Which of the two clients is tested."""
    chosen: Flavour = request.param
    return chosen


@pytest.fixture
async def driver(flavour: Flavour, url: str) -> AsyncIterator[Driver]:
    """What makes clients, all of one empty store."""
    other = url.replace("/store.db", "/other.db") if url.startswith("sqlite:") else f"{url}-other"
    driver = Driver(flavour, url, other)
    yield driver
    await driver.close()


@pytest.fixture
def client(driver: Driver) -> AsyncMemoryClient:
    """A client of an empty store."""
    return driver.connect()
