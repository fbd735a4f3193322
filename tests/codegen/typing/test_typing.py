"""What mypy says to users: nothing about a program that uses everything, and each mistake at its own line."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from google.cloud import firestore

import firestore_memory
from derive_sync import synchronous
from firestore_codegen.emit.tree import write_tree
from tests.codegen.golden.packages import load
from tests.helpers.typecheck import mypy

CASES = Path(__file__).parent / "cases"
LIBRARY = Path(__file__).parents[2] / "schemas" / "city_library"
GENERATED = Path(firestore_memory.__file__).parents[1]
OPERATIONS = (
    "Collection",
    "FirestoreBackend",
    "MemoryClient",
    "MemoryItemsCollection",
    "Query",
    "SessionTurnsCollection",
)

_ERROR = re.compile(r"(?P<file>[\w.]+):(?P<line>\d+): error: .*\[(?P<code>[\w-]+)\]$")
_EXPECTED = re.compile(r"# E: (?P<codes>[\w -]+)$")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the cases, the program in both flavours and the packages that they import."""
    root = tmp_path_factory.mktemp("typing")
    shutil.copytree(CASES, root, dirs_exist_ok=True)
    shutil.copytree(GENERATED / "firestore_memory", root / "firestore_memory")
    write_tree(root / "city_library", load(LIBRARY).generated.files)
    (root / "blocking_program.py").write_text(synchronous((CASES / "program.py").read_text(), set()))
    return root


def test_mypy_finds_each_mistake_and_no_other(root: Path) -> None:
    files = sorted(path.name for path in root.glob("*.py"))
    found: dict[tuple[str, int], set[str]] = {}
    for line in mypy("typing", root, *files):
        if ": note: " not in line:
            match = _ERROR.fullmatch(line)
            assert match, line
            found.setdefault((match["file"], int(match["line"])), set()).add(match["code"])

    assert found == {place: codes for name in files for place, codes in _expected(root / name)}


def _expected(path: Path) -> Iterator[tuple[tuple[str, int], set[str]]]:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if match := _EXPECTED.search(line):
            yield (path.name, number), set(match["codes"].split())


def test_the_program_runs(root: Path, project: str) -> None:
    program = _imported(root / "program.py")
    asyncio.run(program.main(f"firestore://{project}", firestore.AsyncClient(project)))


def test_the_program_runs_in_the_other_flavour(root: Path, project: str) -> None:
    program = _imported(root / "blocking_program.py")
    program.main(f"firestore://{project}", firestore.Client(project))


def _imported(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_program_uses_every_operation(name: str) -> None:
    public = {operation for operation in dir(getattr(firestore_memory, name)) if not operation.startswith("_")}
    program = ast.parse((CASES / "program.py").read_text())
    used = {node.attr for node in ast.walk(program) if isinstance(node, ast.Attribute)}

    assert public - used == set()
