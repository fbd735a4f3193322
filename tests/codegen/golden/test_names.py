"""A schema may call its classes what it likes: what the generated modules call themselves is reserved, and no more."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from firestore_codegen.emit.expressions import codec_name
from firestore_codegen.emit.plan import plan
from firestore_codegen.emit.render import render
from firestore_codegen.names import RESERVED_CLASS_NAMES, class_name
from tests.codegen.golden.packages import VARYING, Case, case, cases


@pytest.fixture(scope="module")
def rendered() -> dict[str, str]:
    """What is rendered has all imports of the templates; those that a package does not need go when it is formatted."""
    return render(plan(case("scalars").package))


def _names(source: str) -> Iterator[str]:
    """What a module imports or defines."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.ClassDef):
            yield node.name


def _of_schema(of: Case) -> set[str]:
    """The classes that a schema has, and those that are made for them."""
    client, settings = of.package.client, f"{of.package.client.removesuffix('Client')}Settings"
    collections = {collection.class_name for collection in of.package.collections}
    bases = {model.name for model in of.package.models} | {enum.name for enum in of.package.enums}
    made = {f"{base}{suffix}" for base in bases for suffix in ("", "Field", "Fields", "Patch")}
    flavoured = {client, *collections, *(f"{name}ByPath" for name in collections)}
    return made | flavoured | {f"Async{name}" for name in flavoured} | {settings}


def test_the_names_of_our_classes_are_reserved(rendered: dict[str, str]) -> None:
    modules = (*(path for path in VARYING if path in rendered), "_async/collections.py")
    names = {name for path in modules for name in _names(rendered[path])} - _of_schema(case("scalars"))

    assert {name for name in names if name[0].isupper()} - RESERVED_CLASS_NAMES == set()


def test_the_names_that_models_import_are_reserved() -> None:
    for each in cases():
        names = set(_names(each.generated.files["models.py"])) - _of_schema(each)
        assert {name for name in names if name[0].isupper()} - RESERVED_CLASS_NAMES == set(), each.package.name


def test_no_model_takes_the_name_of_a_codec(rendered: dict[str, str]) -> None:
    functions = {name for name in _names(rendered["codecs.py"]) if name.startswith(("encode_", "decode_"))}
    taken = {name.partition("_")[2] for name in functions}

    assert "string" in taken
    assert {name for name in taken if codec_name(class_name(name)) == name} == set()
