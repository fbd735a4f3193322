"""The entry point of `firestore-codegen` and `python -m firestore_codegen`."""

from __future__ import annotations

import atexit
import gc
import sys
from importlib.util import find_spec

# What the `codegen` extra installs, by import name. Using a generated package needs none of it.
_NEEDED = ("datamodel_code_generator", "jinja2", "jsonschema", "rich", "ruff", "typer")


def main() -> None:
    """Run the command line, or say how to install what it needs."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        print(
            f"firestore-codegen: the generator's own packages are not installed ({', '.join(missing)}).\n"
            "Install them with: pip install 'firestore-memory[codegen]'",
            file=sys.stderr,
        )
        sys.exit(2)
    _collect_no_garbage()
    from firestore_codegen.commands.app import app

    app(prog_name="firestore-codegen")


def _collect_no_garbage() -> None:
    """Leave cycles to the end of the process: looking for them takes an eighth of a run, and once more as it exits."""
    gc.disable()
    atexit.register(gc.freeze)


if __name__ == "__main__":
    main()
