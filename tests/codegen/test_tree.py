"""The generated package on disk: what is written, removed, left alone, and told apart."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from firestore_codegen.emit.banner import BANNER
from firestore_codegen.emit.tree import Comparison, compare_tree, write_tree
from firestore_codegen.errors import Problems

FILES = {
    "__init__.py": f"{BANNER}\nVALUE = 1\n",
    "_sync/client.py": f"{BANNER}\n",
    "py.typed": "",
    "schema.json": "{}\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "out" / "books"


def tree(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


def test_writes_a_new_package(root: Path) -> None:
    result = write_tree(root, FILES)

    assert tree(root) == FILES
    assert result.written == tuple(sorted(FILES))
    assert result.unchanged == result.removed == result.foreign == ()
    assert [path.name for path in root.parent.iterdir()] == ["books"]
    assert compare_tree(root, FILES) == Comparison((), (), (), ())


def test_writes_only_what_changed(root: Path) -> None:
    write_tree(root, FILES)
    os.utime(root / "py.typed", (0, 0))

    result = write_tree(root, FILES | {"__init__.py": f"{BANNER}\nVALUE = 2\n"})

    assert result.written == ("__init__.py",)
    assert result.unchanged == ("_sync/client.py", "py.typed", "schema.json")
    assert (root / "py.typed").stat().st_mtime == 0


def test_removes_orphans_and_the_directories_they_leave_empty(root: Path) -> None:
    write_tree(root, FILES)
    (root / "_sync" / "__pycache__").mkdir()
    (root / "_sync" / "__pycache__" / "client.pyc").write_bytes(b"\0")
    kept = {"__init__.py": FILES["__init__.py"]}

    assert compare_tree(root, kept).orphaned == ("_sync/client.py", "py.typed", "schema.json")
    assert write_tree(root, kept).removed == ("_sync/client.py", "py.typed", "schema.json")
    assert sorted(path.name for path in root.iterdir()) == ["__init__.py"]


def test_never_removes_what_it_did_not_write(root: Path) -> None:
    write_tree(root, FILES)
    own = {"helpers.py": "X = 1\n", "data.json": "[]\n", "_sync/notes.txt": "mine\n"}
    for path, text in own.items():
        (root / path).write_text(text)

    result = write_tree(root, {"__init__.py": FILES["__init__.py"]})

    assert result.foreign == tuple(sorted(own))
    assert tree(root) == {"__init__.py": FILES["__init__.py"], **own}
    comparison = compare_tree(root, {"__init__.py": FILES["__init__.py"]})
    assert comparison.foreign == tuple(sorted(own))
    assert not comparison.clean


def test_caches_and_hidden_files_are_no_part_of_the_package(root: Path) -> None:
    write_tree(root, FILES)
    for path in ("__pycache__/a.pyc", ".mypy_cache/b.json", ".DS_Store"):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).touch()

    assert compare_tree(root, FILES).clean
    assert write_tree(root, FILES).foreign == ()


@pytest.mark.parametrize("path", ["__init__.py", "notes.txt", "py.typed"])
def test_refuses_a_directory_of_somebody_else(root: Path, path: str) -> None:
    root.mkdir(parents=True)
    (root / path).write_text("# mine\n")

    with pytest.raises(Problems) as caught:
        write_tree(root, FILES)

    assert caught.value.problems[0].file == str(root)
    assert tree(root) == {path: "# mine\n"}


def test_takes_an_empty_directory(root: Path) -> None:
    root.mkdir(parents=True)
    (root / "__pycache__").mkdir()

    assert write_tree(root, FILES).written == tuple(sorted(FILES))


def test_mends_a_package_whose_first_file_was_deleted(root: Path) -> None:
    write_tree(root, FILES)
    (root / "__init__.py").unlink()

    assert compare_tree(root, FILES).missing == ("__init__.py",)
    assert write_tree(root, FILES).written == ("__init__.py",)


def test_shows_changes_as_a_diff(root: Path) -> None:
    write_tree(root, FILES)
    (root / "__init__.py").write_text(f"{BANNER}\nVALUE = 2\n")
    (root / "_sync" / "client.py").write_bytes(b"\xff")

    init, client = compare_tree(root, FILES).changed

    assert init.path == "__init__.py"
    assert init.diff.splitlines()[:2] == ["--- __init__.py", "+++ __init__.py (regenerated)"]
    assert init.diff.splitlines()[-2:] == ["-VALUE = 2", "+VALUE = 1"]
    assert "-\\xff\n\\ No newline at end of file\n" in client.diff


def test_sees_line_endings_and_a_missing_last_one(root: Path) -> None:
    write_tree(root, FILES)
    (root / "__init__.py").write_bytes(FILES["__init__.py"].replace("\n", "\r\n").encode())
    (root / "schema.json").write_text("{}")

    assert [change.path for change in compare_tree(root, FILES).changed] == ["__init__.py", "schema.json"]


def test_a_package_that_is_not_there_is_all_missing(root: Path) -> None:
    assert compare_tree(root, FILES) == Comparison((), tuple(sorted(FILES)), (), ())


def test_a_failed_write_leaves_the_package_as_it_was(root: Path) -> None:
    write_tree(root, FILES)

    with pytest.raises(UnicodeEncodeError):
        write_tree(root, {"__init__.py": f"{BANNER}\nVALUE = 2\n", "new.py": "\ud800"})

    assert tree(root) == FILES
    assert [path.name for path in root.parent.iterdir()] == ["books"]


def test_follows_the_umask(root: Path) -> None:
    previous = os.umask(0o022)
    try:
        write_tree(root, FILES)
    finally:
        os.umask(previous)

    assert (root / "__init__.py").stat().st_mode & 0o777 == 0o644
    assert (root / "_sync").stat().st_mode & 0o777 == 0o755
