"""The stages in order: from a directory of JSON to the text of every file of a package. It writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from codegen.banner import with_banner
from codegen.build import build
from codegen.format import format_files
from codegen.models import render_models
from codegen.normalize import normalize
from codegen.plan import plan
from codegen.render import render
from codegen.sources import load_sources


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
    copied = {output.path for output in outputs if output.is_copied}  # formatted already, as templates
    made = render(outputs) | {"models.py": render_models(schema)}
    stamped = {path: with_banner(path, made[path]) for path in sorted(made)}
    formatted = format_files({path: text for path, text in stamped.items() if path not in copied})
    return GeneratedPackage(package.name, stamped | formatted)
