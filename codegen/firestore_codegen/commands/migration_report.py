"""What `migrate` has to say, while it runs and at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, assert_never

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from firestore_codegen.commands.report import Format, print_json

_OUTPUT = Console(highlight=False, markup=False, emoji=False)
_ERRORS = Console(stderr=True)

OnProgress: TypeAlias = Callable[[Any, int, int], None]  # the report of a package that varies


@contextmanager
def watch_migration() -> Iterator[OnProgress | None]:
    """Show a bar for each route, where a person watches the terminal."""
    if not _ERRORS.is_terminal:
        yield None
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=_ERRORS) as progress:

        def show(route: Any, done: int, total: int) -> None:  # as above
            name = f"{route.layout}: {route.source} to {route.target}"
            if name not in tasks:
                tasks[name] = progress.add_task(name)
            progress.update(tasks[name], completed=done, total=total)

        yield show


def show_migration(report: dict[str, Any], output: Format) -> None:
    """Tell what a migration has done or found.

    Args:
        report: The report, as JSON has it.
        output: How to tell it.
    """
    match output:
        case Format.JSON:
            print_json(report)
        case Format.TEXT:
            _show_routes(report)
            per_second = report["documents_per_second"]
            _OUTPUT.print(f"{report['documents']} documents in {report['seconds']} s, {per_second} in a second")
        case _:
            assert_never(output)


def _show_routes(report: dict[str, Any]) -> None:
    table = Table("layout", "from", "to", "documents")
    for route in report["routes"]:
        counts = ", ".join(f"{count} {fate}" for fate, count in sorted(route["counts"].items())) or "none"
        table.add_row(route["layout"], route["source"], route["target"], counts)
    _OUTPUT.print(table)
    for route in report["routes"]:
        for sample in route["samples"] if report["work"] == "plan" else ():
            fields = ", ".join(sample["fields"])
            _OUTPUT.print(f"{route['layout']} {sample['id']}: {sample['fate']}: {fields}", soft_wrap=True)
        for problem in route["problems"]:
            why = problem["reason"] or ", ".join(problem["fields"])
            text = f"{route['layout']} {problem['id']}: {problem['what']}"
            _OUTPUT.print(f"{text}: {why}" if why else text, soft_wrap=True, style="red")
