"""The one ruff batch: what it does, and what it does not look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from firestore_codegen.emit.format import format_files
from firestore_codegen.errors import GeneratedCodeError


def test_sorts_imports_drops_unused_ones_and_formats() -> None:
    source = "from .values import a, b\nimport os\nimport pydantic\nimport types\nx = ( a,types , pydantic)\n"

    assert format_files({"errors.py": source}) == {
        "errors.py": "import types\n\nimport pydantic\n\nfrom .values import a\n\nx = (a, types, pydantic)\n"
    }


def test_keeps_order_names_and_what_is_not_python() -> None:
    files = {
        "schema.json": '{ "a":1}',
        "z/stub.pyi": "def f( ) -> int:\n    ...\n",
        "build/a.py": "x=1",
        "py.typed": "",
    }

    formatted = format_files(files)

    assert list(formatted) == list(files)
    assert formatted == files | {"z/stub.pyi": "def f() -> int: ...\n", "build/a.py": "x = 1\n"}


def test_a_package_that_shares_names_with_the_standard_library_is_sorted_alike() -> None:
    source = "import types\nimport settings\nfrom google import cloud\nx = (types, settings, cloud)\n"

    formatted = format_files({"a.py": source, "types.py": "", "settings.py": "", "google.py": ""})

    assert formatted["a.py"].startswith("import types\n\n")


def test_docstrings_keep_their_code() -> None:
    source = '"""Example.\n\n>>> f( 1,2 )\n"""\n'

    assert format_files({"a.py": source}) == {"a.py": source}


def test_is_isolated_from_the_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ruff.toml").write_text('line-length = 20\nformat.quote-style = "single"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("RUFF_OUTPUT_FILE", str(tmp_path / "report"))
    source = 'x = ["a long line", "of more than twenty characters"]\n'

    assert format_files({"a.py": source}) == {"a.py": source}
    assert [path.name for path in tmp_path.iterdir()] == ["ruff.toml"]


def test_is_stable() -> None:
    once = format_files({"a.py": f"x = {{{', '.join(f'{n}: {n}' for n in range(60))}}}"})

    assert format_files(once) == once


def test_names_every_file_that_is_not_python() -> None:
    with pytest.raises(GeneratedCodeError) as caught:
        format_files({"a.py": "x = 1\n", "_sync/b.py": "y = 1\nx = = 2\n", "c.pyi": "def\n"})

    first, second = str(caught.value).splitlines()
    assert first.startswith("_sync/b.py:2: ")
    assert first.endswith(": x = = 2")
    assert second.startswith("c.pyi:1: ")


def test_nothing_to_format() -> None:
    assert format_files({"py.typed": ""}) == {"py.typed": ""}
