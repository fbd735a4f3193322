"""The stages in order: from a directory of JSON to the text of every file of a package. It writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from firestore_codegen.build import build
from firestore_codegen.emit.banner import with_banner
from firestore_codegen.emit.format import format_files
from firestore_codegen.emit.models import render_models
from firestore_codegen.emit.plan import plan
from firestore_codegen.emit.render import render
from firestore_codegen.emit.templates import template_problem, template_problems
from firestore_codegen.errors import Problems
from firestore_codegen.ir import Package
from firestore_codegen.read.sources import load_sources
from firestore_codegen.schema.normalize import NormalizedSchema, normalize


@dataclass(frozen=True, slots=True)
class GeneratedPackage:
    """A package that is ready to be written: its import name, and its files by their path in it."""

    name: str
    files: Mapping[str, str]


def generate_files(schema_dir: Path, templates: Path | None = None) -> GeneratedPackage:
    """Generate the package that the schema directory describes.

    Args:
        schema_dir: The directory of collections.json and its models.
        templates: A directory of templates that are used instead of ours of the same names.

    Raises:
        Problems: The schema, the configuration or a template of the user has mistakes; all of a stage are reported
            together.
        GeneratedCodeError: The generator made something that is not Python.
    """
    schema = normalize(load_sources(schema_dir))
    package = build(schema)
    made = _rendered(schema, package, templates)
    formatted = format_files({path: made[path] for path in sorted(made)})
    return GeneratedPackage(package.name, {path: with_banner(path, text) for path, text in formatted.items()})


def _rendered(schema: NormalizedSchema, package: Package, templates: Path | None) -> dict[str, str]:
    """Render every file, not yet formatted and without a banner."""
    if templates is not None and (problems := list(template_problems(templates))):
        raise Problems(problems)
    try:
        return render(plan(package), templates) | {"models.py": render_models(schema, templates)}
    except Problems:
        raise
    except Exception as error:  # a template can do anything
        if templates is None:
            raise
        raise Problems([template_problem(templates, error)]) from error
