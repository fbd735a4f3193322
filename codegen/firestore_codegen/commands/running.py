"""How a command runs: the package that it is about, and what it says where it cannot go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from firestore_codegen.commands.report import Format, show_problems, show_progress
from firestore_codegen.errors import GeneratedCodeError, Problem, Problems

if TYPE_CHECKING:
    from firestore_codegen.pipeline import GeneratedPackage


def package_of(schema: Path, templates: Path | None) -> GeneratedPackage:
    """Generate the package that a schema directory describes."""
    from firestore_codegen.pipeline import (
        generate_files,  # it imports datamodel-code-generator, for which --help need not wait
    )

    with show_progress("Generating"):
        return generate_files(schema, templates)


@contextmanager
def reported(output: Format) -> Iterator[None]:
    """Report what stops a command, and exit with 2.

    Args:
        output: How to report.
    """
    try:
        yield
    except Problems as error:
        show_problems(error.problems, output)
    except GeneratedCodeError as error:
        message = f"internal error: the generated code is not valid Python: {error}"
        show_problems([Problem("", "", message, "please report it, with your schema")], output)
    except OSError as error:
        show_problems([Problem(error.filename or "", "", error.strerror or str(error))], output)
    else:
        return
    raise typer.Exit(2)
