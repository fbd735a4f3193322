"""What imports cost, each in a new process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.results import GOOGLE, OURS, Cost, Result, Table, compared, middle

_PROGRAM = """
import json, time
cpu, wall = time.process_time(), time.perf_counter()
{statement}
print(json.dumps([time.process_time() - cpu, time.perf_counter() - wall]))
"""


@dataclass(frozen=True, slots=True)
class _Import:
    name: str
    ours: str
    google: str
    limit: float | None = None


_IMPORTS = (
    _Import("import the models", "import firestore_memory", "import google.cloud.firestore"),
    _Import("import the client", "from firestore_memory import MemoryClient", "import google.cloud.firestore", 1.3),
    _Import(
        "make a client",
        "from firestore_memory import MemoryClient; MemoryClient.connect('firestore://bench')",
        "from google.cloud.firestore import Client; Client(project='bench')",
    ),
)


def compare_imports(rounds: int) -> Table:
    """Measure the imports in turns; the start of the interpreter is not counted."""
    return Table("Imports, in a new process", tuple(_results(rounds)))


def _results(rounds: int) -> Iterator[Result]:
    for case in _IMPORTS:
        _cost(case.ours)  # compiles what is not compiled yet
        pairs = [(_cost(case.ours), _cost(case.google)) for _ in range(rounds)]
        ours, google = zip(*pairs, strict=True)
        yield compared(case.name, {OURS: middle(ours), GOOGLE: middle(google)}, case.limit)


def _cost(statement: str) -> Cost:
    command = [sys.executable, "-c", _PROGRAM.format(statement=statement)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return Cost(*json.loads(output))
