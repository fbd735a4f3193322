"""What the generator costs, each time in a new process, and how much of it is datamodel-code-generator."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from benchmarks.results import Cost, Measure, Result, Table, middle
from benchmarks.schemas import write_schema

_SIZES = (10, 100, 1_000)
_MEMORY_SCHEMA = Path(__file__).parents[1] / "schema"
_MODELS, _OWN, _GENERATE, _CHECK = "datamodel-code-generator", "our stages", "generate", "check"


def time_generator(rounds: int, *, quick: bool) -> Table:
    """Measure generate and check for schemas of growing size; the largest one is left out of a quick run."""
    return Table("Generator, in a new process", tuple(_results(rounds, _SIZES[:-1] if quick else _SIZES)))


def _results(rounds: int, sizes: tuple[int, ...]) -> Iterator[Result]:
    memory = _costs(_MEMORY_SCHEMA, rounds)
    yield Result("memory schema", memory, (Measure("in all", memory[_GENERATE].wall, 3.0, "s"), *_measures(memory)))
    smaller: Cost | None = None
    for size in sizes:
        costs = _sized_costs(size, rounds)
        growth = costs[_GENERATE].cpu / smaller.cpu if smaller else None
        growths = [] if growth is None else [Measure("tenfold", growth, 10.0)]
        yield Result(f"{size:,} models", costs, (*_measures(costs), *growths))
        smaller = costs[_GENERATE]


def _measures(costs: dict[str, Cost]) -> tuple[Measure, ...]:
    return (
        Measure("ours / datamodel", costs[_OWN].cpu / costs[_MODELS].cpu, 0.5),
        Measure("check / generate", costs[_CHECK].cpu / costs[_GENERATE].cpu, 1.0),
    )


def _sized_costs(models: int, rounds: int) -> dict[str, Cost]:
    with tempfile.TemporaryDirectory() as directory:
        write_schema(Path(directory), models)
        return _costs(Path(directory), 1 if models > 100 else rounds)


def _costs(schema: Path, rounds: int) -> dict[str, Cost]:
    """Generate into a new directory and check it, several times; return the median costs of the parts."""
    parts: dict[str, list[Cost]] = {name: [] for name in (_MODELS, _OWN, _GENERATE, _CHECK)}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as out:
            generate, models = _run("generate", schema, out)
            check, _ = _run("check", schema, out)
        own = Cost(generate.cpu - models.cpu, generate.wall - models.wall)
        for name, cost in ((_MODELS, models), (_OWN, own), (_GENERATE, generate), (_CHECK, check)):
            parts[name].append(cost)
    return {name: middle(found) for name, found in parts.items()}


def _run(command: str, schema: Path, out: str) -> tuple[Cost, Cost]:
    """Run a command of the generator; return what it cost in all, and datamodel-code-generator's part."""
    arguments = [sys.executable, "-m", "benchmarks.generate_once", command, f"--schema={schema}", f"--out={out}"]
    cpu, wall = _children_cpu(), perf_counter()
    output = subprocess.run(arguments, check=True, stdout=subprocess.PIPE).stdout
    total = Cost(_children_cpu() - cpu, perf_counter() - wall)
    return total, Cost(**json.loads(output))


def _children_cpu() -> float:
    """Seconds of processor time of all processes started from here that have ended, ruff's included."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
