"""`--templates`: single templates of the user go before ours."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from firestore_codegen.commands.app import app
from firestore_codegen.errors import Problems
from firestore_codegen.pipeline import generate_files
from firestore_codegen.resources import template_dir

LIBRARY = Path(__file__).parents[1] / "schemas" / "library"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A directory for templates of one's own."""
    directory = tmp_path / "templates"
    directory.mkdir()
    return directory


def test_a_template_replaces_ours_and_no_other(own: Path) -> None:
    text = "{% from '_imports.jinja' import import_names %}\nX = {{ package.name | repr }}\n"
    (own / "settings.py.jinja").write_text(text)

    ours, theirs = generate_files(LIBRARY).files, generate_files(LIBRARY, own).files

    assert {path for path in ours if ours[path] != theirs[path]} == {"settings.py"}
    assert theirs["settings.py"].endswith('X = "library_store"\n')


def test_what_is_copied_and_what_has_flavours_can_be_replaced(own: Path) -> None:
    (own / "py.typed").write_text("partial\n")
    (own / "io").mkdir()
    (own / "io" / "__init__.py.jinja").write_text('"""{{ io.package }}"""\n')

    files = generate_files(LIBRARY, own).files

    assert files["py.typed"] == "partial\n"
    assert files["_async/__init__.py"].endswith('"""_async"""\n')


def test_the_template_of_the_models_can_be_replaced(own: Path) -> None:
    shutil.copytree(template_dir() / "_datamodel", own / "_datamodel")
    template = own / "_datamodel" / "pydantic_v2" / "BaseModel.jinja2"
    template.write_text(template.read_text().replace("class {{ class_name }}", "# A model.\nclass {{ class_name }}"))

    assert "# A model.\nclass Book(BaseModel):" in generate_files(LIBRARY, own).files["models.py"]


def test_a_template_of_no_use_is_a_problem(own: Path) -> None:
    (own / "setings.py.jinja").write_text("")
    (own / "_part.jinja").write_text("")

    with pytest.raises(Problems) as caught:
        generate_files(LIBRARY, own)

    [problem] = caught.value.problems
    assert (problem.file, problem.hint) == (str(own / "setings.py.jinja"), "did you mean `settings.py.jinja`?")


@pytest.mark.parametrize("text", ["\n{{ nothing.there }}", "\n{% if %}", "\n{{ 1 / 0 }}"])
def test_a_mistake_in_a_template_is_a_problem_at_its_line(own: Path, text: str) -> None:
    (own / "settings.py.jinja").write_text(text)

    with pytest.raises(Problems) as caught:
        generate_files(LIBRARY, own)

    assert caught.value.problems[0].file == f"{own / 'settings.py.jinja'}:2"


def test_a_template_that_is_no_text_is_a_problem(own: Path) -> None:
    (own / "settings.py.jinja").write_bytes(b"\xff")

    with pytest.raises(Problems, match="UnicodeDecodeError"):
        generate_files(LIBRARY, own)


def test_the_commands_take_the_directory(own: Path, tmp_path: Path) -> None:
    (own / "settings.py.jinja").write_text("X = 1\n")

    def run(command: str, *arguments: str) -> Result:
        return CliRunner().invoke(app, [command, "--schema", str(LIBRARY), "--out", str(tmp_path / "out"), *arguments])

    assert run("generate", "--templates", str(own)).exit_code == 0
    assert run("check", "--templates", str(own)).exit_code == 0
    assert run("check").exit_code == 1
    missing = run("generate", "--templates", str(tmp_path / "nowhere"))
    assert missing.exit_code == 2
    assert "there is no such directory" in missing.stderr
