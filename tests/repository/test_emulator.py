"""The emulator that the other tests stand on: it starts, it ends with its user, and its absence is explained."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.emulator import VARIABLE, EmulatorError, emulator, free_port, is_open, started_emulator


@pytest.mark.emulator
def test_it_lives_as_long_as_the_block() -> None:
    port = free_port()

    for _ in range(2):
        with started_emulator(port) as host:
            assert host == f"127.0.0.1:{port}"
            assert is_open(port)
        assert not is_open(port)


def test_one_that_runs_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "somewhere:1")

    with emulator() as host:
        assert host == "somewhere:1"


def test_a_missing_one_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(EmulatorError, match="apt-get install google-cloud-cli-firestore-emulator"), started_emulator():
        pass


def test_as_a_command_it_gives_back_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "somewhere:1")
    script = f"import os, sys; sys.exit(7 if os.environ[{VARIABLE!r}] == 'somewhere:1' else 1)"

    result = subprocess.run([sys.executable, "-m", "tests.emulator", sys.executable, "-c", script], check=False)

    assert result.returncode == 7
