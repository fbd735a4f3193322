"""What a value looks like in Firestore: worked out from the schema's types alone, and read from a raw message."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias, assert_never
from uuid import UUID

from pydantic import TypeAdapter

from firestore_codegen.ir import (
    AnyValue,
    Array,
    Constant,
    EnumRef,
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

Stored: TypeAlias = tuple[str, object]
"""A Firestore value: its type on the wire, and its content as something that `==` compares to the last bit."""

_CLASSES = {
    ScalarKind.STRING: str,
    ScalarKind.BOOLEAN: bool,
    ScalarKind.INTEGER: int,
    ScalarKind.NUMBER: float,
    ScalarKind.BYTES: bytes,
    ScalarKind.TIMESTAMP: datetime,
    ScalarKind.DATE: date,
    ScalarKind.TIME: time,
    ScalarKind.DURATION: timedelta,
    ScalarKind.DECIMAL: Decimal,
    ScalarKind.UUID: UUID,
    ScalarKind.NULL: type(None),
}
_NULL: Stored = ("null_value", None)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DURATION = TypeAdapter(timedelta)


class Storage:
    """How the values of one package are stored in one collection.

    Args:
        package: What the schema means.
        root: The name of the database's root, under which references lie.
        omit_nulls: Whether fields that are None are left out.
    """

    def __init__(self, package: Package, root: str, omit_nulls: bool) -> None:
        self._models = {model.name: model for model in package.models}
        self._root = root
        self._omit_nulls = omit_nulls

    def fields(self, value: object, model: Model) -> dict[str, Stored]:
        """The fields of a model.

        Raises:
            TypeError: The value, or something in it, is not of the Python class that the schema means.
        """
        if type(value).__name__ != model.name:
            raise TypeError(f"{value!r} is no {model.name}")
        found = {field.key: self.form(getattr(value, field.name), field.type) for field in model.fields}
        return {key: form for key, form in found.items() if form != _NULL} if self._omit_nulls else found

    def form(self, value: Any, type_: TypeRef) -> Stored:
        """A value of a type.

        Raises:
            TypeError: It is not of the type's Python class.
        """
        match type_:
            case Nullable(inner):
                return _NULL if value is None else self.form(value, inner)
            case Scalar(ScalarKind.GEOPOINT) | AnyValue():
                return self._any(value)
            case Scalar(kind):
                return _scalar(value, kind)
            case Constant(constant):
                return self._any(_checked(value, type(constant)))
            case EnumRef(name):
                if type(value).__name__ != name:
                    raise TypeError(f"{value!r} is no {name}")
                return self._any(value.value)
            case Vector():
                return _vector(_checked(value, list))
            case Reference():
                return self._reference(value)
            case ModelRef(name):
                return "map_value", self.fields(value, self._models[name])
            case Array(items):
                return "array_value", [self.form(item, items) for item in _checked(value, list)]
            case Map(values):
                return "map_value", {key: self.form(item, values) for key, item in _checked(value, dict).items()}
            case Union(members):
                return self._member(value, members)
            case _:
                assert_never(type_)

    def _member(self, value: object, members: tuple[TypeRef, ...]) -> Stored:
        for member in members:
            try:
                return self.form(value, member)
            except TypeError:
                continue
        raise TypeError(f"{value!r} is none of {members}")

    def _reference(self, path: str) -> Stored:
        if type(path).__name__ != "DocumentPath":
            raise TypeError(f"{path!r} is no DocumentPath")
        return "reference_value", path if path.startswith("projects/") else f"{self._root}/{path}"

    def _any(self, value: Any) -> Stored:
        match type(value).__name__:
            case "DocumentPath":
                return self._reference(value)
            case "GeoPoint":
                return "geo_point_value", (_double(value.latitude), _double(value.longitude))
            case "Vector":
                return _vector(value)
            case "list":
                return "array_value", [self._any(item) for item in value]
            case "dict":
                return "map_value", {key: self._any(item) for key, item in value.items()}
        kind = next(kind for kind, class_ in _CLASSES.items() if class_ is type(value))
        return _scalar(value, kind)


def read_fields(fields: Mapping[str, Any]) -> dict[str, Stored]:
    """The fields of a raw document or map."""
    return {key: _read(value) for key, value in fields.items()}


def _read(message: Any) -> Stored:  # the packages under test each have their own classes of messages
    kind: str = message.WhichOneof("value_type")
    content = getattr(message, kind)
    match kind:
        case "null_value":
            return _NULL
        case "double_value":
            return kind, _double(content)
        case "timestamp_value":
            return kind, (content.seconds, content.nanos)
        case "geo_point_value":
            return kind, (_double(content.latitude), _double(content.longitude))
        case "array_value":
            return kind, [_read(item) for item in content.values]
        case "map_value":
            return kind, read_fields(content.fields)
        case _:
            return kind, content


def _scalar(value: Any, kind: ScalarKind) -> Stored:
    _checked(value, _CLASSES[kind])
    match kind:
        case ScalarKind.NULL:
            return _NULL
        case ScalarKind.BOOLEAN | ScalarKind.INTEGER | ScalarKind.STRING | ScalarKind.BYTES:
            return f"{kind}_value", value
        case ScalarKind.NUMBER:
            return "double_value", _double(value)
        case ScalarKind.TIMESTAMP:
            since = value - _EPOCH
            return "timestamp_value", (since // timedelta(seconds=1), since.microseconds * 1000)
        case ScalarKind.DATE | ScalarKind.TIME:
            return "string_value", value.isoformat()
        case ScalarKind.DECIMAL | ScalarKind.UUID:
            return "string_value", str(value)
        case ScalarKind.DURATION:
            return "string_value", _DURATION.dump_python(value, mode="json")
    raise TypeError(f"{kind} has no form of its own")


def _vector(elements: list[float]) -> Stored:
    doubles: Stored = ("array_value", [("double_value", _double(element)) for element in elements])
    return ("map_value", {"__type__": ("string_value", "__vector__"), "value": doubles}) if elements else doubles


def _double(number: float) -> bytes:
    return struct.pack("<d", number)


def _checked(value: Any, class_: type) -> Any:
    if type(value) is not class_:
        raise TypeError(f"{value!r} is no {class_.__name__}")
    return value
