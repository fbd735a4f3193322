"""A program for the older synchronous manager runs on, with nothing but its imports changed."""

from __future__ import annotations

from pathlib import Path

from tests.memory.adapters.programs.running import run_program

IMPORTS = {
    "future.firestore_memory_manager": "firestore_memory.adapters.legacy_sync",
    "packages.shared.src.models.domain_models": "firestore_memory",
}


def test_the_program_runs_with_other_imports(project: str, tmp_path: Path) -> None:
    result = run_program("legacy_sync", IMPORTS, [project], tmp_path)
    assert (result.stdout, result.stderr, result.returncode) == ("everything is as described\n", "", 0)


def test_it_warns_once_per_line(project: str, tmp_path: Path) -> None:
    result = run_program("legacy_sync", IMPORTS, [project], tmp_path, flags=("-W", "default"))
    assert result.returncode == 0
    warnings = [line for line in result.stderr.splitlines() if "DeprecationWarning" in line]
    assert warnings
    assert len(warnings) == len(set(warnings))
    assert all(f"{tmp_path}/legacy_sync.py:" in line for line in warnings)
