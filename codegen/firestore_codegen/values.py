"""Values that are written in a schema or a configuration: do they fit their type, and how does Python write them?"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any, assert_never
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from firestore_codegen.ir import (
    AnyValue,
    Array,
    Constant,
    Enum,
    EnumRef,
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

_TEXT_TYPES: Mapping[ScalarKind, type] = {
    ScalarKind.TIMESTAMP: datetime,
    ScalarKind.DATE: date,
    ScalarKind.TIME: time,
    ScalarKind.DURATION: timedelta,
    ScalarKind.DECIMAL: Decimal,
    ScalarKind.UUID: UUID,
}


def fits(value: Any, type_: TypeRef, enums: Mapping[str, Enum]) -> bool:
    """Return whether a JSON value is one of the type's values; inside a model only its presence is checked."""
    match type_:
        case Scalar(kind):
            return _fits_scalar(value, kind)
        case AnyValue():
            return True
        case Nullable(inner):
            return value is None or fits(value, inner, enums)
        case Constant(constant):
            return type(value) is type(constant) and value == constant
        case EnumRef(name):
            return name in enums and any(
                type(value) is type(known) and value == known for _, known in enums[name].members
            )
        case ModelRef():
            return isinstance(value, dict)
        case Reference():
            return isinstance(value, str) and "/" in value
        case Vector():
            return isinstance(value, list) and all(_fits_scalar(item, ScalarKind.NUMBER) for item in value)
        case Array(items):
            return isinstance(value, list) and all(fits(item, items, enums) for item in value)
        case Map(values):
            return isinstance(value, dict) and all(fits(item, values, enums) for item in value.values())
        case Union(members):
            return any(fits(value, member, enums) for member in members)
        case _:
            assert_never(type_)


def _fits_scalar(value: Any, kind: ScalarKind) -> bool:
    match kind:
        case ScalarKind.NULL:
            return value is None
        case ScalarKind.BOOLEAN:
            return isinstance(value, bool)
        case ScalarKind.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
        case ScalarKind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case ScalarKind.GEOPOINT:
            return isinstance(value, dict) and value.keys() == {"latitude", "longitude"}
        case _:
            return isinstance(value, str) and (kind is ScalarKind.STRING or _from_text(value, kind) is not None)


def _from_text(value: str, kind: ScalarKind) -> Any:
    """Return the Python value that a text stands for, or None."""
    try:
        if kind is ScalarKind.BYTES:
            return base64.b64decode(value, validate=True)
        parsed = _adapter(kind).validate_python(value)
    except (binascii.Error, ValidationError, ValueError):
        return None
    if isinstance(parsed, datetime):
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    if isinstance(parsed, time) and (offset := parsed.utcoffset()) is not None:
        return parsed.replace(tzinfo=timezone(offset))  # whose `repr` is an expression, unlike that of pydantic's own
    return parsed


@cache
def _adapter(kind: ScalarKind) -> TypeAdapter[Any]:
    return TypeAdapter(_TEXT_TYPES[kind])


def is_plain(type_: TypeRef) -> bool:
    """Return whether JSON's own values are the Python values of the type, as they are."""
    match type_:
        case Scalar(kind):
            return kind not in _TEXT_TYPES and kind not in (ScalarKind.BYTES, ScalarKind.GEOPOINT)
        case EnumRef() | ModelRef() | Reference():
            return False
        case Nullable(inner) | Array(inner) | Map(inner):
            return is_plain(inner)
        case Union(members):
            return all(is_plain(member) for member in members)
        case AnyValue() | Constant() | Vector():
            return True
        case _:
            assert_never(type_)


def python_value(value: Any, type_: TypeRef, enums: Mapping[str, Enum]) -> str:
    """Return the Python expression for a JSON value that fits its type."""
    match type_:
        case Scalar(kind) if not is_plain(type_):
            return _scalar_expression(value, kind)
        case EnumRef(name):
            return f"{name}.{next(member for member, known in enums[name].members if known == value)}"
        case ModelRef(name):
            return f"{name}.model_validate({value!r})"
        case Reference():
            return f"DocumentPath({value!r})"
        case Nullable(inner) if value is not None:
            return python_value(value, inner, enums)
        case Array(items):
            return f"[{', '.join(python_value(item, items, enums) for item in value)}]"
        case Map(values):
            return "{" + ", ".join(f"{key!r}: {python_value(item, values, enums)}" for key, item in value.items()) + "}"
        case Union(members):
            chosen = next(member for member in members if fits(value, member, enums))
            return python_value(value, chosen, enums)
        case _:
            return repr(value)


def _scalar_expression(value: Any, kind: ScalarKind) -> str:
    if kind is ScalarKind.GEOPOINT:
        return f"GeoPoint(latitude={value['latitude']!r}, longitude={value['longitude']!r})"
    if kind is ScalarKind.BYTES:
        return repr(_from_text(value, kind))
    # The module imports the names themselves, so their module's name, which `repr` puts first, goes.
    return repr(_from_text(value, kind)).replace("datetime.timezone.utc", "UTC").replace("datetime.", "")


def describe(type_: TypeRef, enums: Mapping[str, Enum]) -> str:
    """Return what values a type has, in words for a problem."""
    match type_:
        case Scalar(kind):
            return {
                "null": "null",
                "number": "a number",
                "integer": "an integer within 64 bits",
                "boolean": "true or false",
            }.get(kind.value, f"a {kind.value}")
        case Constant(value):
            return f"`{value}`"
        case EnumRef(name):
            return "one of " + ", ".join(f"`{value}`" for _, value in enums[name].members) if name in enums else name
        case ModelRef(name):
            return f"a `{name}`"
        case Nullable(inner):
            return f"{describe(inner, enums)} or null"
        case Array():
            return "an array"
        case Map():
            return "a map"
        case Vector():
            return "a vector"
        case Reference():
            return "the path of a document"
        case Union(members):
            return " or ".join(describe(member, enums) for member in members)
        case AnyValue():
            return "any value"
        case _:
            assert_never(type_)
