"""Mistakes in a schema, each with its place and a way out."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: the file (relative to the schema directory), the JSON pointer in it, what is wrong, what to do."""

    file: str
    pointer: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Return the problem on one line."""
        where = f"{self.file}#{self.pointer}" if self.pointer else self.file
        return f"{where}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class Problems(Exception):
    """Everything that is wrong with the input of a run; nothing was written."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class GeneratedCodeError(Exception):
    """The generator made something that is not Python: a mistake in it or its templates, not in the schema."""


@dataclass(frozen=True, slots=True)
class Place:
    """A value inside a JSON file; `place / "key"` is a value inside that."""

    file: str
    pointer: str = ""

    def __truediv__(self, key: str | int) -> Place:
        """Return the place of a member, by its key or index."""
        return Place(self.file, f"{self.pointer}/{escaped(key)}")

    def problem(self, message: str, hint: str = "") -> Problem:
        """Return a problem at this place."""
        return Problem(self.file, self.pointer, message, hint)


def escaped(key: str | int) -> str:
    """Return a key as it is written in a JSON pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


def suggestion(name: str, known: Collection[str]) -> str:
    """Return a hint that names the closest of the known names, or else all of them."""
    return did_you_mean(name, known) or f"known: {', '.join(known)}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint that names the closest of the known names, or nothing."""
    by_lower = {other.lower(): other for other in known}
    matches = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return f"did you mean `{by_lower[matches[0]]}`?" if matches else ""
