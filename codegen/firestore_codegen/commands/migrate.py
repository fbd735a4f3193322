"""The command `migrate`: it runs the migration that a generated package with older interfaces brings along."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from firestore_codegen.commands.options import OUT, SCHEMA, FormatOption, OutOption, SchemaOption
from firestore_codegen.commands.report import Format, show_problems
from firestore_codegen.commands.running import reported
from firestore_codegen.errors import Problem, Problems
from firestore_runtime.errors import ConfigurationError, StorageError, ValidationError

if TYPE_CHECKING:
    from types import ModuleType


_Source = Annotated[str, typer.Option("--from", metavar="URL", help="The store of the documents.")]
_Target = Annotated[
    str, typer.Option("--to", metavar="URL", help="The store of the copies, which may be the same one.")
]
_Layouts = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="A shape of older documents; may be given several times. [default: all]"),
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would become of the documents.")]
_Verify = Annotated[bool, typer.Option("--verify", help="Compare both shapes; exit 1 if they differ.")]
_Reverse = Annotated[
    bool, typer.Option("--reverse", help="Make current documents older ones again; name their layouts.")
]
_Namespace = Annotated[str | None, typer.Option(metavar="NAME", help="That of the current documents.")]
_OldNamespace = Annotated[str | None, typer.Option(metavar="NAME", help="That of the older ones.")]
_Checkpoint = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Says how far it has come; run again to go on there.")
]
_Quarantine = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Takes what cannot be converted, and why, a line each.")
]
_Report = Annotated[Path | None, typer.Option(metavar="FILE", help="Takes the report, as JSON.")]
_Rate = Annotated[float | None, typer.Option(metavar="N", help="Documents to copy in a second at most.")]
_Batch = Annotated[int, typer.Option(metavar="N", help="Documents to copy at once.")]


def migrate(
    source: _Source,
    target: _Target,
    layout: _Layouts = None,
    dry_run: _DryRun = False,
    verify: _Verify = False,
    reverse: _Reverse = False,
    namespace: _Namespace = None,
    old_namespace: _OldNamespace = None,
    checkpoint: _Checkpoint = None,
    quarantine: _Quarantine = None,
    report: _Report = None,
    rate: _Rate = None,
    batch: _Batch = 200,
    schema: SchemaOption = SCHEMA,
    out: OutOption = OUT,
    output: FormatOption = Format.TEXT,
) -> None:
    """Copy the documents of older interfaces into the current collections, while programs may write both.

    Nothing is written to where they come from, and running it again only copies what has changed. Exits with 1 if a
    document cannot be converted, if --verify finds a difference, or if a store fails.
    """
    given = {
        "reverse": reverse,
        "layouts": layout or (),
        "namespace": namespace,
        "old_namespace": old_namespace,
        "checkpoint": checkpoint,
        "quarantine": quarantine,
        "rate": rate,
        "batch": batch,
    }
    with reported(output):
        given["work"] = _work(dry_run=dry_run, verify=verify)
        result = _run(schema, out, output, source, target, given)
        _report(result, report, output)


def _work(*, dry_run: bool, verify: bool) -> str:
    if dry_run and verify:
        raise Problems([Problem("", "", "--dry-run and --verify exclude each other", "leave one out")])
    return "plan" if dry_run else "verify" if verify else "copy"


def _report(result: Any, file: Path | None, output: Format) -> None:  # `Any`: as in `_run`
    """Write the report to a file, if one is given, and show it; exit with 1 if it is not clean."""
    from firestore_codegen.commands.migration_report import show_migration  # with tables, which load slowly

    if file is not None:
        file.write_text(json.dumps(result.to_json(), indent=2) + "\n", encoding="utf-8")
    show_migration(result.to_json(), output)
    if not result.is_clean:
        raise typer.Exit(1)


def _run(  # `Any`: the report is of a class of a package that varies
    schema: Path, out: Path, output: Format, source: str, target: str, given: Mapping[str, object]
) -> Any:
    """Run the migration of the package that is generated from a schema, and return its report.

    Raises:
        Problems: An argument is wrong, or the package has nothing to move.
        typer.Exit: A store failed, which has been reported.
    """
    from firestore_codegen.commands.migration_report import watch_migration

    module = _migration_module(schema, out)
    try:
        with watch_migration() as on_progress:
            return module.migrate(source, target, **given, on_progress=on_progress)
    except (ConfigurationError, ValidationError) as error:
        raise Problems([Problem("", "", str(error), "")]) from error
    except StorageError as error:
        show_problems([Problem("", "", str(error), "run it again to go on")], output, "what was copied stays so")
        raise typer.Exit(1) from error


def _migration_module(schema: Path, out: Path) -> ModuleType:
    """Import what moves documents from the package that is generated from a schema.

    Raises:
        Problems: The schema cannot be read, or the package is not there, or has nothing to move.
    """
    from firestore_codegen.read.sources import load_sources  # --help need not wait for it

    sources = load_sources(schema)
    package = sources.config.get("package")
    if not isinstance(package, str):
        raise Problems(sources.problems)
    sys.path.insert(0, str(out.resolve()))
    gc.enable()  # unlike generating, it goes on for as long as there are documents
    try:
        return import_module(f"{package}.adapters.migration")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith(package):
            raise
        hint = "run `generate` first; only packages with adapters of older interfaces move documents"
        raise Problems([Problem(str(out / package), "", f"there is no module {error.name}", hint)]) from error
