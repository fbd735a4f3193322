"""Programs for the older asynchronous managers run on, with nothing but their imports changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.memory.adapters.programs.running import run_program

SHARED = {
    "packages.shared.src.memory.memory_manager": "firestore_memory.adapters.legacy",
    "packages.shared.src.models.base_models": "firestore_memory.adapters.legacy",
}
IMPORTS = {
    "legacy_async": {
        **SHARED,
        "packages.shared.src.storage.firestore.firestore_memory": "firestore_memory.adapters.legacy_async",
    },
    "in_memory": {**SHARED, "packages.shared.src.memory.stubs": "firestore_memory.adapters.legacy"},
}
each_program = pytest.mark.parametrize("name", IMPORTS)


@each_program
def test_the_program_runs_with_other_imports(name: str, project: str, tmp_path: Path) -> None:
    result = run_program(name, IMPORTS[name], [project], tmp_path)
    assert (result.stdout, result.stderr, result.returncode) == ("everything is as described\n", "", 0)


@each_program
def test_it_warns_once_per_line(name: str, project: str, tmp_path: Path) -> None:
    result = run_program(name, IMPORTS[name], [project], tmp_path, flags=("-W", "default"))
    assert result.returncode == 0
    warnings = [line for line in result.stderr.splitlines() if "DeprecationWarning" in line]
    assert warnings
    assert len(warnings) == len(set(warnings))
    assert all(f"{tmp_path}/{name}.py:" in line for line in warnings)
