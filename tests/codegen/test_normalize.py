"""What a schema means: the IR of each form that JSON Schema can give to a type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from firestore_codegen.ir import (
    AnyValue,
    Array,
    Constant,
    Discriminator,
    Enum,
    EnumRef,
    Field,
    Map,
    ModelRef,
    Nullable,
    Reference,
    Scalar,
    ScalarKind,
    TypeRef,
    Union,
    Vector,
)
from firestore_codegen.read.sources import load_sources
from firestore_codegen.schema.normalize import NormalizedSchema, normalize
from tests.codegen.schemas import MOMENT, TEXT, model, ref, write_schema

STRING, INTEGER, NUMBER = Scalar(ScalarKind.STRING), Scalar(ScalarKind.INTEGER), Scalar(ScalarKind.NUMBER)
TIMESTAMP, DATE = Scalar(ScalarKind.TIMESTAMP), Scalar(ScalarKind.DATE)
OTHERS: dict[str, Any] = {
    "Colour": {"enum": ["red", "blue"]},
    "Node": model(next=ref("Node")),
    "Cat": model("kind", kind={"const": "cat"}),
    "Dog": model("kind", kind={"enum": ["dog"]}),
    "Moment": MOMENT | {"description": "A time."},
    "Pet": {"oneOf": [ref("Cat"), ref("Dog")]},
    "Maybe": {"type": ["string", "null"]},
}
PET = Union((ModelRef("Cat"), ModelRef("Dog")), Discriminator("kind", (("cat", "Cat"), ("dog", "Dog"))))


def read(directory: Path, definitions: dict[str, Any], **config: Any) -> NormalizedSchema:
    schema = normalize(load_sources(write_schema(directory, definitions, **config)))
    assert schema.problems == ()
    return schema


def fields(schema: NormalizedSchema, name: str) -> dict[str, Field]:
    (found,) = [model for model in schema.models if model.name == name]
    return {field.key: field for field in found.fields}


@pytest.mark.parametrize(
    ("property_schema", "expected"),
    [
        (TEXT, STRING),
        ({"type": "boolean"}, Scalar(ScalarKind.BOOLEAN)),
        ({"type": "integer"}, INTEGER),
        ({"type": "number"}, NUMBER),
        ({"type": "null"}, Scalar(ScalarKind.NULL)),
        ({"format": "date"}, DATE),
        (MOMENT, TIMESTAMP),
        ({"type": "string", "format": "time"}, Scalar(ScalarKind.TIME)),
        ({"type": "string", "format": "duration"}, Scalar(ScalarKind.DURATION)),
        ({"type": "string", "format": "decimal"}, Scalar(ScalarKind.DECIMAL)),
        ({"type": "string", "format": "uuid"}, Scalar(ScalarKind.UUID)),
        ({"type": "string", "format": "binary"}, Scalar(ScalarKind.BYTES)),
        ({"type": "string", "contentEncoding": "base64"}, Scalar(ScalarKind.BYTES)),
        ({"type": "string", "format": "email"}, STRING),
        ({"minimum": 1}, NUMBER),
        ({}, AnyValue()),
        (True, AnyValue()),
        ({"const": "a"}, Constant("a")),
        ({"const": True}, Constant(True)),
        ({"const": None}, Scalar(ScalarKind.NULL)),
        ({"enum": ["only"]}, Constant("only")),
        ({"enum": [True, False]}, Scalar(ScalarKind.BOOLEAN)),
        ({"enum": ["a", "b"]}, EnumRef("AX")),
        ({"enum": ["a", "b", None]}, Nullable(EnumRef("AX"))),
        ({"enum": [None]}, Scalar(ScalarKind.NULL)),
        ({"title": "some letter", "enum": ["a"]}, EnumRef("SomeLetter")),
        ({"type": ["string", "null"]}, Nullable(STRING)),
        ({"type": ["string", "integer", "null"]}, Nullable(Union((STRING, INTEGER)))),
        ({"anyOf": [TEXT, {"type": "null"}]}, Nullable(STRING)),
        ({"oneOf": [TEXT]}, STRING),
        ({"anyOf": [TEXT, {"type": "string", "format": "uri"}]}, STRING),
        ({"anyOf": [TEXT, {"anyOf": [{"type": "integer"}, {"type": "null"}]}]}, Nullable(Union((STRING, INTEGER)))),
        ({"anyOf": [TEXT, {}]}, AnyValue()),
        ({"anyOf": [TEXT, ref("Colour"), ref("Node")]}, Union((STRING, EnumRef("Colour"), ModelRef("Node")))),
        ({"type": "array"}, Array(AnyValue())),
        ({"items": TEXT}, Array(STRING)),
        ({"type": "array", "items": {"type": ["string", "null"], "minLength": 1}}, Array(Nullable(STRING))),
        ({"type": "array", "items": {"properties": {"a": TEXT}}}, Array(ModelRef("AXItem"))),
        ({"type": "object"}, Map(AnyValue())),
        ({"type": "object", "additionalProperties": False}, Map(AnyValue())),
        ({"additionalProperties": {"type": "integer"}}, Map(INTEGER)),
        ({"additionalProperties": {"enum": [1, 2]}}, Map(EnumRef("AXValue"))),
        ({"patternProperties": {"^a": MOMENT}}, Map(TIMESTAMP)),
        ({"type": "object", "propertyNames": {"maxLength": 3}}, Map(AnyValue())),
        ({"properties": {}}, ModelRef("AX")),
        (
            {"anyOf": [{"properties": {"a": TEXT}}, {"properties": {"b": TEXT}}]},
            Union((ModelRef("AX1"), ModelRef("AX2"))),
        ),
        ({"anyOf": [{"properties": {"a": TEXT}}, {"type": "null"}]}, Nullable(ModelRef("AX"))),
        (ref("Colour"), EnumRef("Colour")),
        (ref("Node"), ModelRef("Node")),
        (ref("Moment"), TIMESTAMP),
        (ref("Maybe"), Nullable(STRING)),
        (ref("Pet"), PET),
        ({"allOf": [ref("Node")], "description": "Wrapped."}, ModelRef("Node")),
        ({"allOf": [{"type": "string"}, {"minLength": 1}]}, STRING),
        ({"$ref": "#/$defs/Node", "properties": {"more": TEXT}}, ModelRef("AX")),
        ({"anyOf": [ref("Cat"), ref("Dog"), {"type": "null"}]}, Nullable(PET)),
        ({"type": "array", "items": ref("Pet")}, Array(PET)),
        ({"x-firestore": {"type": "geopoint"}}, Scalar(ScalarKind.GEOPOINT)),
        ({"items": {"x-firestore": {"type": "geopoint"}}}, Array(Scalar(ScalarKind.GEOPOINT))),
        ({"type": "string", "x-firestore": {"type": "reference", "collection": "books"}}, Reference("books")),
        ({"x-firestore": {"type": "reference"}}, Reference(None)),
        ({"items": {"type": "number"}, "x-firestore": {"type": "vector", "dimension": 3}}, Vector(3)),
        ({"type": ["array", "null"], "x-firestore": {"type": "vector", "dimension": 3}}, Nullable(Vector(3))),
    ],
)
def test_type(property_schema: Any, expected: TypeRef, tmp_path: Path) -> None:
    schema = read(tmp_path, {"A": model("x", x=property_schema)} | OTHERS)
    assert fields(schema, "A")["x"].type == expected


@pytest.mark.parametrize(
    ("property_schema", "required", "expected", "is_required"),
    [
        (TEXT, True, STRING, True),
        (TEXT, False, Nullable(STRING), False),
        (TEXT | {"default": "a"}, False, STRING, False),
        (TEXT | {"default": "a"}, True, STRING, False),
        (TEXT | {"default": None}, False, Nullable(STRING), False),
        ({"type": ["string", "null"]}, True, Nullable(STRING), True),
        ({}, True, AnyValue(), True),
        ({}, False, AnyValue(), False),
        ({"const": 1}, True, Constant(1), False),
        ({"const": 1}, False, Constant(1), False),
        (MOMENT | {"x-firestore": {"default": "now"}}, True, TIMESTAMP, False),
        (MOMENT | {"x-firestore": {"type": "server_timestamp", "on": "write"}}, True, Nullable(TIMESTAMP), False),
    ],
)
def test_what_may_be_missing(
    property_schema: Any, required: bool, expected: TypeRef, is_required: bool, tmp_path: Path
) -> None:
    schema = read(tmp_path, {"A": model(*(["x"] if required else []), x=property_schema)})
    found = fields(schema, "A")["x"]
    assert (found.type, found.required) == (expected, is_required)


def test_allof_is_one_class(tmp_path: Path) -> None:
    base = model("a", a=TEXT) | {"description": "The base."}
    derived = {"allOf": [ref("Base"), model("b", b=TEXT)], "properties": {"c": TEXT}, "required": ["c"]}
    schema = read(tmp_path, {"Base": base, "Derived": derived})
    assert {key: field.required for key, field in fields(schema, "Derived").items()} == {
        "a": True,
        "b": True,
        "c": True,
    }
    assert [found.description for found in schema.models] == ["The base.", ""]


def test_definitions_elsewhere(tmp_path: Path) -> None:
    write_schema(
        tmp_path,
        {"A": model(other={"$ref": "sub/other.json#/definitions/B"})},
        models=["models.json", "sub/other.json"],
    )
    (tmp_path / "sub").mkdir()
    root = {
        "title": "the root",
        "type": "object",
        "properties": {"again": {"$ref": "#"}, "back": {"$ref": "../models.json#/$defs/A"}},
        "definitions": {"B": model(c=TEXT)},
    }
    (tmp_path / "sub" / "other.json").write_text(json.dumps(root))
    schema = normalize(load_sources(tmp_path))
    assert schema.problems == ()
    assert fields(schema, "A")["other"].type == Nullable(ModelRef("B"))
    assert [field.type for field in fields(schema, "TheRoot").values()] == [
        Nullable(ModelRef("TheRoot")),
        Nullable(ModelRef("A")),
    ]


def test_descriptions_come_from_the_nearest_place(tmp_path: Path) -> None:
    schema = read(tmp_path, {"A": model(x=ref("Moment"), y=ref("Moment", description="Mine."), z=ref("Cat"))} | OTHERS)
    assert [field.description for field in fields(schema, "A").values()] == ["A time.", "Mine.", ""]


def test_defaults_and_settings_beside_a_reference(tmp_path: Path) -> None:
    now = {"x-firestore": {"default": "now"}}
    schema = read(tmp_path, {"A": model(x=ref("Moment") | now, colour=ref("Colour", default="red"))} | OTHERS)
    assert schema.defaults["A"] == {"x": "Field(default_factory=now)", "colour": "Colour.RED"}


def test_enums_have_names_and_values(tmp_path: Path) -> None:
    named = {"enum": [1, 2], "x-enum-varnames": ["LOW", "HIGH"], "description": "How much."}
    schema = read(tmp_path, {"A": model(x=TEXT), "Level": named})
    assert schema.enums == (Enum("Level", "How much.", (("LOW", 1), ("HIGH", 2))),)


def test_generated_ids_start_empty(tmp_path: Path) -> None:
    collection = {"model": "A", "path": "a", "document_id": {"field": "id", "generate": "auto"}}
    schema = read(tmp_path, {"A": model("id", id=TEXT)}, collections={"all_a": collection})
    assert fields(schema, "A")["id"] == Field("id", "id", STRING, required=False)
    assert schema.definitions["A"]["properties"]["id"]["default"] == ""


@pytest.mark.parametrize(
    "declared", [{}, {"x-firestore": {"type": "vector"}}, {"x-firestore": {"type": "vector", "dimension": 3}}]
)
def test_vectors_may_be_declared_in_collections(declared: dict[str, Any], tmp_path: Path) -> None:
    dimension = {} if "dimension" in declared.get("x-firestore", {}) else {"dimension": 3}
    collection = {"model": "A", "path": "a", "vectors": {"v": {"any_dimension": True} | dimension}}
    numbers = {"type": "array", "items": {"type": "number"}} | declared
    schema = read(tmp_path, {"A": model("v", v=numbers)}, collections={"all_a": collection})
    assert fields(schema, "A")["v"].type == Vector(3, any_dimension=True)
