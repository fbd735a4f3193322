"""Normalised schema to IR: a package whose every name, type, path and query is decided."""

from __future__ import annotations

import keyword
import sys

from firestore_codegen.adapters.build import build_adapters
from firestore_codegen.collections.build import build_collections
from firestore_codegen.collections.check_names import check_names
from firestore_codegen.errors import Place, Problem, Problems
from firestore_codegen.ir import Package
from firestore_codegen.read.sources import CONFIG_FILE
from firestore_codegen.schema.normalize import NormalizedSchema

# A package of one of these names would hide what the generated code itself imports.
_TAKEN_PACKAGES = sys.stdlib_module_names | {
    "google",
    "grpc",
    "pydantic",
    "pydantic_core",
    "pydantic_settings",
    "typing_extensions",
}


def build(schema: NormalizedSchema) -> Package:
    """Return the package that the schema and its collections describe.

    Raises:
        Problems: There are mistakes; all of them, those found while reading and normalising too.
    """
    problems = list(schema.problems)
    collections = build_collections(schema, problems)
    adapters = build_adapters(schema, collections, problems)
    problems += check_names(schema, collections)
    name = schema.config.get("package")
    if isinstance(name, str):
        problems += _package_problems(name)
    if not (schema.models or problems):
        problems.append(
            (Place(CONFIG_FILE) / "models").problem(
                "the files define no model", "a model is an object with `properties`"
            )
        )
    if problems:
        raise Problems(sorted(set(problems), key=_order))
    config = schema.config
    return Package(
        name=config["package"],
        description=config.get("description", ""),
        client=config["client"],
        env_prefix=config.get("env_prefix", f"{config['package'].upper()}_"),
        naive_datetimes=config.get("naive_datetimes", "error"),
        enums=schema.enums,
        models=schema.models,
        collections=collections,
        adapters=adapters,
    )


def _package_problems(name: str) -> list[Problem]:
    place = Place(CONFIG_FILE) / "package"
    if keyword.iskeyword(name):
        return [place.problem(f"`{name}` is a keyword of Python", "choose another name")]
    if name in _TAKEN_PACKAGES:
        return [
            place.problem(
                f"a package named `{name}` would hide the one that Python or the client needs", "choose another name"
            )
        ]
    return []


def _order(problem: Problem) -> tuple[bool, str, str, str]:
    return problem.file != CONFIG_FILE, problem.file, problem.pointer, problem.message
