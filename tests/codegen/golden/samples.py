"""Values of every type, its limits among them, and documents that hold each of them at least once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import ModuleType
from typing import Any, assert_never
from uuid import UUID

import pydantic

from firestore_codegen.ir import (
    AnyValue,
    Array,
    Collection,
    Constant,
    EnumRef,
    Field,
    Map,
    Model,
    ModelRef,
    Nullable,
    Package,
    Reference,
    Scalar,
    ScalarKind,
    TypeRef,
    Union,
    Vector,
)

_SCALARS: dict[ScalarKind, list[object]] = {
    ScalarKind.STRING: ["text", "", "é e\u0301 🎉\u202e", "A\x00\n\"'\\`", "ABC"],
    ScalarKind.BOOLEAN: [True, False],
    ScalarKind.INTEGER: [7, 2**63 - 1, -(2**63), 0, 2**53 + 1],
    ScalarKind.NUMBER: [0.5, 3.0, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.nan],
    ScalarKind.BYTES: [bytes(range(256)), b""],
    ScalarKind.TIMESTAMP: [
        datetime(2024, 2, 29, 12, 30, 15, 123456, UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, UTC),
    ],
    ScalarKind.DATE: [date(2024, 2, 29), date.min, date.max],
    ScalarKind.TIME: [time(12, 30), time.max, time(1, 2, 3, tzinfo=timezone(timedelta(hours=5, minutes=30)))],
    ScalarKind.DURATION: [
        timedelta(days=800, seconds=1, microseconds=1),
        timedelta(0),
        timedelta(days=-3, microseconds=7),
        timedelta(days=999_999),
    ],
    ScalarKind.DECIMAL: [Decimal("1.50"), Decimal("-0"), Decimal("123456789012345678901234567890.1"), Decimal("1E+30")],
    ScalarKind.UUID: [UUID(int=0), UUID("12345678-1234-5678-1234-567812345678")],
    ScalarKind.NULL: [None],
}
_KEYS = ["plain", "with space", "a.b", "ключ", "`\\\"'", "1st", "/~*[]"]
_MAX_DEPTH = 3


class Samples:
    """Values for the models of one package.

    Args:
        package: What the schema means.
        module: The package itself, imported.
    """

    def __init__(self, package: Package, module: ModuleType) -> None:
        self._models = {model.name: model for model in package.models}
        self._enums = {enum.name: enum for enum in package.enums}
        self._module: Any = module  # what is in it is not known before it is generated
        self.made: set[str] = set()
        """The models of which there were instances."""

    def documents(self, collection: Collection) -> list[pydantic.BaseModel]:
        """Models for a collection, as many as it takes to hold every value of every field."""
        id_field = collection.document_id.field
        rows = self._rows(collection.model, depth=0)
        if id_field is not None:
            for number, row in enumerate(rows):
                row[id_field.name] = f"id {number}"
        return [self._instance(collection.model.name, row) for row in rows]

    def _rows(self, model: Model, depth: int) -> list[dict[str, object]]:
        values = {field.name: list(self._accepted(model, field, depth)) for field in model.fields}
        height = max((len(column) for column in values.values()), default=1)
        return [{name: column[row % len(column)] for name, column in values.items()} for row in range(height)]

    def _accepted(self, model: Model, field: Field, depth: int) -> Iterator[object]:
        """The values that the field's constraints let through."""
        if field.server_timestamp:
            yield None
            return
        validator = getattr(self._module, model.name).__pydantic_validator__
        blank = getattr(self._module, model.name).model_construct()
        for value in self.values(field.type, depth):
            try:
                validator.validate_assignment(blank, field.name, value)
            except pydantic.ValidationError:
                continue
            yield value

    def _instance(self, model: str, row: dict[str, object]) -> pydantic.BaseModel:
        self.made.add(model)
        instance: pydantic.BaseModel = getattr(self._module, model).model_validate(row, by_name=True, by_alias=False)
        return instance

    def values(self, type_: TypeRef, depth: int = 0) -> list[object]:
        """Values of a type; below a depth the smallest ones, so that recursion ends."""
        match type_:
            case Scalar(ScalarKind.GEOPOINT):
                return [self._module.GeoPoint(*degrees) for degrees in [(52.5, 13.4), (-90.0, 180.0), (0.0, -0.0)]]
            case Scalar(kind):
                return _SCALARS[kind]
            case AnyValue():
                return [*self._anything(), None]
            case Vector(dimension, any_dimension):
                return [*_vectors(dimension), *([[], [1.0]] if any_dimension else [])]
            case Reference(collection):
                return [self._module.DocumentPath(path) for path in _paths(collection)]
            case Constant(value):
                return [value]
            case EnumRef(name):
                return list(getattr(self._module, name))
            case ModelRef(name):
                return [self._instance(name, row) for row in self._rows(self._models[name], depth + 1)]
            case Array(items):
                return [[]] if depth > _MAX_DEPTH else [self._array(items, depth + 1), []]
            case Map(values):
                return [{}] if depth > _MAX_DEPTH else [self._map(values, depth + 1), {}]
            case Union(members):
                return [value for member in members for value in self.values(member, depth)]
            case Nullable(inner):
                return [None] if depth > _MAX_DEPTH else [*self.values(inner, depth), None]
            case _:
                assert_never(type_)

    def _array(self, type_: TypeRef, depth: int) -> list[object]:
        # Firestore stores neither arrays nor vectors directly inside an array; of the declared types none is left here.
        return [value for value in self.values(type_, depth) if not isinstance(value, list)]

    def _map(self, type_: TypeRef, depth: int) -> dict[str, object]:
        values = self.values(type_, depth)
        length = max(len(values), len(_KEYS))
        keys = _KEYS + [f"key {number}" for number in range(len(_KEYS), length)]
        return {key: values[at % len(values)] for at, key in enumerate(keys)}

    def _anything(self) -> Iterator[object]:
        own = [self._module.GeoPoint(1.5, 2.5), self._module.DocumentPath("books/b1")]
        leaves = ["text", 2**63 - 1, 1.0, True, None, b"\x00\xff", datetime(2024, 1, 1, tzinfo=UTC), *own]
        yield from leaves
        yield self._module.Vector([1.0, 2.0])
        yield {"list": [*leaves, {"deeper": [1]}], "empty": {}, "none": [], "vector": self._module.Vector([0.5])}
        yield leaves


def _vectors(dimension: int) -> Iterator[list[float]]:
    yield [element / 7 for element in range(dimension)]
    yield [(-1.0) ** element * 1e300 for element in range(dimension)]
    yield [-0.0] * dimension


def _paths(collection: str | None) -> Iterator[str]:
    name = collection or "shelves"
    yield f"{name}/b1"
    yield f"libraries/ä ö/{name}/b 2"
    yield f"projects/other/databases/(default)/documents/{name}/b3"
