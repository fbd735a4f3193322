"""Each example runs as a user would run it, and says what it did."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "quickstart.py",
            [
                "Then remember that",
                "0.33       │ Her cat is called Fado.",
                "0.37       │ On Mondays",
                "Ada has 5 facts.",
            ],
        ),
        ("async_quickstart.py", ["Lisbon. It is sung", "updated: Which city is it about?", "2 memories"]),
    ],
)
def test_examples_run(name: str, expected: list[str]) -> None:
    """They need no server and no settings."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FIRESTORE_")}
    command = [sys.executable, "-W", "error", str(EXAMPLES / name)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert [text for text in expected if text not in result.stdout] == []


def test_there_are_no_other_examples() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {"quickstart.py", "async_quickstart.py"}
