"""The command `generate`."""

from __future__ import annotations

from firestore_codegen.commands.options import OUT, SCHEMA, FormatOption, OutOption, SchemaOption, TemplatesOption
from firestore_codegen.commands.report import Format, show_written
from firestore_codegen.commands.running import package_of, reported
from firestore_codegen.emit.attributes import mark_generated
from firestore_codegen.emit.tree import write_tree


def generate(
    schema: SchemaOption = SCHEMA,
    out: OutOption = OUT,
    templates: TemplatesOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Write the package: new and changed files, and remove those that it no longer has."""
    with reported(output):
        package = package_of(schema, templates)
        result = write_tree(out / package.name, package.files)
        newly_marked = mark_generated(out, package.name)
    show_written(package.name, out, result, newly_marked, output)
