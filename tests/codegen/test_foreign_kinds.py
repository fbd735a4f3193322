"""A kind of adapters, and a command, that somebody else's package adds by its entry points."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.codegen.schemas import TEXT, model, write_schema

ENTRY_POINTS = """\
[firestore_codegen.adapters]
notes = notes_kind:GROUP

[firestore_codegen.commands]
greet = notes_kind:greet
"""
MODULE = '''\
from pathlib import Path

from firestore_codegen.adapters.kinds import AdapterQuery, CollectionRole, FieldRole, Kind, KindGroup

_NOTES = CollectionRole(
    fields={"id": FieldRole("id"), "author": FieldRole("string"), "text": FieldRole("string")},
    current_queries=(AdapterQuery(equal=("author",), orders=(("text", "ASCENDING"),)),),
)
GROUP = KindGroup(
    name="notes",
    templates=Path(__file__).parent / "notes_templates",
    kinds=(Kind("notebook", {"notes": _NOTES}, ("notebook.py.jinja",)),),
)


def greet(name: str) -> None:
    """Say hello."""
    print(f"hello, {name}")
'''
TEMPLATE = '''\
{%- set notes = adapter.collections.notes -%}
"""Notes of `{{ package.name }}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models import {{ notes.model }}

if TYPE_CHECKING:
    from .._sync.client import {{ package.client }}


def jot(client: {{ package.client }}, author: str, text: str) -> str:
    """Keep a note, and return its id."""
    note = {{ notes.model }}({{ notes.fields.author.name }}=author, {{ notes.fields.text.name }}=text)
    return client.{{ notes.name }}.create(note).{{ notes.fields.id.name }}
'''
USE = """\
from bookshop import BookshopClient, BookshopSettings
from bookshop.adapters.notebook import jot

with BookshopClient.connect("memory:") as client:
    note_id = jot(client, "ada", "hi")
    assert client.remarks.require(note_id).what == "hi"
assert "migration_mode" not in BookshopSettings.model_fields
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A directory with the other package as pip installs it: its module, its templates and its metadata."""
    directory = tmp_path / "site"
    files = {
        "notes_kind-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: notes-kind\nVersion: 1\n",
        "notes_kind-1.dist-info/entry_points.txt": ENTRY_POINTS,
        "notes_kind.py": MODULE,
        "notes_templates/notebook.py.jinja": TEMPLATE,
    }
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    return directory


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    """A schema with an adapter of that kind, which has no older documents and so no path."""
    remark = model("who", "what", key=TEXT, who=TEXT, what=TEXT)
    document_id = {"field": "key", "generate": "auto"}
    fields = {"id": "key", "author": "who", "text": "what"}
    return write_schema(
        tmp_path / "schema",
        {"Remark": remark},
        package="bookshop",
        client="BookshopClient",
        collections={"remarks": {"model": "Remark", "path": "remarks", "document_id": document_id}},
        adapters=[{"kind": "notebook", "collections": {"notes": {"collection": "remarks", "fields": fields}}}],
    )


def run(*arguments: str, path: list[Path], directory: Path) -> str:
    """Run Python with the other package on its path, and return what it prints."""
    before = [each for each in sys.path if each]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*map(str, path), *before])}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_kind_of_another_package(plugin: Path, schema: Path, tmp_path: Path) -> None:
    arguments = ["--schema", str(schema), "--out", str(tmp_path / "out")]
    run("-m", "firestore_codegen", "generate", *arguments, path=[plugin], directory=tmp_path)
    made = tmp_path / "out" / "bookshop"
    assert {path.name for path in (made / "adapters").iterdir()} == {"__init__.py", "notebook.py"}
    assert '"collectionGroup": "remarks"' in (made / "firestore.indexes.json").read_text()
    run("-c", USE, path=[tmp_path / "out"], directory=tmp_path)


def test_a_command_of_another_package(plugin: Path, tmp_path: Path) -> None:
    assert run("-m", "firestore_codegen", "greet", "ada", path=[plugin], directory=tmp_path) == "hello, ada\n"
