"""What every test can ask for: an emulator, and a project of its own in it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator import VARIABLE, emulator

pytest_plugins = ["pytester"]


@pytest.fixture(scope="session")
def emulator_host() -> Iterator[str]:
    """The host:port of the Firestore emulator, to which FIRESTORE_EMULATOR_HOST points meanwhile.

    Where there is none the tests that need it fail, and say how to install it; they are never skipped.
    """
    with emulator() as host, pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, host)
        yield host


@pytest.fixture
def project(emulator_host: str) -> str:
    """A project id that nobody used: each test sees an empty database, without clearing anything."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(params=["firestore", "embedded"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store, of each kind."""
    if request.param == "firestore":
        return f"firestore://{request.getfixturevalue('project')}"
    return f"sqlite:///{tmp_path / 'store.db'}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the emulator, so that `-m "not emulator"` leaves it out."""
    for item in items:
        if isinstance(item, pytest.Function) and ("emulator_host" in item.fixturenames or _is_on_firestore(item)):
            item.add_marker(pytest.mark.emulator)


def _is_on_firestore(item: pytest.Function) -> bool:
    """Whether this is the run of a test on Firestore, of those on each kind of store."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return "firestore" in (parameters.get("backend"), parameters.get("url"))
