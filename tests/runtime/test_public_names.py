"""The names that the library offers as such, which every generated package exports as well."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import firestore_runtime

SOURCE = ast.parse(Path(str(firestore_runtime.__file__)).read_text(encoding="utf-8"))


def test_what_checkers_see_is_what_is_imported() -> None:
    seen = {
        alias.name: node.module
        for node in ast.walk(SOURCE)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("firestore_runtime.")
        for alias in node.names
        if alias.name != "lazy_names"
    }
    assert list(firestore_runtime.__all__) == sorted(seen)
    assert dir(firestore_runtime) == firestore_runtime.__all__
    for name, module in seen.items():
        assert name in firestore_runtime._MODULES[module]


@pytest.mark.parametrize("name", firestore_runtime.__all__)
def test_every_name_can_be_imported(name: str) -> None:
    assert getattr(firestore_runtime, name) is not None
