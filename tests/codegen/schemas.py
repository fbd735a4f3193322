"""Schema directories for tests: the smallest ones, and one that uses the whole grammar."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MEMORY = ROOT / "schema"


def write_schema(directory: Path, definitions: dict[str, Any], **config: Any) -> Path:
    """Write a schema directory with these definitions; `config` replaces parts of a minimal collections.json."""
    directory.mkdir(parents=True, exist_ok=True)
    settings = {"package": "example", "client": "ExampleClient", "models": ["models.json"], "collections": {}} | config
    (directory / "collections.json").write_text(json.dumps(settings))
    (directory / "models.json").write_text(json.dumps({"$defs": definitions}))
    return directory


def model(*required: str, **properties: Any) -> dict[str, Any]:
    """Return the schema of an object."""
    return {"type": "object", "properties": properties, "required": list(required)}


def ref(name: str, **siblings: Any) -> dict[str, Any]:
    """Return a reference to a definition."""
    return {"$ref": f"#/$defs/{name}"} | siblings


MOMENT = {"type": "string", "format": "date-time"}
TEXT = {"type": "string"}
GRAMMAR: dict[str, Any] = {
    "Colour": {
        "type": "string",
        "enum": ["red-ish", "class", "1st", "redIsh2", ""],
        "description": "What it\nlooks like.",
    },
    "Level": {"enum": [1, -2, 30]},
    "Isbn": {
        "type": "string",
        "minLength": 10,
        "pattern": "^[0-9X]+$",
        "description": "A number of the trade.",
        "default": "0000000000",
    },
    "Moment": MOMENT,
    "Shelf": {"type": "array", "items": ref("Isbn")},
    "Creature": {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {"propertyName": "kind"}},
    "Alias": ref("Node"),
    "snake_case name": model("a", a=TEXT),
    "Base": model("made", made=MOMENT, name={"type": "string", "default": 'it\'s "quoted"\\\n'})
    | {"description": "Not inherited."},
    "Derived": {
        "allOf": [ref("Base"), {"properties": {"extra": {"type": "integer"}}, "required": ["extra"]}],
        "description": "More.",
    },
    "Cat": model("kind", kind={"const": "cat"}, lives={"type": "integer", "maximum": 9, "default": 9}),
    "Dog": model("kind", kind={"const": "dog"}, friends={"type": "array", "items": ref("Creature")}),
    "Node": model(value={}, children={"type": "array", "items": ref("Node")}, parent=ref("Node")),
    "Empty": {"type": "object", "properties": {}, "additionalProperties": False},
    "Texts": model(
        "plain",
        "moment",
        "nullable",
        plain=TEXT,
        moment=MOMENT,
        nullable={"type": ["string", "null"]},
        email={"type": "string", "format": "email"},
        day={"type": "string", "format": "date"},
        clock={"type": "string", "format": "time"},
        span={"type": "string", "format": "duration"},
        price={"type": "string", "format": "decimal"},
        key={"type": "string", "format": "uuid"},
        raw={"type": "string", "contentEncoding": "base64"},
        raw2={"type": ["string", "null"], "format": "binary"},
        short={"type": ["string", "null"], "maxLength": 3},
        isbn=ref("Isbn"),
        moments={"type": "array", "items": ref("Moment")},
        maybe_days={"type": "array", "items": {"type": ["string", "null"], "format": "date"}},
    ),
    "Numbers": model(
        "b",
        a={"type": "integer", "minimum": 0, "default": 3},
        b={"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5},
        c={"type": "number", "default": 2},
        d={"type": ["integer", "null"], "minimum": 1},
        e={"type": "boolean", "default": False},
        f={"type": "null"},
        g={"type": ["integer", "string"]},
        h={"type": ["number", "null"], "default": None},
    ),
    "Names": model(
        "class",
        "from it",
        **{
            "class": TEXT,
            "from it": ref("Colour"),
            "pen-names": {"type": "array", "items": TEXT},
            "ratings by country": {"type": "object", "additionalProperties": {"type": "number"}},
            "1st": TEXT,
            "_private": TEXT,
            "copy": TEXT,
            "model_dump": TEXT,
            "camelCase": TEXT,
            "HTTPServer": TEXT,
            "date": {"type": "string", "format": "date"},
            "a.b": TEXT,
            "ключ": TEXT,
            "self": TEXT,
            "list": {"type": "array", "items": {"type": "integer"}},
            "schema": {"const": 1},
            "x/y~z": TEXT,
            "datetime": MOMENT,
        },
    ),
    "Containers": model(
        "tags",
        "meta",
        tags={"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": 5},
        meta={"type": "object"},
        bare={"type": "array"},
        sizes={"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}, "minProperties": 1},
        matched={"type": "object", "patternProperties": {"^x": TEXT}},
        maybe={"type": ["object", "null"], "additionalProperties": {"type": "boolean"}},
        by_day={"type": "object", "additionalProperties": MOMENT},
        lists={"type": "object", "additionalProperties": {"type": "array", "items": ref("Colour")}},
        small={"type": ["array", "null"], "items": {"type": "number"}, "maxItems": 2},
        shelf=ref("Shelf"),
        filled={"type": "array", "items": TEXT, "default": ["a"]},
        limited={"type": ["object", "null"], "additionalProperties": TEXT, "maxProperties": 3},
        nodes={"type": "array", "items": {"anyOf": [ref("Alias"), {"type": "null"}]}},
        open={
            "type": "object",
            "additionalProperties": True,
            "propertyNames": {"pattern": "^[a-z]"},
            "default": {"a": 1},
        },
        inline={
            "type": "array",
            "items": {"type": "object", "properties": {"x": {"type": "object", "properties": {"deep": ref("Level")}}}},
        },
        titled={"title": "wellNamed", "type": "object", "properties": {"a": {"enum": ["x", "y", None]}}},
    ),
    "Choices": model(
        creature=ref("Creature"),
        creatures={"type": "array", "items": ref("Creature")},
        implied={"anyOf": [ref("Cat"), ref("Dog"), {"type": "null"}]},
        mixed={"anyOf": [TEXT, {"type": "integer", "minimum": 3}, ref("Colour"), {"type": "null"}]},
        nested={"anyOf": [{"anyOf": [TEXT, {"type": "boolean"}]}, {"type": "number"}]},
        anything={"anyOf": [TEXT, {}]},
        maps={"oneOf": [{"type": "object", "additionalProperties": TEXT}, ref("Node")]},
        single={"anyOf": [{"type": "string", "maxLength": 4}, {"type": "null"}]},
        inline={
            "oneOf": [{"type": "object", "properties": {"a": TEXT}}, {"type": "object", "properties": {"b": TEXT}}]
        },
        flag={"enum": [True, False]},
        one={"enum": ["only"]},
        yes={"const": True},
        maybe_one={"enum": ["only", None]},
        colour={"allOf": [ref("Colour")], "default": "class"},
        required_any=True,
        lists={"type": "array", "items": {"anyOf": [TEXT, {"type": "integer"}]}},
        by_name={"type": "object", "additionalProperties": ref("Creature")},
    ),
    "Firestore": model(
        "where",
        "vector",
        "created",
        where={"x-firestore": {"type": "geopoint"}},
        stops={"type": "array", "items": {"type": "object", "x-firestore": {"type": "geopoint"}}},
        vector={"x-firestore": {"type": "vector", "dimension": 3}},
        maybe_vector={
            "type": ["array", "null"],
            "items": {"type": "number"},
            "x-firestore": {"type": "vector", "dimension": 2048},
        },
        book={"type": "string", "x-firestore": {"type": "reference", "collection": "books"}},
        others={"type": "array", "items": {"x-firestore": {"type": "reference"}}},
        created=MOMENT | {"x-firestore": {"type": "server_timestamp", "on": "create"}},
        written=ref("Moment") | {"x-firestore": {"type": "server_timestamp", "on": "write"}},
        now=MOMENT | {"x-firestore": {"default": "now"}},
        maybe_now={"type": ["string", "null"], "format": "date-time", "x-firestore": {"default": "now"}},
    ),
    "Defaults": model(
        day={"type": "string", "format": "date", "default": "2020-02-29"},
        moment=MOMENT | {"default": "2020-01-01T00:00:00+02:00"},
        clock={"type": "string", "format": "time", "default": "12:30:00"},
        span={"type": "string", "format": "duration", "default": "P1DT2H"},
        price={"type": "string", "format": "decimal", "default": "1.50"},
        key={"type": "string", "format": "uuid", "default": "12345678-1234-5678-1234-567812345678"},
        raw={"type": "string", "contentEncoding": "base64", "default": "aGk="},
        colour=ref("Colour", default="class"),
        level={"anyOf": [ref("Level"), {"type": "null"}], "default": -2},
        colours={"type": "array", "items": ref("Colour"), "default": ["1st"]},
        pet=ref("Cat", default={"kind": "cat", "lives": 7}),
        pets={"type": "object", "additionalProperties": ref("Cat"), "default": {"tom": {"kind": "cat"}}},
        here={"x-firestore": {"type": "geopoint"}, "default": {"latitude": 1, "longitude": 2.5}},
        path={"type": "string", "x-firestore": {"type": "reference"}, "default": "books/x"},
        empty={"type": "string", "default": None},
        anything={"default": {"a": [1, "two", None]}},
        mixed={"anyOf": [{"type": "string", "format": "date"}, {"type": "integer"}], "default": 7},
        constant={"const": 5},
    ),
}
