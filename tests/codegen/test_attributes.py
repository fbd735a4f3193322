"""The line in .gitattributes by which reviews fold a package."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from firestore_codegen.commands.app import app
from firestore_codegen.emit.attributes import ATTRIBUTES_FILE, attributes_line, is_marked, mark_generated

LIBRARY = Path(__file__).parents[1] / "schemas" / "library"
LINE = attributes_line("library_store").encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, LINE + b"\n"),
        (b"", LINE + b"\n"),
        (b"*.png binary\n", b"*.png binary\n" + LINE + b"\n"),
        (b"*.png binary", b"*.png binary\n" + LINE + b"\n"),
        (b"# \xff\r\n", b"# \xff\r\n" + LINE + b"\r\n"),
        (b"/library_store/** -linguist-generated\n", b"/library_store/** -linguist-generated\n"),
        (b"a\n" + LINE + b"\r\nb", b"a\n" + LINE + b"\r\nb"),
    ],
)
def test_one_line_is_added_and_no_other_is_touched(tmp_path: Path, before: bytes | None, after: bytes) -> None:
    path = tmp_path / ATTRIBUTES_FILE
    if before is not None:
        path.write_bytes(before)

    assert mark_generated(tmp_path, "library_store") == (before != after)
    assert path.read_bytes() == after
    assert not mark_generated(tmp_path, "library_store")
    assert path.read_bytes() == after


def test_a_name_within_another_is_not_enough(tmp_path: Path) -> None:
    mark_generated(tmp_path, "my_library_store")
    assert not is_marked(tmp_path, "library_store")


def test_git_understands_it(tmp_path: Path) -> None:
    mark_generated(tmp_path, "library_store")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    paths = ["library_store/_sync/client.py", "library_store/models.py", "other/library_store/models.py"]

    command = ["git", "-C", str(tmp_path), "check-attr", "linguist-generated", *paths]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()

    assert [line.rpartition(": ")[2] for line in found] == ["true", "true", "unspecified"]


def test_the_commands_see_to_it(tmp_path: Path) -> None:
    def run(command: str, *arguments: str) -> Result:
        return CliRunner().invoke(app, [command, "--schema", str(LIBRARY), "--out", str(tmp_path), *arguments])

    def report(command: str) -> Any:
        return json.loads(run(command, "--format", "json").stdout)

    first = report("generate")
    assert first["newly_marked"]
    assert ATTRIBUTES_FILE not in first["written"]
    assert not report("generate")["newly_marked"]
    assert report("check")["marked"]

    (tmp_path / ATTRIBUTES_FILE).unlink()
    text, machine = run("check"), report("check")
    assert (text.exit_code, machine["clean"], machine["marked"]) == (1, False, False)
    assert f"not marked as generated in {tmp_path / ATTRIBUTES_FILE}" in text.stdout.splitlines()

    shutil.rmtree(tmp_path / "library_store")
    assert f"marked library_store as generated in {tmp_path / ATTRIBUTES_FILE}" in run("generate").stdout.splitlines()
