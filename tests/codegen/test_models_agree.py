"""The classes that datamodel-code-generator writes are the ones that the IR speaks of: names, keys, types, defaults."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from jinja2 import Environment, FileSystemLoader

from codegen.build import build
from codegen.expressions import annotation
from codegen.ir import AnyValue, Field, Package
from codegen.models import render_models
from codegen.normalize import NormalizedSchema, normalize
from codegen.resources import template_dir
from codegen.sources import load_sources
from tests.codegen.schemas import GRAMMAR, MEMORY, ROOT, write_schema


@pytest.fixture(params=["memory", "library", "grammar"])
def schema(request: pytest.FixtureRequest, tmp_path: Path) -> NormalizedSchema:
    directories = {"memory": MEMORY, "library": ROOT / "tests" / "schemas" / "library"}
    directory = directories.get(request.param) or write_schema(tmp_path, GRAMMAR)
    return normalize(load_sources(directory))


class _Inlined(ast.NodeTransformer):
    """Type aliases as what they stand for, without constraints and quotes: the type alone."""

    def __init__(self, aliases: dict[str, ast.expr]) -> None:
        self.aliases = aliases

    def visit_Name(self, node: ast.Name) -> ast.expr:
        found = self.aliases.get(node.id)
        return node if found is None else self.visit(found)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        match node:
            case ast.Subscript(value=ast.Name("Annotated"), slice=ast.Tuple([inner, *_])):
                return self.visit(inner)
            case ast.Subscript(value=ast.Name("Union"), slice=ast.Tuple(members)):
                names = [ast.Name(m.value) if isinstance(m, ast.Constant) else m for m in members]
                return ast.parse(" | ".join(ast.unparse(self.visit(name)) for name in names), mode="eval").body
        return self.generic_visit(node)


def _aliases(module: ast.Module) -> dict[str, ast.expr]:
    return {
        node.targets[0].id: node.value.args[1]
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name)
    }


def _fields(node: ast.ClassDef) -> dict[str, ast.AnnAssign]:
    return {item.target.id: item for item in node.body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)}


def _alias(node: ast.AnnAssign) -> Iterator[str]:
    for call in ast.walk(node.annotation):
        if isinstance(call, ast.Call):
            yield from (keyword.value.value for keyword in call.keywords if keyword.arg == "alias" and isinstance(keyword.value, ast.Constant))


def _expected(field: Field) -> str:
    return annotation(field.type).replace("datetime", "UtcDatetime")


def test_classes_and_fields_are_those_of_the_ir(schema: NormalizedSchema) -> None:
    package = build(schema)
    module = ast.parse(render_models(schema))
    aliases = _aliases(module)
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    assert set(classes) == {model.name for model in package.models} | {enum.name for enum in package.enums}
    for model in package.models:
        written = _fields(classes[model.name])
        assert list(written) == [field.name for field in model.fields], model.name
        for field in model.fields:
            node = written[field.name]
            where = f"{model.name}.{field.name}"
            text = ast.unparse(_Inlined(aliases).visit(ast.parse(ast.unparse(node.annotation), mode="eval").body))
            if isinstance(field.type, AnyValue):
                text = text.removesuffix(" | None")
            assert text == _expected(field), where
            assert list(_alias(node)) == ([field.key] if field.key != field.name else []), where
            assert (node.value is None) == field.required, where
    for enum in package.enums:
        members = {ast.unparse(item.targets[0]): ast.literal_eval(item.value) for item in classes[enum.name].body if isinstance(item, ast.Assign)}
        assert members == dict(enum.members)


def test_every_description_is_a_docstring(schema: NormalizedSchema) -> None:
    package = build(schema)
    source = render_models(schema)
    for model in package.models:
        assert model.description in source
        assert all(field.description in source for field in model.fields)


def _import(package: Package, source: str, directory: Path) -> ModuleType:
    """Import models.py beside the values.py that it needs, as a package of its own."""
    name = f"models_of_{directory.name.replace('-', '_')}"
    home = directory / name
    home.mkdir()
    values = Environment(loader=FileSystemLoader(template_dir())).get_template("values.py.jinja").render(package=package)
    for file, text in {"__init__.py": "", "values.py": values, "models.py": source}.items():
        (home / file).write_text(text)
    sys.path.insert(0, str(directory))
    try:
        return importlib.import_module(f"{name}.models")
    finally:
        sys.path.remove(str(directory))


@pytest.fixture
def grammar(tmp_path: Path) -> ModuleType:
    schema = normalize(load_sources(write_schema(tmp_path / "schema", GRAMMAR)))
    return _import(build(schema), render_models(schema), tmp_path)


def test_defaults_are_values_of_their_types(grammar: ModuleType) -> None:
    made = grammar.Defaults()
    assert made.day == date(2020, 2, 29)
    assert made.moment == datetime(2019, 12, 31, 22, tzinfo=UTC)
    assert made.span == timedelta(days=1, hours=2)
    assert made.raw == b"hi"
    assert (made.colour, made.level, made.colours) == ("class", -2, ["1st"])
    assert made.pet.lives == 7
    assert made.pets["tom"].lives == 9
    assert made.here.longitude == 2.5
    assert type(made.path) is type(grammar.Firestore.model_fields["book"].annotation.__args__[0]("a/b"))


def test_defaults_belong_to_one_object(grammar: ModuleType) -> None:
    first, second = grammar.Defaults(), grammar.Defaults()
    first.colours.append("x")
    first.pet.lives = 1
    first.anything["a"].append(4)
    assert second == grammar.Defaults()
    one, other = (grammar.Containers(tags=[], meta={}) for _ in range(2))
    one.filled.append("b")
    one.open["b"] = 2
    assert (other.filled, other.open) == (["a"], {"a": 1})


def test_now_is_the_time_of_each_object(grammar: ModuleType) -> None:
    values = {"where": {"latitude": 0, "longitude": 0}, "vector": [1, 2, 3]}
    before = datetime.now(UTC)
    first, second = grammar.Firestore(**values), grammar.Firestore(**values)
    assert before <= first.now_ <= second.now_ <= datetime.now(UTC)
    assert first.created is None


def test_constraints_of_nested_values_hold_and_values_stay_plain(grammar: ModuleType) -> None:
    made = grammar.Containers(tags=["a"], meta={}, sizes={"x": 1})
    assert type(made.tags[0]) is str
    assert type(made.sizes["x"]) is int
    with pytest.raises(ValueError, match="tags"):
        grammar.Containers(tags=[""], meta={})
    with pytest.raises(ValueError, match="sizes"):
        grammar.Containers(tags=[], meta={}, sizes={"x": 0})


def test_tags_choose_the_model(grammar: ModuleType) -> None:
    made = grammar.Choices.model_validate({"creatures": [{"kind": "dog", "friends": [{"kind": "cat"}]}], "implied": {"kind": "cat"}})
    assert type(made.creatures[0]) is grammar.Dog
    assert type(made.creatures[0].friends[0]) is grammar.Cat
    assert type(made.implied) is grammar.Cat


def test_stored_keys_and_python_names_both_construct(grammar: ModuleType) -> None:
    by_key = grammar.Names.model_validate({"class": "a", "from it": "class", "a.b": "x"})
    by_name = grammar.Names(class_="a", from_it="class", a_b="x")
    assert by_key == by_name


def test_output_does_not_vary(schema: NormalizedSchema) -> None:
    assert render_models(schema) == render_models(schema)
