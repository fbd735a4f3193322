"""What every test can ask for: an emulator where there is one, and an account of the tests that went without."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.emulator import INSTALL, VARIABLE, EmulatorError, emulator, end_on_termination, is_available

pytest_plugins = ["pytester", "tests.helpers.stores"]

sys.dont_write_bytecode = False  # what pytest makes of assertions is kept: five seconds of CPU for each process else

NOT_RUN = pytest.StashKey[int]()
"""How many tests want an emulator where there is none."""


@pytest.fixture(scope="session")
def emulator_host() -> Iterator[str]:
    """The host:port of the Firestore emulator, to which FIRESTORE_EMULATOR_HOST points meanwhile."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        try:
            host = stack.enter_context(emulator())
        except EmulatorError as error:
            pytest.fail(str(error), pytrace=False)
        patch.setenv(VARIABLE, host)
        yield host


def pytest_configure(config: pytest.Config) -> None:
    """Start an emulator for all workers of a run; a run without workers starts one when a test asks for it."""
    config.stash[NOT_RUN] = 0
    spreads = config.getoption("dist", "no") != "no" and not config.option.collectonly
    if not spreads or os.environ.get(VARIABLE) or "not emulator" in config.option.markexpr:
        return
    if not is_available() and not _must_be_there():
        return
    end_on_termination()
    stack = ExitStack()
    config.add_cleanup(stack.close)
    try:
        os.environ[VARIABLE] = stack.enter_context(emulator())  # workers inherit it
    except EmulatorError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.TESTS_FAILED)


def _must_be_there() -> bool:
    return os.environ.get("CI", "").lower() in ("true", "1")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Spare the collection the search for garbage: what it makes, thousands of tests, stays."""
    gc.disable()
    result = yield
    gc.freeze()
    gc.enable()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Mark what needs the emulator, for `-m "not emulator"`; where there is none, leave it out of what was chosen."""
    for item in items:
        if _needs_emulator(item):
            item.add_marker(pytest.mark.emulator)
    yield
    if is_available() or _must_be_there():
        return
    without = [item for item in items if item.get_closest_marker("emulator")]
    config.stash[NOT_RUN] = len(without)
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if not item.get_closest_marker("emulator")]


def _needs_emulator(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return "emulator_host" in item.fixturenames or parameters.get("store") == "firestore"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    """Say last of all what was not run, and how it could be."""
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["not_run"] = config.stash[NOT_RUN]
    yield
    if config.stash[NOT_RUN] and not hasattr(config, "workeroutput"):
        terminal: Any = config.pluginmanager.get_plugin("terminalreporter")
        terminal.ensure_newline()
        wanting = f"{config.stash[NOT_RUN]} tests want the official Firestore emulator and were not run"
        terminal.write_line(f"{wanting}; to run them: {INSTALL}")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of pytest-xdist has counted: each of them collects everything."""
    stash = node.config.stash
    stash[NOT_RUN] = max(stash[NOT_RUN], getattr(node, "workeroutput", {}).get("not_run", 0))
