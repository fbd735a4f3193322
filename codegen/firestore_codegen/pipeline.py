"""The stages in order: from a directory of JSON to the text of every file of a package. It writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from firestore_codegen.banner import with_banner
from firestore_codegen.build import build
from firestore_codegen.format import format_files
from firestore_codegen.models import render_models
from firestore_codegen.normalize import normalize
from firestore_codegen.plan import plan
from firestore_codegen.render import render
from firestore_codegen.sources import load_sources


@dataclass(frozen=True, slots=True)
class GeneratedPackage:
    """A package that is ready to be written: its import name, and its files by their path in it."""

    name: str
    files: Mapping[str, str]


def generate_files(schema_dir: Path) -> GeneratedPackage:
    """Generate the package that the schema directory describes.

    Raises:
        Problems: The schema or the configuration has mistakes; all of them are reported together.
        GeneratedCodeError: The generator made something that is not Python.
    """
    schema = normalize(load_sources(schema_dir))
    package = build(schema)
    outputs = plan(package)
    made = render(outputs) | {"models.py": render_models(schema)}
    formatted = format_files({path: made[path] for path in sorted(made)})
    return GeneratedPackage(package.name, {path: with_banner(path, text) for path, text in formatted.items()})
