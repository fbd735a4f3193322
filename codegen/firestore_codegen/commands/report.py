"""What a command has to say, as Rich text for people or as one JSON document for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from rich.console import Console
from rich.style import Style

from firestore_codegen.emit.attributes import ATTRIBUTES_FILE
from firestore_codegen.emit.tree import Comparison, Written
from firestore_codegen.errors import Problem


class Format(StrEnum):
    """How a command reports."""

    TEXT = "text"
    JSON = "json"


# Text never wraps: a path or a diff that is piped elsewhere keeps its lines.
_OUTPUT = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
_ERRORS = Console(soft_wrap=True, highlight=False, markup=False, emoji=False, stderr=True)
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def show_progress(what: str) -> AbstractContextManager[object]:
    """Show that work goes on, where a person watches the terminal."""
    return _ERRORS.status(what) if _ERRORS.is_terminal else nullcontext()


def show_written(package: str, out: Path, result: Written, newly_marked: bool, output: Format) -> None:
    """Tell what `generate` did.

    Args:
        package: The package.
        out: The directory that it lies in.
        result: What became of its files.
        newly_marked: Whether it got its line in .gitattributes now.
        output: How to tell it.
    """
    root = out / package
    match output:
        case Format.JSON:
            print_json({"package": package, "root": str(root), **asdict(result), "newly_marked": newly_marked})
        case Format.TEXT:
            _list("wrote", result.written, "green")
            _list("removed", result.removed, "red")
            _list("left alone, not generated here:", result.foreign, "yellow")
            if newly_marked:
                _OUTPUT.print(f"marked {package} as generated in {out / ATTRIBUTES_FILE}", style="green")
            counts = f"{len(result.written)} written, {len(result.removed)} removed, {len(result.unchanged)} unchanged"
            _OUTPUT.print(f"{package} in {root}: {counts}")
        case _:
            assert_never(output)


def show_comparison(package: str, out: Path, result: Comparison, marked: bool, output: Format) -> None:
    """Tell what `check` found.

    Args:
        package: The package.
        out: The directory that it lies in.
        result: How its files differ.
        marked: Whether it has its line in .gitattributes.
        output: How to tell it.
    """
    root, clean = out / package, result.clean and marked
    match output:
        case Format.JSON:
            print_json({"package": package, "root": str(root), "clean": clean, **asdict(result), "marked": marked})
        case Format.TEXT:
            for change in result.changed:
                _print_diff(change.diff)
            _list("changed", [change.path for change in result.changed], "red")
            _list("missing", result.missing, "red")
            _list("orphaned", result.orphaned, "red")
            _list("not generated here:", result.foreign, "red")
            if not marked:
                _OUTPUT.print(f"not marked as generated in {out / ATTRIBUTES_FILE}", style="red")
            _OUTPUT.print(f"{package} in {root} {_verdict(result, clean)}")
        case _:
            assert_never(output)


def _verdict(result: Comparison, clean: bool) -> str:
    if clean:
        return "is up to date"
    if result.foreign:
        return "holds files that are not generated; move them away, then run: firestore-codegen generate"
    return "is out of date; run: firestore-codegen generate"


def show_problems(problems: Sequence[Problem], output: Format, outcome: str = "nothing was written") -> None:
    """Tell what is wrong, with the input as a rule, every mistake with its place and, where there is one, a hint.

    Args:
        problems: What is wrong.
        output: How to tell it.
        outcome: What has become of the work.
    """
    match output:
        case Format.JSON:
            print_json({"problems": [asdict(problem) for problem in problems]})
        case Format.TEXT:
            for problem in problems:
                _print_problem(problem)
            count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
            _ERRORS.print(f"{count}; {outcome}")
        case _:
            assert_never(output)


def _print_problem(problem: Problem) -> None:
    place = f"{problem.file}#{problem.pointer}" if problem.pointer else problem.file
    if place:
        _ERRORS.print(place, style="bold")
    _ERRORS.print(f"  {problem.message}", style="red")
    if problem.hint:
        _ERRORS.print(f"  hint: {problem.hint}", style="cyan")


def print_json(document: object) -> None:
    """Print a document for machines."""
    print(json.dumps(document, indent=2))  # not through Rich, which would fold and colour it


def _list(label: str, paths: Sequence[str], style: str) -> None:
    for path in paths:
        _OUTPUT.print(f"{label} {path}", style=style)


def _print_diff(diff: str) -> None:
    for line in diff.splitlines():
        _OUTPUT.print(line, style=_DIFF_STYLES.get(line[:1], Style.null()))
