"""The command line of `firestore-codegen`.

Exit codes: 0 fine, 1 the check found something, 2 bad input (nothing is written then). Other packages add commands by
entry points of the group `firestore_codegen.commands`, each a function as Typer takes it; so does this one.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Annotated

import typer

from firestore_codegen import __version__

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


for _command in sorted(entry_points(group="firestore_codegen.commands"), key=lambda each: each.name):
    app.command(_command.name)(_command.load())
