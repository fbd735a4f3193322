"""Runs mypy as a user would: strict, and with no configuration of this project's."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

_OPTIONS = (
    "--config-file=",
    "--strict",
    "--explicit-package-bases",
    "--python-version=3.11",
    "--no-pretty",
    "--hide-error-context",
)


def mypy(cache: str, root: Path, *arguments: str) -> list[str]:
    """Give the errors, one a line.

    Args:
        cache: The name of a cache that is kept: most of the time of a first run goes to other people's libraries.
        root: The directory that imports start from.
        arguments: What to check in it.
    """
    directory = Path(tempfile.gettempdir()) / f"firestore-codegen-mypy-{os.getuid()}" / cache
    result = subprocess.run(
        [sys.executable, "-m", "mypy", *_OPTIONS, f"--cache-dir={directory}", *arguments],
        cwd=root,
        env={**os.environ, "MYPYPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    *errors, summary = result.stdout.splitlines() or [""]
    assert summary.startswith("Found " if errors else "Success: "), result.stdout + result.stderr
    return errors
