"""Templates to text: strict about names, careful with schema text, verbatim where nothing varies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from firestore_codegen.emit.banner import BANNER, has_banner, with_banner
from firestore_codegen.emit.plan import Output
from firestore_codegen.emit.render import render


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory that templates are looked for in."""
    monkeypatch.setattr("firestore_codegen.emit.templates.template_dir", lambda: tmp_path)
    return tmp_path


def render_text(templates: Path, text: str, **context: object) -> str:
    (templates / "a.py.jinja").write_text(text)
    return render([Output("a.py.jinja", "a.py", context)])["a.py"]


def test_blocks_leave_no_lines_behind(templates: Path) -> None:
    text = "class A:\n    {% for name in names %}\n    {{ name }} = 1\n    {% endfor %}\n"

    assert render_text(templates, text, names=["x", "y"]) == "class A:\n    x = 1\n    y = 1\n"


def test_schema_text_goes_through_filters(templates: Path) -> None:
    text = "X = {{ value | repr }}\ndef f():\n    {{ value | docstring }}\n"

    assert render_text(templates, text, value='a"""\n\\') == (
        'X = \'a"""\\n\\\\\'\ndef f():\n    """a\\"\\""\n    \\\\\n    """\n'
    )


@pytest.mark.parametrize("use", ["nothing", "nothing | repr", "nothing | docstring", "some.thing", "some.thing | repr"])
def test_an_undefined_name_fails(templates: Path, use: str) -> None:
    with pytest.raises(UndefinedError, match="thing"):
        render_text(templates, f"{{{{ {use} }}}}", some={})


def test_what_is_no_template_is_copied(templates: Path) -> None:
    (templates / "io").mkdir()
    (templates / "io" / "wire.py").write_text("x = '{{ a }}'\n\n\n")

    assert render([Output("io/wire.py", "_sync/wire.py", {})]) == {"_sync/wire.py": "x = '{{ a }}'\n\n\n"}


def test_text_in_files_that_are_not_python(templates: Path) -> None:
    context = {"value": {"a": ['é"', 1]}, "note": 'a"\\${b}%{c}\n'}

    assert render_text(templates, "{{ value | json }}", **context) == json.dumps(
        context["value"], indent=2, ensure_ascii=False
    )
    assert render_text(templates, "{{ note | hcl }}", **context) == r'"a\"\\$${b}%%{c}\U0000000a"'


def test_templates_include_and_import_each_other(templates: Path) -> None:
    (templates / "_macros.jinja").write_text("{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}")

    assert render_text(templates, "{% from '_macros.jinja' import twice %}\n{{ twice(1) }}\n") == "11\n"


def test_a_path_is_made_once(templates: Path) -> None:
    (templates / "a.py").write_text("")

    with pytest.raises(ValueError, match=r"b\.py"):
        render([Output("a.py", "b.py", {}), Output("a.py", "b.py", {})])


def test_source_carries_the_banner() -> None:
    assert with_banner("a.py", "x = 1\n") == f"{BANNER}# fmt: off\n# ruff: noqa # isort: skip_file\n\nx = 1\n"
    assert has_banner(with_banner("a.pyi", ""))
    assert with_banner("a.tf", "") == f"{BANNER}\n"
    assert with_banner("schema.json", "{}") == "{}"
    assert not has_banner("# mine\n")
