"""Runs a program that was written for an older manager, with other imports and nothing else changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

DIRECTORY = Path(__file__).parent


def run_program(
    name: str,
    imports: Mapping[str, str],
    arguments: list[str],
    tmp_path: Path,
    *,
    flags: tuple[str, ...] = (),
    changes: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program of this directory in a Python of its own, in which every other warning is an error.

    Args:
        name: Its file, without the suffix.
        imports: Which module is now imported instead of which: each must be imported by it, once.
        arguments: Its command line.
        tmp_path: Where its changed copy is put.
        flags: Arguments of Python; the warnings about the older interfaces are off unless this says otherwise.
        changes: Which statement says what is different on purpose, instead of which: each must be there, once.
    """
    source = (DIRECTORY / f"{name}.py").read_text()
    for old, new in imports.items():
        statement = f"from {old} import"
        assert source.count(statement) == 1, f"{name}.py must say `{statement}` once"
        source = source.replace(statement, f"from {new} import")
    for old, new in (changes or {}).items():
        assert source.count(old) == 1, f"{name}.py must say `{old}` once"
        source = source.replace(old, new)
    program = tmp_path / f"{name}.py"
    program.write_text(source)
    environment = {**os.environ, "FIRESTORE_MEMORY_LEGACY_WARNINGS": "true" if flags else "false"}
    command = [sys.executable, *(flags or ("-W", "error")), str(program), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=300)
