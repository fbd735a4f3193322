"""Both flavours say the same: the asynchronous one, with its words replaced, is the synchronous one."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from difflib import unified_diff
from pathlib import Path

import pytest

GENERATED = Path(__file__).parents[1] / "generated" / "firestore_memory"
DIRECTORIES = (GENERATED, GENERATED / "adapters")
MODULES = sorted(path.relative_to(GENERATED) for root in DIRECTORIES for path in (root / "_async").glob("*.py"))


def counterpart(module: Path) -> Path:
    """The same module of the synchronous flavour."""
    return module.parents[1] / "_sync" / module.name


DIFFERENCES = {
    "ASYNC_FAILURES": "FAILURES",
    "AnyEmbedder": "Embedder",
    "LoopDeadline": "ThreadDeadline",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "_async": "_sync",
    "aclosing": "closing",
    "asyncio": "time",
    "checked_awaitable": "checked_result",
    "embed_async": "embed",
    "open_async_channel": "open_channel",
    "run_async": "run",
}
"""All that is meant to differ, besides `async`, `await` and classes that have `Async` in front of their names."""


def synchronous(source: str, used: set[str]) -> str:
    """The source in the words of the other flavour; the differences that it needs are added to `used`."""
    tokens = []
    for kind, text, *_ in tokenize.generate_tokens(io.StringIO(source).readline):
        if kind == tokenize.NAME and text in ("async", "await"):
            continue
        if kind == tokenize.NAME and text in DIFFERENCES:
            used.add(text)
            text = DIFFERENCES[text]
        elif kind == tokenize.NAME:
            text = re.sub(r"^Async(?=[A-Z])", "", text)
        tokens.append((kind, text))
    return tokenize.untokenize(tokens)


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


def test_both_flavours_have_the_same_modules() -> None:
    found = sorted(path.relative_to(GENERATED) for root in DIRECTORIES for path in (root / "_sync").glob("*.py"))
    assert found == [counterpart(module) for module in MODULES]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_both_flavours_say_the_same(module: Path) -> None:
    rewritten = normalized(synchronous((GENERATED / module).read_text(), set()))
    written = normalized((GENERATED / counterpart(module)).read_text())

    assert "\n".join(unified_diff(rewritten, written, "_async", "_sync", lineterm="", n=1)) == ""


def test_every_difference_is_needed() -> None:
    used: set[str] = set()
    for module in MODULES:
        synchronous((GENERATED / module).read_text(), used)

    assert used == set(DIFFERENCES)


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
