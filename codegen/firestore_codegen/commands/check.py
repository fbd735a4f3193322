"""The command `check`."""

from __future__ import annotations

import typer

from firestore_codegen.commands.options import OUT, SCHEMA, FormatOption, OutOption, SchemaOption, TemplatesOption
from firestore_codegen.commands.report import Format, show_comparison
from firestore_codegen.commands.running import package_of, reported
from firestore_codegen.emit.attributes import is_marked
from firestore_codegen.emit.tree import compare_tree


def check(
    schema: SchemaOption = SCHEMA,
    out: OutOption = OUT,
    templates: TemplatesOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Compare the package with what `generate` would make; exit 1 and show the difference if there is one."""
    with reported(output):
        package = package_of(schema, templates)
        result = compare_tree(out / package.name, package.files)
        marked = is_marked(out, package.name)
    show_comparison(package.name, out, result, marked, output)
    if not (result.clean and marked):
        raise typer.Exit(1)
