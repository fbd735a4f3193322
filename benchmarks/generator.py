"""What the generator costs beside datamodel-code-generator alone, each time in a new process."""

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
_MODELS, _GENERATE, _CHECK = "datamodel-code-generator", "generate", "check"
# The models of `generate`, but as a person would have them made: formatted by ruff.
_MODELS_OPTIONS = """
    --input-file-type jsonschema --output-model-type pydantic_v2.BaseModel --target-python-version 3.11
    --disable-timestamp --field-constraints --skip-root-model --strict-nullable --use-annotated
    --use-schema-description --use-standard-collections --use-union-operator --formatters ruff-check ruff-format
"""


def time_generator(rounds: int, *, quick: bool) -> Table:
    """Measure schemas of growing size; the largest is left out of a quick run."""
    return Table("Generator, in a new process", tuple(_results(rounds, _SIZES[:-1] if quick else _SIZES)))


def _results(rounds: int, sizes: tuple[int, ...]) -> Iterator[Result]:
    memory = _costs(_MEMORY_SCHEMA, rounds)
    yield Result("memory schema", memory, (Measure("in all", memory[_GENERATE].wall, 3.0, "s"), *_measures(memory)))
    smaller: Cost | None = None
    for size in sizes:
        costs = _sized_costs(size, rounds)
        growth = [Measure("tenfold", costs[_GENERATE].cpu / smaller.cpu, 10.0)] if smaller else []
        yield Result(f"{size:,} models", costs, (*_measures(costs), *growth))
        smaller = costs[_GENERATE]


def _measures(costs: dict[str, Cost]) -> tuple[Measure, ...]:
    return (
        Measure("beyond models", costs[_GENERATE].cpu / costs[_MODELS].cpu - 1, 0.5),
        Measure("check / generate", costs[_CHECK].cpu / costs[_GENERATE].cpu, 1.05),  # equal, but for the noise
    )


def _sized_costs(models: int, rounds: int) -> dict[str, Cost]:
    with tempfile.TemporaryDirectory() as directory:
        write_schema(Path(directory), models)
        return _costs(Path(directory), rounds)


def _costs(schema: Path, rounds: int) -> dict[str, Cost]:
    """Run the commands in turns, each time into a new directory; return the medians."""
    costs: dict[str, list[Cost]] = {name: [] for name in (_MODELS, _GENERATE, _CHECK)}
    [source] = [schema / name for name in json.loads((schema / "collections.json").read_text())["models"]]
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as out:
            models = f"datamodel_code_generator --input {source} --output {out}/models.py {_MODELS_OPTIONS}"
            costs[_MODELS].append(_run(models))
            costs[_GENERATE].append(_run(f"firestore_codegen generate --schema {schema} --out {out}"))
            costs[_CHECK].append(_run(f"firestore_codegen check --schema {schema} --out {out}"))
    return {name: middle(found) for name, found in costs.items()}


def _run(command: str) -> Cost:
    """Run a module as a command, and return what it cost: its processor time and that of the processes it started."""
    cpu, wall = _children_cpu(), perf_counter()
    subprocess.run([sys.executable, "-m", *command.split()], check=True, stdout=subprocess.DEVNULL)
    return Cost(_children_cpu() - cpu, perf_counter() - wall)


def _children_cpu() -> float:
    """Seconds of processor time of all processes that were started here and have ended, and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
