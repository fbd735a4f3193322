"""Encoders of values without a declared type, chosen by their Python types."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from firestore_runtime.codecs.scalars import (
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
from firestore_runtime.codecs.vectors import encode_vector
from firestore_runtime.limits import MAX_DEPTH, check_key
from firestore_runtime.values import DocumentPath, GeoPoint, Vector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firestore_runtime.codecs.context import Context, Encoder
    from firestore_runtime.wire import Value

known_key = lru_cache(maxsize=1_024)(check_key)
"""Checks a key once: documents of one kind have the same keys in their maps. A key of a map is always hashable."""


def any_encoder(encode_timestamp: Encoder[datetime]) -> Encoder[Any]:
    """Make an encoder that writes a value by its Python type.

    It raises a `TypeError` if Firestore has no such type, and a `ValueError` if the value breaks a limit.

    Args:
        encode_timestamp: Writes the instants.
    """
    encoders: dict[type, Encoder[Any]] = {**_ENCODERS, datetime: encode_timestamp}

    def encode(value: Value, item: object, context: Context, depth: int = 1) -> None:
        """Write a value; a map or an array in it would be the `depth`-th below the document."""
        if encode_item := encoders.get(type(item)):
            encode_item(value, item, context)
        elif isinstance(item, dict):
            _check_depth(depth)
            value.map_value.SetInParent()
            fields = value.map_value.fields
            for key, element in item.items():
                encode(fields[known_key(key)], element, context, depth + 1)
        elif isinstance(item, (list, tuple)):
            _check_depth(depth)
            value.array_value.SetInParent()
            for element in item:
                _refuse_nested(element)
                encode(value.array_value.values.add(), element, context, depth + 1)
        else:
            _encoder_of_base(encoders, item)(value, item, context)

    return encode


def _refuse_nested(element: object) -> None:
    if isinstance(element, (list, tuple)):
        kind = "a vector" if isinstance(element, Vector) else "an array"
        raise ValueError(f"{kind} directly inside an array, which Firestore cannot store; put a map in between")


def _encoder_of_base(encoders: Mapping[type, Encoder[Any]], item: object) -> Encoder[Any]:
    """Find the encoder of a subclass of a type that Firestore has, such as a member of a string enumeration."""
    for base in type(item).__mro__:
        if encode := encoders.get(base):
            return encode
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
    GeoPoint: encode_geopoint,
    DocumentPath: encode_reference,
    Vector: encode_vector,
}

encode_any = any_encoder(encode_timestamp)
"""Writes a value by its Python type; a `datetime` must be aware."""
