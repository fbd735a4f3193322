"""Each example runs as a user would run it, and says what it did."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(name: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", str(EXAMPLES / name)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("quickstart.py", ["ada: Then remember", "fado and Lisbon. (uses: 1)", "4 memories, 1 of them a fact"]),
        ("async_quickstart.py", ["Lisbon. It is sung", "updated: Which city is it about?", "2 memories"]),
        ("semantic_search.py", ["pet?\n  0.33  Her cat is called Fado.", "musician?\n  0.35  On Mondays she plays"]),
    ],
)
def test_examples_run(name: str, expected: list[str], emulator_host: str) -> None:
    result = run(name, {**os.environ, "FIRESTORE_EMULATOR_HOST": emulator_host})
    assert (result.returncode, result.stderr) == (0, "")
    assert [text for text in expected if text not in result.stdout] == []


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.py")))
def test_examples_ask_for_the_emulator(name: str) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "FIRESTORE_EMULATOR_HOST"}
    result = run(name, environment)
    assert result.returncode == 1
    assert "FIRESTORE_EMULATOR_HOST is not set" in result.stderr
