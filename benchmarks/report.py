"""Tables for people, JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.results import Cost, Measure, Result, Table

_MINIMUM_WIDTH = 140
_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
_CONSOLE = Console(highlight=False)
_CONSOLE.width = max(_CONSOLE.width, _MINIMUM_WIDTH)  # a file or a pipe has no width


def show_table(table: Table) -> None:
    """Print one benchmark's results: CPU and wall time of each contender, then the ratios with their limits."""
    contenders = list(dict.fromkeys(name for result in table.results for name in result.costs))
    rich = RichTable("", *contenders, "ratios", title=table.title, title_justify="left", box=box.SIMPLE_HEAD)
    for column in rich.columns[1:-1]:
        column.justify = "right"
    for result in table.results:
        rich.add_row(result.name, *(_cost(result.costs.get(name)) for name in contenders), _measures(result))
    _CONSOLE.print(rich)


def show_json(tables: Sequence[Table]) -> None:
    """Print all results as one document."""
    print(json.dumps([asdict(table) for table in tables], indent=2))


def show_legend() -> None:
    """Explain the tables."""
    _CONSOLE.print("CPU time of this process / time on the clock; medians. ✓ ✗: whether the limit behind ≤ is kept.")


def _cost(cost: Cost | None) -> str:
    return "" if cost is None else f"{_duration(cost.cpu)} / {_duration(cost.wall)}"


def _duration(seconds: float) -> str:
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.2g} µs"


def _measures(result: Result) -> str:
    return "   ".join(_measure(measure) for measure in result.measures)


def _measure(measure: Measure) -> str:
    text = f"{measure.label} {measure.value:.3g}{measure.unit}"
    if measure.limit is None:
        return text
    mark = "[green]✓[/]" if measure.is_met else "[red]✗[/]"
    return f"{text} ≤ {measure.limit:.3g}{measure.unit} {mark}"
