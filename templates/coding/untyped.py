"""How values of no declared type are written: by their Python types."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..limits import MAX_DEPTH, check_key
from ..values import DocumentPath, GeoPoint, Vector
from .scalars import (
    encode_boolean,
    encode_bytes,
    encode_geopoint,
    encode_integer,
    encode_null,
    encode_number,
    encode_reference,
    encode_string,
    encode_timestamp,
    wrong_type,
)
from .vectors import encode_vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..wire import ArrayValue, Value
    from .context import Context, Encoder

known_key = lru_cache(maxsize=1_024)(check_key)
"""Checks a key once: documents of one kind have the same keys in their maps. A key of a map is always hashable."""


def encode_any(value: Value, item: object, context: Context, depth: int = 1) -> None:
    """Write a value by its Python type; a map or an array in it would be the `depth`-th below the document.

    Raises:
        TypeError: Firestore has no such type.
        ValueError: The value breaks a limit.
    """
    if encode := _ENCODERS.get(type(item)):
        encode(value, item, context)
    elif isinstance(item, dict):
        _check_depth(depth)
        value.map_value.SetInParent()
        fields = value.map_value.fields
        for key, element in item.items():
            encode_any(fields[known_key(key)], element, context, depth + 1)
    elif isinstance(item, (list, tuple)):
        _check_depth(depth)
        _encode_any_array(value.array_value, item, context, depth + 1)
    else:
        _encode_subclass(value, item, context)


def _encode_any_array(array: ArrayValue, items: Sequence[object], context: Context, depth: int) -> None:
    array.SetInParent()
    for element in items:
        if isinstance(element, (list, tuple)):
            kind = "a vector" if isinstance(element, Vector) else "an array"
            raise ValueError(f"{kind} directly inside an array, which Firestore cannot store; put a map in between")
        encode_any(array.values.add(), element, context, depth)


def _encode_subclass(value: Value, item: object, context: Context) -> None:
    """Write what is a subclass of a type that Firestore has, such as a member of a string enumeration."""
    for kind in type(item).__mro__:
        if encode := _ENCODERS.get(kind):
            encode(value, item, context)
            return
    raise wrong_type("a value that Firestore can store", item)


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError(f"maps and arrays nest deeper than {MAX_DEPTH} levels")


_ENCODERS: dict[type, Encoder[Any]] = {
    type(None): encode_null,
    bool: encode_boolean,
    int: encode_integer,
    float: encode_number,
    str: encode_string,
    bytes: encode_bytes,
    datetime: encode_timestamp,
    GeoPoint: encode_geopoint,
    DocumentPath: encode_reference,
    Vector: encode_vector,
}
