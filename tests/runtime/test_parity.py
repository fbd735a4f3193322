"""Both flavours say the same: the asynchronous code, with its words replaced, is the synchronous one."""

from __future__ import annotations

import ast
from difflib import unified_diff
from pathlib import Path

import pytest

import firestore_memory
from derive_sync import UnusedWordError, derive, differences, synchronous

GENERATED = Path(str(firestore_memory.__file__)).parent
MODULES = sorted(path.relative_to(GENERATED) for path in GENERATED.glob("**/_async/*.py"))


def counterpart(module: Path) -> Path:
    """The same module of the synchronous flavour."""
    return module.parents[1] / "_sync" / module.name


def normalized(source: str) -> list[str]:
    """The source without docstrings, comments and layout, and with its imports in order."""
    module = ast.parse(source)
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom):
            node.names.sort(key=lambda alias: alias.name)
        elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [statement for statement in node.body if not _is_text(statement)]
    imports = [node for node in module.body if isinstance(node, ast.Import | ast.ImportFrom)]
    rest = [node for node in module.body if node not in imports]
    return sorted(map(ast.unparse, imports)) + ast.unparse(ast.Module(rest, [])).splitlines()


def _is_text(node: ast.AST) -> bool:
    match node:
        case ast.Expr(ast.Constant(str())):
            return True
        case _:
            return False


def test_the_runtime_is_as_derived() -> None:
    assert "".join(differences()) == ""


def test_words_that_are_not_needed_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(derive.__globals__["WORDS"], "no_such_name", "another")
    with pytest.raises(UnusedWordError, match="no_such_name"):
        derive()


def test_generated_flavours_have_the_same_modules() -> None:
    found = sorted(path.relative_to(GENERATED) for path in GENERATED.glob("**/_sync/*.py"))
    assert found == [counterpart(module) for module in MODULES]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_generated_flavours_say_the_same(module: Path) -> None:
    """They come from one template by the words of a flavour, and so must be what the tool makes of one another."""
    rewritten = normalized(synchronous((GENERATED / module).read_text(), set()))
    written = normalized((GENERATED / counterpart(module)).read_text())

    assert "\n".join(unified_diff(rewritten, written, "_async", "_sync", lineterm="", n=1)) == ""


@pytest.mark.parametrize(
    ("asynchronous", "other"),
    [
        ("async def f(): return await g(1)", "def f(): return g(2)"),
        ("class AsyncA(Async): x: AsyncB", "class A(Async): x: C"),
        ("async def f(): pass\ndef g(): pass", "def f(): pass"),
        ("x = 'await'", "x = ''"),
        ("from a import b", "from a import c"),
    ],
)
def test_a_difference_is_found(asynchronous: str, other: str) -> None:
    assert normalized(synchronous(asynchronous, set())) != normalized(other)


def test_layout_and_text_make_no_difference() -> None:
    asynchronous = 'from a import (AsyncB, A)\nimport c\nasync def f():\n    """Wait."""\n    return await g(\n 1)'
    other = "import c\nfrom a import A, B\ndef f():\n    'Do not.'\n    return g(1)  # at once"

    assert normalized(synchronous(asynchronous, set())) == normalized(other)
