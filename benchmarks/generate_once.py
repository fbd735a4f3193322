"""Run `firestore-codegen generate` or `check` in this process, and say how much of it datamodel-code-generator took.

It prints the seconds, of processor and clock, that pass in datamodel-code-generator's import and in its work.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import asdict
from io import StringIO
from time import perf_counter, process_time
from typing import Any

from benchmarks.results import Cost


class _Stopwatch:
    """Adds up what calls cost."""

    def __init__(self) -> None:
        self.total = Cost(0, 0)

    def measure(self, function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        cpu, wall = process_time(), perf_counter()
        try:
            return function(*arguments, **keywords)
        finally:
            self.total = Cost(self.total.cpu + process_time() - cpu, self.total.wall + perf_counter() - wall)


def _import_models() -> Any:
    import datamodel_code_generator.parser.jsonschema  # noqa: F401

    from codegen import models

    return models


def main() -> None:
    """Run the command that the arguments spell, in silence."""
    watch = _Stopwatch()
    models = watch.measure(_import_models)
    generate = models.generate
    models.generate = lambda *arguments, **keywords: watch.measure(generate, *arguments, **keywords)
    from codegen.cli import app

    with redirect_stdout(StringIO()):
        app(sys.argv[1:], standalone_mode=False)
    print(json.dumps(asdict(watch.total)))


if __name__ == "__main__":
    main()
