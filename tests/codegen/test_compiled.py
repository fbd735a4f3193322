from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from firestore_codegen.emit.compiled import compiled_templates


def rendered(source: str) -> str:
    environment = Environment(loader=DictLoader({"page": source}), bytecode_cache=compiled_templates())
    return environment.get_template("page").render()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_changed_template_is_compiled_again(place: Path) -> None:
    assert [rendered("{{ 1 }}"), rendered("{{ 1 }}"), rendered("{{ 2 }}")] == ["1", "1", "2"]
    [directory] = place.iterdir()
    assert len(list(directory.iterdir())) == 1


def test_without_a_directory_nothing_is_kept(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(place / "missing"))
    assert compiled_templates() is None
    assert rendered("{{ 1 }}") == "1"


def test_what_cannot_be_written_is_not_kept(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = compiled_templates()
    assert cache is not None
    [directory] = place.iterdir()
    directory.rmdir()
    environment = Environment(loader=DictLoader({"page": "{{ 1 }}"}), bytecode_cache=cache)
    assert environment.get_template("page").render() == "1"
