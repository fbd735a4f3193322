"""The generated package on disk: written so that a failure leaves the old one, or compared in both directions."""

from __future__ import annotations

import difflib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from firestore_codegen.emit.banner import has_banner
from firestore_codegen.errors import Problem, Problems

# What the generator makes that cannot hold a banner. Any other file without one is somebody's own and is never deleted.
_DATA_FILES = frozenset({"py.typed", "firestore.indexes.json", "schema.json"})


@dataclass(frozen=True, slots=True)
class Written:
    """What `write_tree` did, as paths in the package. `foreign` files are not ours: they were left alone."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    foreign: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A file that differs from what the generator makes, as a unified diff from the disk to the generator's text."""

    path: str
    diff: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a package on disk differs from what the generator makes now."""

    changed: tuple[Change, ...]
    missing: tuple[str, ...]
    orphaned: tuple[str, ...]
    foreign: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether regenerating would change nothing, and nothing else lies in the package."""
        return not (self.changed or self.missing or self.orphaned or self.foreign)


def write_tree(root: Path, files: Mapping[str, str]) -> Written:
    """Make the package at `root` consist of `files`: write those that differ, remove those we no longer make.

    Everything is first written beside the package, then moved into it file by file: a full disk or a failed write
    leaves it as it was, and no file is ever half there.

    Raises:
        Problems: The directory holds something, none of which this generator wrote.
        OSError: The disk said no.
    """
    present = _present(root)
    if present and not any(_is_ours(root, path) for path in present):
        raise Problems(
            (
                Problem(
                    str(root),
                    "",
                    "this directory holds files, and none of them was generated here: nothing was written",
                    "choose another `package` or --out, or move the files away",
                ),
            )
        )
    changed = sorted(path for path, text in files.items() if _read(root / path) != text.encode())
    _move_in(root, {path: files[path] for path in changed})
    orphaned, foreign = _leftovers(root, present, files)
    for path in orphaned:
        _remove(root, path)
    return Written(tuple(changed), orphaned, tuple(sorted(files.keys() - set(changed))), foreign)


def compare_tree(root: Path, files: Mapping[str, str]) -> Comparison:
    """Compare the package at `root` with `files`, both ways: what differs, what lacks, and what should not be there."""
    present = _present(root)
    changes = (_compare(root, path, files[path]) for path in sorted(present & files.keys()))
    orphaned, foreign = _leftovers(root, present, files)
    return Comparison(
        changed=tuple(change for change in changes if change),
        missing=tuple(sorted(files.keys() - present)),
        orphaned=orphaned,
        foreign=foreign,
    )


def _present(root: Path) -> frozenset[str]:
    """The files of the package; caches and hidden files are no part of it."""
    return frozenset(_walk(root))


def _walk(root: Path) -> Iterator[str]:
    for directory, subdirectories, names in os.walk(root):
        subdirectories[:] = [name for name in subdirectories if name != "__pycache__" and not name.startswith(".")]
        for name in names:
            if not name.startswith("."):
                yield (Path(directory) / name).relative_to(root).as_posix()


def _leftovers(
    root: Path, present: frozenset[str], files: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files that are not to be made: those that we made once, and those of somebody else."""
    extra = sorted(present - files.keys())
    orphaned = tuple(path for path in extra if _is_ours(root, path) or Path(path).name in _DATA_FILES)
    return orphaned, tuple(path for path in extra if path not in orphaned)


def _is_ours(root: Path, path: str) -> bool:
    return has_banner((_read(root / path) or b"").decode(errors="replace"))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _compare(root: Path, path: str, expected: str) -> Change | None:
    found = _read(root / path) or b""
    if found == expected.encode():
        return None
    old = found.decode(errors="backslashreplace").splitlines(keepends=True)
    lines = difflib.unified_diff(old, expected.splitlines(keepends=True), path, f"{path} (regenerated)")
    ends = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
    return Change(path, "".join(ends))


def _move_in(root: Path, files: Mapping[str, str]) -> None:
    """Write the files into a directory beside the package, which is on the same disk, then move each to its place."""
    if not files:
        return
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{root.name}-", dir=root.parent) as directory:
        staged = {path: Path(directory) / str(number) for number, path in enumerate(files)}
        for path, text in files.items():
            staged[path].write_bytes(text.encode())
        for path, source in staged.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            source.replace(root / path)


def _remove(root: Path, path: str) -> None:
    """Delete the file, and the directories in which it leaves nothing but compiled files."""
    (root / path).unlink()
    for directory in (root / path).parents:
        if directory == root or any(entry.name != "__pycache__" for entry in directory.iterdir()):
            return
        shutil.rmtree(directory)
