"""The classes that datamodel-code-generator writes are the ones that the IR speaks of: names, keys, types, defaults."""

from __future__ import annotations

import ast
import importlib
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firestore_codegen.build import build
from firestore_codegen.emit.expressions import annotation
from firestore_codegen.emit.models import render_models
from firestore_codegen.ir import AnyValue, Field
from firestore_codegen.read.sources import load_sources
from firestore_codegen.schema.normalize import NormalizedSchema, normalize
from tests.codegen.schemas import GRAMMAR, MEMORY, ROOT, model, ref, write_schema


@pytest.fixture(params=["memory", "library", "grammar"])
def schema(request: pytest.FixtureRequest, tmp_path: Path) -> NormalizedSchema:
    directories = {"memory": MEMORY, "library": ROOT / "tests" / "schemas" / "library"}
    directory = directories.get(request.param) or write_schema(tmp_path, GRAMMAR)
    return normalize(load_sources(directory))


def _type(node: ast.expr, aliases: dict[str, ast.expr]) -> str:
    """Return an annotation without constraints and quotes, and with what its aliases stand for: the type alone."""
    match node:
        case ast.Name(name) if name in aliases:
            return _type(aliases[name], aliases)
        case ast.Subscript(value=ast.Name("Annotated"), slice=ast.Tuple([inner, *_])):
            return _type(inner, aliases)
        case ast.Subscript(value=ast.Name("Union"), slice=ast.Tuple(members)):
            return " | ".join(_type(member, aliases) for member in members)
        case ast.Subscript(value=ast.Name("list" | "dict" as name), slice=ast.Tuple(parts)):
            return f"{name}[{', '.join(_type(part, aliases) for part in parts)}]"
        case ast.Subscript(value=ast.Name("list"), slice=part):
            return f"list[{_type(part, aliases)}]"
        case ast.BinOp(left, _, right):
            return f"{_type(left, aliases)} | {_type(right, aliases)}"
        case ast.Constant(str(name)):
            return name
        case _:
            return ast.unparse(node)


def _aliases(module: ast.Module) -> dict[str, ast.expr]:
    return {
        node.targets[0].id: node.value.args[1]
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name)
    }


def _fields(node: ast.ClassDef) -> dict[str, ast.AnnAssign]:
    return {
        item.target.id: item
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    }


def _alias(node: ast.AnnAssign) -> list[object]:
    calls = [call for call in ast.walk(node.annotation) if isinstance(call, ast.Call)]
    keywords = [keyword for call in calls for keyword in call.keywords if keyword.arg == "alias"]
    return [ast.literal_eval(keyword.value) for keyword in keywords]


def _expected(field: Field) -> str:
    return annotation(field.type).replace("datetime", "UtcDatetime")


def test_classes_and_fields_are_those_of_the_ir(schema: NormalizedSchema) -> None:
    assert_agreement(schema)


def assert_agreement(schema: NormalizedSchema) -> None:
    package = build(schema)
    module = ast.parse(render_models(schema))
    aliases = _aliases(module)
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    assert set(classes) == {model.name for model in package.models} | {enum.name for enum in package.enums}
    for expected in package.models:
        written = _fields(classes[expected.name])
        assert list(written) == [field.name for field in expected.fields], expected.name
        for field in expected.fields:
            node = written[field.name]
            where = f"{expected.name}.{field.name}"
            text = _type(node.annotation, aliases)
            if isinstance(field.type, AnyValue):
                text = text.removesuffix(" | None")
            assert text == _expected(field), where
            assert _alias(node) == ([field.key] if field.key != field.name else []), where
            assert (node.value is None) == field.required, where
    for enum in package.enums:
        members = {
            ast.unparse(item.targets[0]): ast.literal_eval(item.value)
            for item in classes[enum.name].body
            if isinstance(item, ast.Assign)
        }
        assert members == dict(enum.members)


def test_every_description_is_a_docstring(schema: NormalizedSchema) -> None:
    source = render_models(schema)
    for found in build(schema).models:
        assert found.description in source
        assert all(field.description in source for field in found.fields)


