"""The documentation is true: its programs run and pass mypy, its schemas generate, what it names is there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from firestore_codegen.names import field_name
from firestore_codegen.pipeline import generate_files
from firestore_memory import FirestoreBackend, MemoryClient, MemoryItemsCollection, MemorySettings, Query
from firestore_runtime import errors
from firestore_runtime.fields.fields import ArrayField, NumberField, TimestampField

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PROGRAMS = [ROOT / "README.md", DOCS / "embedded.md", DOCS / "migration.md", DOCS / "sdk.md"]
PROPERTIES = "Properties"
REFUSED = "Refused by mypy"

_FENCE = re.compile(r'^```(?P<language>\w+)(?: title="(?P<title>.*)")?\n(?P<text>(?s:.*?))^```$', re.MULTILINE)
_ERROR = re.compile(r"^[^:]+:(?P<line>\d+): error: .*  \[(?P<code>[a-z-]+)\]$", re.MULTILINE)
_EXPECTED = re.compile(r"# error: \[(?P<code>[a-z-]+)\]$")
_LINK = re.compile(r"\]\((?!https?:)(?P<target>[^)#]+)")


@dataclass(frozen=True)
class Block:
    """A fenced piece of a page."""

    title: str
    text: str
    line: int


def blocks(page: Path, language: str) -> Iterator[Block]:
    text = page.read_text()
    for match in _FENCE.finditer(text):
        if match["language"] == language:
            yield Block(match["title"] or "", match["text"], text.count("\n", 0, match.start()) + 1)


def program(page: Path, titles: Iterable[str] = ("",)) -> str:
    """The Python of a page as one program, each line where the page has it, so that errors point into the page."""
    lines = [""] * page.read_text().count("\n")
    for block in blocks(page, "python"):
        if block.title in titles:
            text = block.text.splitlines()
            lines[block.line : block.line + len(text)] = text
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("page", PROGRAMS, ids=lambda page: page.name)
def test_programs_run(page: Path, project: str) -> None:
    """Nothing is there but the emulator, and a project of its own in place of `my-project`."""
    source = program(page).replace("my-project", project)
    exec(compile(source, page, "exec"), {"__name__": "__main__"})


@pytest.mark.slow
@pytest.mark.parametrize("page", PROGRAMS, ids=lambda page: page.name)
def test_programs_pass_mypy_but_for_what_it_is_said_to_refuse(page: Path, tmp_path: Path) -> None:
    module = tmp_path / f"program_of_{page.stem.lower()}.py"
    module.write_text(program(page, ["", REFUSED]))
    command = [sys.executable, "-m", "mypy", "--strict", "--no-pretty", "--show-error-codes", str(module)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode in (0, 1), result.stderr
    lines = enumerate(module.read_text().splitlines(), 1)
    expected = [(number, match["code"]) for number, line in lines if (match := _EXPECTED.search(line))]
    found = [(int(match["line"]), match["code"]) for match in _ERROR.finditer(result.stdout)]
    assert found == expected, result.stdout


def test_complete_schemas_generate(tmp_path: Path) -> None:
    files = {block.title: block.text for block in blocks(DOCS / "schema.md", "json") if block.title.endswith(".json")}
    assert files.keys() == {"collections.json", "library.schema.json"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    package = generate_files(tmp_path)
    assert "def by_author(" in package.files["_sync/collections.py"]


def test_properties_generate(tmp_path: Path) -> None:
    """The properties that the page shows in pieces are those of one model."""
    pieces = [json.loads(block.text) for block in blocks(DOCS / "schema.md", "json") if block.title == PROPERTIES]
    properties = {key: schema for piece in pieces for key, schema in piece.items()}
    (tmp_path / "models.json").write_text(json.dumps({"$defs": {"Piece": {"properties": properties}}}))
    collections = {"pieces": {"model": "Piece", "path": "pieces"}}
    config = {"package": "shown", "client": "ShownClient", "models": ["models.json"], "collections": collections}
    (tmp_path / "collections.json").write_text(json.dumps(config))
    models = generate_files(tmp_path).files["models.py"]
    assert [key for key in properties if f"    {key}: " not in models] == []


def test_names_are_made_as_the_page_says() -> None:
    section = (DOCS / "schema.md").read_text().partition("\n### Names\n")[2]
    rows = re.findall(r"^\| (`.*`) \| (`.*`) \| .* \|$", section.partition("\n## ")[0], re.MULTILINE)
    cells = [[re.findall(r"`([^`]+)`", cell) for cell in row] for row in rows]
    names = {key: name for keys, names in cells for key, name in zip(keys, names, strict=True)}
    assert names.keys() >= {"pen-names", "class", "_private"}
    assert {key: field_name(key) for key in names} == names


@pytest.mark.parametrize(
    "owner",
    [MemoryClient, MemoryItemsCollection, Query, FirestoreBackend, NumberField, TimestampField, ArrayField],
)
def test_the_sdk_page_names_each_operation(owner: type) -> None:
    text = (DOCS / "sdk.md").read_text()
    names = [name for name in dir(owner) if not name.startswith("_") and callable(getattr(owner, name))]
    assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []


def test_the_sdk_page_names_each_error_and_setting() -> None:
    text = (DOCS / "sdk.md").read_text()
    names = [*errors.__all__, *(f"FIRESTORE_MEMORY_{name.upper()}" for name in MemorySettings.model_fields)]
    assert [name for name in names if name not in text] == []


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(DOCS.glob("*.md"))], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [match["target"] for match in _LINK.finditer(page.read_text())]
    assert [target for target in targets if not (page.parent / target).exists()] == []
