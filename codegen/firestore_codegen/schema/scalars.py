"""Texts, numbers and constants: the leaves of a schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firestore_codegen.errors import Place
from firestore_codegen.ir import Constant, Scalar, ScalarKind
from firestore_codegen.read.sources import JsonObject
from firestore_codegen.schema.parsed import NULL, NULL_SCHEMA, Parsed
from firestore_codegen.schema.workspace import Workspace

_TEXT_KEYWORDS = ("minLength", "maxLength", "pattern")
_NUMBER_KEYWORDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_FORMATS = {
    "date": ScalarKind.DATE,
    "decimal": ScalarKind.DECIMAL,
    "duration": ScalarKind.DURATION,
    "time": ScalarKind.TIME,
    "uuid": ScalarKind.UUID,
}
# The runtime's own types, which models.py imports from there (see `models`).
VALUE_TYPES = ("DocumentPath", "GeoPoint", "UtcDatetime")


def datetime_module(naive_datetimes: str) -> str:
    """The module of the runtime that `UtcDatetime` comes from: whether a naive one is an error, or in UTC."""
    return f"firestore_runtime.{'naive_datetimes' if naive_datetimes == 'utc' else 'values'}"


def value_type(name: str) -> JsonObject:
    """Return the schema that stands for a type of the generated package."""
    return {"$ref": f"#/$defs/{name}"}


def parse_text(schema: Mapping[str, Any]) -> Parsed:
    """Return the type of a string: its format decides; a format that Python has no type for is a plain text."""
    if schema.get("contentEncoding") == "base64" or schema.get("format") == "binary":
        return Parsed(Scalar(ScalarKind.BYTES), {"type": "string", "format": "binary"})
    format_ = schema.get("format")
    if format_ == "date-time":
        return Parsed(Scalar(ScalarKind.TIMESTAMP), value_type("UtcDatetime"))
    if format_ in _FORMATS:
        return Parsed(Scalar(_FORMATS[format_]), {"type": "string", "format": format_})
    return Parsed(Scalar(ScalarKind.STRING), {"type": "string", **pick(schema, _TEXT_KEYWORDS)})


def parse_number(schema: Mapping[str, Any]) -> Parsed:
    """Return the type of an `integer` or a `number`."""
    kind = ScalarKind(schema["type"])
    return Parsed(Scalar(kind), {"type": kind.value, **pick(schema, _NUMBER_KEYWORDS)})


def parse_constant(workspace: Workspace, value: Any, place: Place) -> Parsed | None:
    """Return the type of a `const`."""
    if value is None:
        return Parsed(NULL, NULL_SCHEMA)
    if not isinstance(value, str | int):
        workspace.report(place, "a constant must be a string, an integer, true, false or null")
        return None
    return Parsed(Constant(value), {"const": value})


def pick(schema: Mapping[str, Any], keywords: tuple[str, ...]) -> JsonObject:
    """Return the keywords that the schema has."""
    return {key: schema[key] for key in keywords if key in schema}