def _import(source: str, directory: Path) -> ModuleType:
    """Import models.py, as a package of its own."""
    name = f"models_of_{directory.name.replace('-', '_')}"
    home = directory / name
    home.mkdir()
    for file, text in {"__init__.py": "", "models.py": source}.items():
        (home / file).write_text(text)
    sys.path.insert(0, str(directory))
    try:
        return importlib.import_module(f"{name}.models")
    finally:
        sys.path.remove(str(directory))


@pytest.fixture
def grammar(tmp_path: Path) -> ModuleType:
    schema = normalize(load_sources(write_schema(tmp_path / "schema", GRAMMAR)))
    return _import(render_models(schema), tmp_path)


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
    with pytest.raises(ValueError, match="limited"):
        grammar.Containers(tags=[], meta={}, limited=dict.fromkeys("abcd", ""))
    with pytest.raises(ValueError, match="tags"):
        grammar.Containers(tags=[""], meta={})
    with pytest.raises(ValueError, match="sizes"):
        grammar.Containers(tags=[], meta={}, sizes={"x": 0})


def test_tags_choose_the_model(grammar: ModuleType) -> None:
    made = grammar.Choices.model_validate(
        {"creatures": [{"kind": "dog", "friends": [{"kind": "cat"}]}], "implied": {"kind": "cat"}}
    )
    assert type(made.creatures[0]) is grammar.Dog
    assert type(made.creatures[0].friends[0]) is grammar.Cat
    assert type(made.implied) is grammar.Cat


def test_stored_keys_and_python_names_both_construct(grammar: ModuleType) -> None:
    by_key = grammar.Names.model_validate({"class": "a", "from it": "class", "a.b": "x"})
    by_name = grammar.Names(class_="a", from_it="class", a_b="x")
    assert by_key == by_name


LEAVES: list[dict[str, Any]] = [
    {},
    {"type": "string"},
    {"type": "string", "minLength": 1},
    {"type": "integer", "minimum": 0},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "string", "format": "date"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "binary"},
    {"const": "fixed"},
    {"enum": ["a", "b"]},
    {"type": "object", "properties": {"x": {"type": "string"}}},
    {"x-firestore": {"type": "geopoint"}},
    {"$ref": "#/$defs/Kind"},
    {"$ref": "#/$defs/Tree"},
    {"$ref": "#/$defs/Short"},
    {"$ref": "#/$defs/Pet"},
]


def _around(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Put a type into an array, a map, a choice, or beside null."""
    return st.one_of(
        st.builds(lambda items: {"type": "array", "items": items, "maxItems": 9}, inner),
        st.builds(lambda values: {"type": "object", "additionalProperties": values}, inner),
        st.builds(lambda one, other: {"anyOf": [one, other]}, inner, inner),
        st.builds(lambda one: {"anyOf": [one, {"type": "null"}]}, inner),
    )


NESTED = st.recursive(st.sampled_from(LEAVES), _around, max_leaves=4)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(properties=st.lists(NESTED, min_size=30, max_size=30), required=st.sets(st.integers(0, 29)))
def test_types_inside_types(properties: list[dict[str, Any]], required: set[int], tmp_path: Path) -> None:
    """Any nesting of types: those that Firestore cannot store are left out, the others agree."""
    definitions = {
        "Kind": {"enum": [1, 2]},
        "Tree": model(kids={"type": "array", "items": ref("Tree")}),
        "Short": {"type": "string", "maxLength": 3},
        "Cat": model("tag", tag={"const": "cat"}),
        "Dog": model("tag", tag={"const": "dog"}),
        "Pet": {"oneOf": [ref("Cat"), ref("Dog")]},
    }
    named = {f"f{at}": found for at, found in enumerate(properties)}
    wrong = normalize(load_sources(write_schema(tmp_path, definitions | {"A": model(**named)}))).problems
    for problem in wrong:
        named.pop(problem.pointer.split("/")[4], None)
    kept = [key for key in named if int(key[1:]) in required]
    assert_agreement(normalize(load_sources(write_schema(tmp_path, definitions | {"A": model(*kept, **named)}))))


def test_output_does_not_vary(schema: NormalizedSchema) -> None:
    assert render_models(schema) == render_models(schema)
