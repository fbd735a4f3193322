"""What is generated for each case: exactly what is stored beside it, well formed, and free of type errors."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from firestore_codegen.emit.banner import BANNER
from firestore_codegen.emit.text import LINE_LENGTH
from firestore_codegen.emit.tree import write_tree
from tests.codegen.golden.packages import CASES, NAMES, VARYING, case, cases
from tests.codegen.golden.update import UPDATE, update
from tests.helpers.typecheck import mypy

ROOT = Path(__file__).parents[3]
PRINT_HASHES = """
import hashlib, json, sys
from pathlib import Path
from firestore_codegen.pipeline import generate_files
for directory in sys.argv[1:]:
    files = generate_files(Path(directory)).files
    print(hashlib.sha256(json.dumps([*files.items()]).encode()).hexdigest())
"""


@pytest.mark.exact
@pytest.mark.parametrize("name", NAMES)
def test_output_is_as_expected(name: str) -> None:
    expected = case(name).expected
    stored = {path.relative_to(expected).as_posix(): path.read_text() for path in expected.rglob("*.py")}

    assert sorted(stored) == sorted(VARYING), f"if this is meant, run: {UPDATE}"
    for path, text in stored.items():
        assert case(name).generated.files[path] == text, f"{path} differs; if this is meant, run: {UPDATE}"


@pytest.mark.exact
def test_updating_leaves_no_trace_of_the_old(tmp_path: Path) -> None:
    old = tmp_path / "_sync" / "old.py"
    old.parent.mkdir()
    old.write_text("X = 1\n")

    update(tmp_path, case("scalars").generated.files)

    stored = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert stored == sorted(VARYING)


def test_no_type_errors(tmp_path: Path) -> None:
    for each in cases():
        write_tree(tmp_path / each.package.name, each.generated.files)

    packages = [f"--package={each.package.name}" for each in cases()]
    assert mypy("golden", tmp_path, *packages) == []


@pytest.mark.parametrize("name", NAMES)
def test_is_well_formed(name: str) -> None:
    assert case(name).package.name == f"golden_{name}"
    for path, text in case(name).generated.files.items():
        if not path.endswith((".py", ".pyi")):
            continue
        assert text.startswith(BANNER), path
        assert text.endswith("\n"), path
        ast.parse(text, feature_version=(3, 11))
        assert [line for line in text.splitlines()[1:] if len(line) > LINE_LENGTH] == [], path


def test_does_not_depend_on_hashes() -> None:
    directories = [str(CASES / name) for name in ("discriminated_unions", "queries")]
    command = [sys.executable, "-c", PRINT_HASHES, *directories]
    outputs = {
        subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert len(set(outputs.pop().split())) == len(directories)
