"""The command `migrate`: it runs the migration that a generated package with older interfaces brings along."""

from __future__ import annotations

import gc
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from codegen.errors import Problem, Problems
from codegen.report import Format, show_problems

if TYPE_CHECKING:
    from types import ModuleType


def migrate(
    source: Annotated[str, typer.Option("--from", metavar="URL", help="The store of the documents.")],
    target: Annotated[
        str, typer.Option("--to", metavar="URL", help="The store of the copies, which may be the same one.")
    ],
    layout: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A shape of older documents; may be given several times. [default: all]"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would become of the documents.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Compare both sides; exit 1 if they differ.")] = False,
    reverse: Annotated[
        bool, typer.Option("--reverse", help="Make current documents older ones again; name their layouts.")
    ] = False,
    namespace: Annotated[str | None, typer.Option(metavar="NAME", help="That of the current documents.")] = None,
    old_namespace: Annotated[str | None, typer.Option(metavar="NAME", help="That of the older ones.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Says how far it has come; run again to go on there.")
    ] = None,
    quarantine: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Takes what cannot be converted, and why, a line each.")
    ] = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Takes the report, as JSON.")] = None,
    rate: Annotated[float | None, typer.Option(metavar="N", help="Documents to copy in a second at most.")] = None,
    batch: Annotated[int, typer.Option(metavar="N", help="Documents to copy at once.")] = 200,
    schema: Annotated[
        Path, typer.Option("--schema", metavar="DIR", help="The directory of collections.json and its models.")
    ] = Path("schema"),
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the package lies, in a directory of its own name.")
    ] = Path("generated"),
    output: Annotated[Format, typer.Option("--format", help="Text for people, JSON for machines.")] = Format.TEXT,
) -> None:
    """Copy the documents of older interfaces into the current collections, while programs may write both.

    Nothing is written to where they come from, and running it again only copies what has changed. Exits with 1 if a
    document cannot be converted, if --verify finds a difference, or if a store fails.
    """
    from codegen.migration_report import show_migration, watch_migration  # other commands need not wait for its tables

    try:
        if dry_run and verify:
            raise Problems([Problem("", "", "--dry-run and --verify exclude each other", "leave one out")])
        module, errors = _modules(schema, out)
        try:
            with watch_migration() as on_progress:
                result = module.migrate(
                    source,
                    target,
                    work="plan" if dry_run else "verify" if verify else "copy",
                    reverse=reverse,
                    layouts=layout or (),
                    namespace=namespace,
                    old_namespace=old_namespace,
                    checkpoint=checkpoint,
                    quarantine=quarantine,
                    rate=rate,
                    batch=batch,
                    on_progress=on_progress,
                )
        except (errors.ConfigurationError, errors.ValidationError) as error:
            raise Problems([Problem("", "", str(error), "")]) from error
        except errors.StorageError as error:
            show_problems([Problem("", "", str(error), "what is copied stays so; run it again to go on")], output)
            raise typer.Exit(1) from error
        if report is not None:
            report.write_text(json.dumps(result.to_json(), indent=2) + "\n", encoding="utf-8")
    except Problems as error:
        show_problems(error.problems, output)
        raise typer.Exit(2) from error
    except OSError as error:
        show_problems([Problem(error.filename or "", "", error.strerror or str(error))], output)
        raise typer.Exit(2) from error
    show_migration(result.to_json(), output)
    if not result.is_clean:
        raise typer.Exit(1)


def _modules(schema: Path, out: Path) -> tuple[ModuleType, Any]:  # the errors are classes of a package that varies
    """Import what moves documents, and its errors, from the package that is generated from a schema.

    Raises:
        Problems: The schema cannot be read, or the package is not there, or has nothing to move.
    """
    from codegen.sources import load_sources  # --help need not wait for it

    sources = load_sources(schema)
    package = sources.config.get("package")
    if not isinstance(package, str):
        raise Problems(sources.problems)
    sys.path.insert(0, str(out.resolve()))
    gc.enable()  # unlike generating, it goes on for as long as there are documents
    try:
        return import_module(f"{package}.adapters.migration"), import_module(f"{package}.errors")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith(package):
            raise
        hint = "run `generate` first; only packages with adapters of older interfaces move documents"
        raise Problems([Problem(str(out / package), "", f"there is no module {error.name}", hint)]) from error
