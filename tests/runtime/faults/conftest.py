"""What the tests of faults can ask for: a client behind a proxy, and one beside it to see what really happened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from firestore_memory import AsyncMemoryClient, MemoryClient
from tests.emulator import VARIABLE
from tests.helpers.flavours import Driver
from tests.helpers.proxy import Proxy


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """The store whose server may fail: the emulator behind a proxy, or a server that holds nothing."""
    project = request.getfixturevalue("project") if "proxy" in request.fixturenames else "my-project"
    return f"firestore://{project}"


@pytest.fixture
def proxy(emulator_host: str) -> Iterator[Proxy]:
    """A proxy in front of the emulator."""
    with Proxy(emulator_host) as proxy:
        yield proxy


@pytest.fixture
def client(driver: Driver, proxy: Proxy) -> AsyncMemoryClient:
    """A client behind the proxy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, proxy.host)
        return driver.connect()


@pytest.fixture
def direct(project: str) -> Iterator[MemoryClient]:
    """A client of the same store that does not go through the proxy."""
    with MemoryClient.connect(f"firestore://{project}") as client:
        yield client
