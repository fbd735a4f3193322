"""Decoders of `google.firestore.v1.Value`: to plain Python data under the stored keys, for the model to validate.

A value that does not have the declared type is read by the type that it has: the model then says what is wrong with it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from firestore_runtime.codecs.scalars import EPOCH
from firestore_runtime.codecs.vectors import VECTOR_TAG, read_doubles
from firestore_runtime.values import DocumentPath, GeoPoint, Vector

if TYPE_CHECKING:
    from collections.abc import Callable

    from firestore_runtime.codecs.context import Context, Decoder, Decoders, Fields
    from firestore_runtime.wire import ArrayValue, Timestamp, Value


def decode_fields(fields: Fields, decoders: Decoders, context: Context) -> dict[str, Any]:
    """Read the fields that `decoders` names; others are ignored, absent ones stay absent."""
    return {key: decode(fields[key], context) for key, decode in decoders.items() if key in fields}


def decode_embedded(decode: Callable[[Fields, Context], dict[str, Any]]) -> Decoder:
    """Make a decoder for a model inside of a document from the model's own."""

    def decode_model(value: Value, context: Context) -> Any:
        return decode(value.map_value.fields, context) if value.HasField("map_value") else decode_any(value, context)

    return decode_model


def decode_array_of(decode: Decoder) -> Decoder:
    """Make a decoder for lists."""

    def decode_array(value: Value, context: Context) -> Any:
        if not value.HasField("array_value"):
            return decode_any(value, context)
        return [decode(element, context) for element in value.array_value.values]

    return decode_array


def decode_map_of(decode: Decoder) -> Decoder:
    """Make a decoder for dictionaries."""

    def decode_map(value: Value, context: Context) -> Any:
        if not value.HasField("map_value"):
            return decode_any(value, context)
        fields = value.map_value.fields
        return {key: decode(fields[key], context) for key in fields}  # `items()` of protobuf's maps is slow

    return decode_map


def decode_tagged(key: str, decoders: Decoders) -> Decoder:
    """Make a decoder for a union of models that the field `key` tells apart."""

    def decode_union(value: Value, context: Context) -> Any:
        fields = value.map_value.fields
        decode = decoders.get(fields[key].string_value) if key in fields else None
        return decode(value, context) if decode else decode_any(value, context)

    return decode_union


def decode_vector(value: Value, context: Context) -> Any:
    """Read an embedding, also one that was stored as a plain array of numbers."""
    if value.HasField("array_value"):
        return _doubles(value.array_value, context)
    if value.HasField("map_value") and "value" in value.map_value.fields:
        return _doubles(value.map_value.fields["value"].array_value, context)
    return decode_any(value, context)


def _doubles(array: ArrayValue, context: Context) -> Any:
    doubles = read_doubles(array)
    return _decode_array(array, context) if doubles is None else doubles


def decode_string(value: Value, context: Context) -> Any:
    """Read a text: one that is not empty is known to be one without a look at its type."""
    return value.string_value or decode_any(value, context)


def decode_any(value: Value, context: Context) -> Any:
    """Read a value by its type on the wire."""
    kind = value.WhichOneof("value_type")
    if kind in _PLAIN:
        return getattr(value, kind)
    decode = _DECODERS.get(kind)
    return None if decode is None else decode(value, context)


def _decode_array(array: ArrayValue, context: Context) -> list[Any]:
    return [decode_any(element, context) for element in array.values]


def _decode_map(value: Value, context: Context) -> Any:
    fields = value.map_value.fields
    if "__type__" in fields and fields["__type__"].string_value == VECTOR_TAG:
        return Vector(_doubles(fields["value"].array_value, context))
    return {key: decode_any(fields[key], context) for key in fields}


def _decode_reference(value: Value, context: Context) -> DocumentPath:
    return DocumentPath(value.reference_value.removeprefix(context.root + "/"))


def _decode_geopoint(value: Value, context: Context) -> GeoPoint:
    return GeoPoint(value.geo_point_value.latitude, value.geo_point_value.longitude)


def read_timestamp(timestamp: Timestamp) -> datetime:
    """Read a protobuf timestamp, down to microseconds."""
    return EPOCH + timedelta(seconds=timestamp.seconds, microseconds=timestamp.nanos // 1_000)


_PLAIN = {"boolean_value", "integer_value", "double_value", "string_value", "bytes_value"}
"""The types whose protobuf attribute is the value already."""

_DECODERS: dict[str | None, Decoder] = {
    "timestamp_value": lambda value, _: read_timestamp(value.timestamp_value),
    "reference_value": _decode_reference,
    "geo_point_value": _decode_geopoint,
    "array_value": lambda value, context: _decode_array(value.array_value, context),
    "map_value": _decode_map,
}
