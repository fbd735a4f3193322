"""The commands of `firestore-codegen`.

Exit codes: 0 fine, 1 the check found something, 2 bad input (nothing is written then). Other packages add commands by
entry points of the group `firestore_codegen.commands`, each a function as Typer takes it; so does this one.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firestore_codegen import __version__
from firestore_codegen.options import OUT, SCHEMA, FormatOption, OutOption, SchemaOption, reported
from firestore_codegen.report import Format, show_comparison, show_progress, show_written
from firestore_codegen.tree import compare_tree, write_tree

if TYPE_CHECKING:
    from firestore_codegen.pipeline import GeneratedPackage

app = typer.Typer(
    name="firestore-codegen",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"firestore-codegen {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Generate a typed Python SDK for Google Cloud Firestore from a JSON Schema.

    Exit codes: 0 fine, 1 the check found something, 2 bad input.
    """


@app.command()
def generate(schema: SchemaOption = SCHEMA, out: OutOption = OUT, output: FormatOption = Format.TEXT) -> None:
    """Write the package: new and changed files, and remove those that it no longer has."""
    with reported(output):
        package = _generate(schema)
        result = write_tree(out / package.name, package.files)
    show_written(package.name, str(out / package.name), result, output)


@app.command()
def check(schema: SchemaOption = SCHEMA, out: OutOption = OUT, output: FormatOption = Format.TEXT) -> None:
    """Compare the package with what `generate` would make; exit 1 and show the difference if there is one."""
    with reported(output):
        package = _generate(schema)
        result = compare_tree(out / package.name, package.files)
    show_comparison(package.name, str(out / package.name), result, output)
    if not result.clean:
        raise typer.Exit(1)


for _command in sorted(entry_points(group="firestore_codegen.commands"), key=lambda each: each.name):
    app.command(_command.name)(_command.load())


def _generate(schema: Path) -> GeneratedPackage:
    from firestore_codegen.pipeline import (
        generate_files,  # it imports datamodel-code-generator, for which --help need not wait
    )

    with show_progress("Generating"):
        return generate_files(schema)
