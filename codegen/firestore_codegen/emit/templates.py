"""Where templates are found: the user's directory, if any, goes before ours."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

from firestore_codegen.errors import Problem, did_you_mean
from firestore_codegen.resources import template_dir


def template_dirs(own: Path | None) -> tuple[Path, ...]:
    """The directories of templates, in the order in which one is looked for in them."""
    return (template_dir(),) if own is None else (own, template_dir())


def template_file(own: Path | None, name: str) -> Path:
    """The file of a template, or the directory of several."""
    return next(path for directory in template_dirs(own) if (path := directory / name).exists())


def template_problems(own: Path) -> Iterator[Problem]:
    """Yield what is wrong with a user's directory: each file must replace one of ours, or be included by another."""
    if not own.is_dir():
        yield Problem(str(own), "", "there is no such directory", "give it with --templates")
    known = set(_names(template_dir()))
    for name in sorted(_names(own)):
        if name not in known and not Path(name).name.startswith("_"):
            hint = did_you_mean(name, known) or "begin the name of a part that others include with `_`"
            yield Problem(str(own / name), "", "there is no built-in template of this name", hint)


def template_problem(own: Path, error: Exception) -> Problem:
    """Say where a template of the user is wrong."""
    places = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(own)]
    where = f"{places[-1].filename}:{places[-1].lineno}" if places else str(own)
    return Problem(where, "", f"the template cannot be rendered: {type(error).__name__}: {error}")


def _names(directory: Path) -> Iterator[str]:
    return (path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())
