"""The options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from firestore_codegen.commands.report import Format

SchemaOption = Annotated[
    Path, typer.Option("--schema", metavar="DIR", help="The directory of collections.json and its models.")
]
OutOption = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Where the package lies, in a directory of its own name.")
]
TemplatesOption = Annotated[
    Path | None,
    typer.Option("--templates", metavar="DIR", help="Templates to use instead of the built-in ones of the same names."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="Text for people, JSON for machines.")]
SCHEMA = Path("schema")
OUT = Path("generated")
