"""The generator's folders depend on each other in one direction, and their modules and functions stay short."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import firestore_codegen

ROOT = Path(firestore_codegen.__file__).parent
MODULES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py"))
LAYERS = ("ir", "read", "schema", "collections", "adapters", "indexes", "emit", "commands")
"""Each may import from those before it, and what lies at the root from none, but for what joins them."""
JOINTS = {"__main__.py", "build.py", "migrate.py", "migration_report.py", "pipeline.py"}
USED_BY_ALL = {"ir"}
"""What modules at the root may use, too."""
MAX_LINES, MAX_BODY = 250, 40


def _tree(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text())


def _imported(module: Path) -> Iterator[str]:
    """Yield the folders that a module imports from."""
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("firestore_codegen."):
            folder = node.module.split(".")[1]
            if folder in LAYERS:
                yield folder


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_go_one_way(module: Path) -> None:
    folder = module.parts[0]
    if folder in LAYERS:
        assert set(_imported(module)) <= set(LAYERS[: LAYERS.index(folder) + 1])
    elif folder not in JOINTS:
        assert set(_imported(module)) <= USED_BY_ALL


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_nothing_is_long(module: Path) -> None:
    functions = [node for node in ast.walk(_tree(module)) if isinstance(node, ast.FunctionDef)]

    assert len((ROOT / module).read_text().splitlines()) <= MAX_LINES
    assert [node.name for node in functions if (node.end_lineno or 0) - node.body[0].lineno >= MAX_BODY] == []
