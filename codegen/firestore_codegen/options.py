"""The options that all commands have, and how a command ends that cannot go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from firestore_codegen.errors import Problem, Problems
from firestore_codegen.report import Format, show_problems

SchemaOption = Annotated[
    Path, typer.Option("--schema", metavar="DIR", help="The directory of collections.json and its models.")
]
OutOption = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Where the package lies, in a directory of its own name.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="Text for people, JSON for machines.")]
SCHEMA = Path("schema")
OUT = Path("generated")


@contextmanager
def reported(output: Format) -> Iterator[None]:
    """Report what stops a command, and exit with 2.

    Args:
        output: How to report.
    """
    from firestore_codegen.format import GeneratedCodeError

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
