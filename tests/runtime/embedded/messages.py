"""Values, documents and queries as messages, for tests beneath the SDK."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from firestore_runtime import wire
from firestore_runtime.options import Call, Options

DATABASE = "projects/embedded/databases/(default)"
ROOT = f"{DATABASE}/documents"
CALL = Call("test", "test", None, Options(retry=None))


@dataclass(frozen=True)
class Timestamp:
    seconds: int
    nanos: int = 0


@dataclass(frozen=True)
class Point:
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Reference:
    """A reference to a document, by its path below the root."""

    path: str


@dataclass(frozen=True)
class Vector:
    elements: tuple[float, ...]


def value_of(item: Any) -> wire.Value:
    """Make the message of a value."""
    value = wire.Value()
    match item:
        case None:
            value.null_value = 0
        case bool():
            value.boolean_value = item
        case int():
            value.integer_value = item
        case float():
            value.double_value = item
        case str():
            value.string_value = item
        case bytes():
            value.bytes_value = item
        case Timestamp(seconds, nanos):
            value.timestamp_value.SetInParent()
            value.timestamp_value.seconds, value.timestamp_value.nanos = seconds, nanos
        case Point(latitude, longitude):
            value.geo_point_value.SetInParent()
            value.geo_point_value.latitude, value.geo_point_value.longitude = latitude, longitude
        case Reference(path):
            value.reference_value = f"{ROOT}/{path}"
        case Vector(elements):
            return value_of({"__type__": "__vector__", "value": list(elements)})
        case list():
            value.array_value.SetInParent()
            value.array_value.values.extend(value_of(part) for part in item)
        case dict():
            value.map_value.SetInParent()
            for key, part in item.items():
                value.map_value.fields[key].CopyFrom(value_of(part))
        case _:
            raise TypeError(repr(item))
    return value


def document_of(path: str, fields: Mapping[str, Any]) -> wire.Document:
    """Make a document, by its path below the root."""
    document = wire.Document(name=f"{ROOT}/{path}")
    for key, item in fields.items():
        document.fields[key].CopyFrom(value_of(item))
    return document


OPERATORS = {"<": 1, "<=": 2, ">": 3, ">=": 4, "==": 5, "!=": 6}
OPERATORS |= {"array-contains": 7, "in": 8, "array-contains-any": 9, "not-in": 10}
TESTS = {"is-nan": 2, "is-null": 3, "is-not-nan": 4, "is-not-null": 5}


def where(field: str, operator: str, item: Any) -> wire.Filter:
    """Make the filter that compares a field with a value."""
    message = wire.Filter()
    message.field_filter.field.field_path = field
    message.field_filter.op = OPERATORS[operator]
    message.field_filter.value.CopyFrom(value_of(item))
    return message


def having(field: str, test: str) -> wire.Filter:
    """Make the filter that tests a field."""
    message = wire.Filter()
    message.unary_filter.field.field_path = field
    message.unary_filter.op = TESTS[test]
    return message


def combined(operator: str, parts: Iterable[wire.Filter]) -> wire.Filter:
    """Make the filter that combines others with `and` or `or`."""
    message = wire.Filter()
    message.composite_filter.op = {"and": 1, "or": 2}[operator]
    message.composite_filter.filters.extend(parts)
    return message
