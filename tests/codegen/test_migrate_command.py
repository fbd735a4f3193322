"""`firestore-codegen migrate`: its options, what it prints, and its exit codes; the adapters test what it does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from firestore_codegen.commands.app import app
from firestore_memory import MemoryClient
from tests.memory.adapters.old_documents import SHAPES, store

ROOT = Path(__file__).parents[2]
LIBRARY = Path(__file__).parents[1] / "schemas" / "library"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The URL of a store with a document of each older shape."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with MemoryClient.connect(url) as client:
        store(client.backend, range(SHAPES))
        yield url


def run(url: str, *arguments: str, schema: Path = ROOT / "schema", to: str | None = None) -> Result:
    places = ["--schema", str(schema), "--out", str(ROOT / "generated"), "--from", url, "--to", to or url]
    return CliRunner().invoke(app, ["migrate", *places, *arguments])


def test_what_people_see(url: str) -> None:
    planned = run(url, "--dry-run")
    assert planned.exit_code == 0, planned.output
    assert "items d000004: created: content_hash, embedding, " in planned.output
    assert run(url, "--verify").exit_code == 1
    copied = run(url)
    assert copied.exit_code == 0, copied.output
    assert "2 created" in copied.output
    assert run(url, "--verify").exit_code == 0


def test_what_machines_see(url: str, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    result = run(url, "--format", "json", "--report", str(file))
    report = json.loads(result.stdout)
    assert report == json.loads(file.read_text())
    assert (report["work"], report["direction"], report["clean"]) == ("copy", "forward", True)
    assert {route["layout"]: route["counts"] for route in report["routes"]}["items"] == {"created": 2}


def test_differences_are_named(url: str) -> None:
    result = run(url, "--verify")
    assert "items d000004: missing" in result.output


def test_the_way_back(url: str, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    run(url)
    assert run(url, "--reverse", "--layout", "items", to=other).exit_code == 0
    assert run(url, "--reverse", "--layout", "items", "--verify", to=other).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        (["--dry-run", "--verify"], "exclude each other"),
        (["--layout", "item"], "no layout 'item'"),
        (["--reverse"], "--layout"),
        (["--batch", "0"], "batch"),
        (["--rate", "0"], "rate"),
        (["--namespace", "a/b"], "namespace"),
    ],
)
def test_what_is_refused(url: str, arguments: list[str], mentions: str) -> None:
    result = run(url, *arguments)
    assert result.exit_code == 2, result.output
    assert mentions in result.output
    problems = json.loads(run(url, *arguments, "--format", "json").stdout)["problems"]
    assert [mentions in problem["message"] or mentions in problem["hint"] for problem in problems] == [True]


def test_a_url_that_is_none(url: str) -> None:
    result = run(url, to="redis://x")
    assert result.exit_code == 2, result.output
    assert "sqlite:///" in result.output
    assert "nothing was written" in result.output


def test_a_store_that_fails(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setenv("FIRESTORE_MEMORY_TIMEOUT", "1")
    result = run(url, to="firestore://nobody")
    assert result.exit_code == 1, result.output
    assert "run it again to go on" in result.output
    assert "what was copied stays so" in result.output


def test_a_package_without_older_interfaces(url: str) -> None:
    result = run(url, schema=LIBRARY)
    assert result.exit_code == 2, result.output
    assert "run `generate` first" in result.output


def test_a_schema_that_is_none(url: str, tmp_path: Path) -> None:
    result = run(url, schema=tmp_path / "nothing")
    assert result.exit_code == 2
    assert "there is no directory" in result.output
