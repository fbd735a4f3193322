"""Schema text as Python source: whatever it holds, it is read back as it was, and breaks nothing."""

from __future__ import annotations

import ast
import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firestore_codegen.emit.format import format_files
from firestore_codegen.emit.text import LINE_LENGTH, docstring

AWKWARD = [
    '"',
    "\\",
    '"""',
    '\\"',
    '""',
    "'''",
    "a\\",
    'say "hi"',
    "\x00",
    "\ud800",
    "\u202e",
    "{{ x }}",
    "%s",
    "\x0c",
    "\r",
]


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_text_is_read_back(text: str) -> None:
    literal = docstring(f"{text}|{text}|{text}")

    assert ast.literal_eval(literal) == f"{text}|{text}|{text}".strip()
    literal.encode()


@given(st.text(st.sampled_from(['"', "\\", "a", " ", "\n"]) | st.characters(), max_size=80), st.integers(0, 12))
def test_any_text_is_read_back(text: str, indent: int) -> None:
    read = ast.literal_eval(docstring(text, indent))

    assert inspect.cleandoc(read).split() == inspect.cleandoc(text.expandtabs().replace("\r\n", "\n")).split()


@given(st.lists(st.text("ab-*", min_size=1, max_size=12), min_size=1, max_size=200).map(" ".join), st.integers(0, 12))
def test_lines_fit(text: str, indent: int) -> None:
    first, *rest = docstring(text, indent).splitlines()

    assert indent + len(first) <= LINE_LENGTH
    assert all(len(line) <= LINE_LENGTH and line.startswith(" " * indent) for line in rest)


def test_one_line_where_it_fits() -> None:
    text = "x" * (LINE_LENGTH - 4 - 6)

    assert docstring(f" {text}\n") == f'"""{text}"""'
    assert docstring(text + "y") == f'"""{text}y\n    """'


def test_keeps_paragraphs_and_lists() -> None:
    item = "- " + "word " * 30

    assert docstring(f"Summary.\n\nMore:\n{item}\n    code", indent=0).splitlines() == [
        '"""Summary.',
        "",
        "More:",
        "- " + " ".join(["word"] * 23),
        "  " + " ".join(["word"] * 7),
        "    code",
        '"""',
    ]


@pytest.mark.parametrize("text", [*AWKWARD[:8], "Summary.\n\nMore.\n", "word " * 60])
def test_the_formatter_finds_nothing_to_change(text: str) -> None:
    source = f"def f() -> None:\n    {docstring(text)}\n"

    assert format_files({"a.py": source}) == {"a.py": source}
