"""Tables for people, JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.results import Cost, Measure, Table

_MINIMUM_WIDTH = 140
_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
_CONSOLE = Console(highlight=False)
_CONSOLE.width = max(_CONSOLE.width, _MINIMUM_WIDTH)  # a file or a pipe has no width


def show_table(table: Table) -> None:
    """Print one benchmark's results: CPU and wall time of each contender, then the ratios with their limits."""
    contenders = list(dict.fromkeys(name for result in table.results for name in result.costs))
    labels = list(dict.fromkeys(measure.label for result in table.results for measure in result.measures))
    rich = RichTable("", *contenders, *labels, title=table.title, title_justify="left", box=box.SIMPLE_HEAD)
    for column in rich.columns[1:]:
        column.justify = "right"
    for result in table.results:
        measures = {measure.label: _measure(measure) for measure in result.measures}
        costs = [_cost(result.costs.get(name)) for name in contenders]
        rich.add_row(result.name, *costs, *(measures.get(label, "") for label in labels))
    _CONSOLE.print(rich)


def show_json(tables: Sequence[Table]) -> None:
    """Print all results as one document."""
    print(json.dumps([asdict(table) for table in tables], indent=2))


def show_legend() -> None:
    """Explain the tables."""
    _CONSOLE.print(
        "Medians of processor time of the client (not the emulator) / time on the clock. "
        "Ratios are ours / Google's, or the embedded store's / the emulator's, with the limit that we set."
    )


def _cost(cost: Cost | None) -> str:
    return "" if cost is None else f"{_duration(cost.cpu)} / {_duration(cost.wall)}"


def _duration(seconds: float) -> str:
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def _measure(measure: Measure) -> str:
    text = f"{measure.value:.2g}{measure.unit}"
    if measure.limit is None:
        return text
    mark = "[green]✓[/]" if measure.is_met else "[red]✗[/]"
    return f"{text} ≤ {measure.limit:.3g}{measure.unit} {mark}"
