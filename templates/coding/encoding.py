"""How each type of a schema is written to a `google.firestore.v1.Value`.

An encoder fills a message that exists already. The functions that end in `_of` make an encoder from those of its parts.
An encoder raises one of `ENCODING_ERRORS`; the caller knows the field, and makes a `ValidationError` of it.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from pydantic_core import to_jsonable_python

from ..limits import MAX_DEPTH, check_key
from ..values import DocumentPath, GeoPoint, Vector, as_utc
from .vectors import write_doubles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..wire import ArrayValue, Timestamp, Value
    from .context import Context, Encoder, Fields

T = TypeVar("T")
ModelT = TypeVar("ModelT")
EnumT = TypeVar("EnumT", bound=Enum)

VECTOR_TAG = "__vector__"
"""What marks a stored map as a vector, under its key `__type__`."""

_known_key = lru_cache(maxsize=1_024)(check_key)
"""Documents of one kind have the same keys in their maps; a key of a map is always hashable."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ENCODING_ERRORS = (TypeError, ValueError, AttributeError, OverflowError, RecursionError, struct.error)
"""What encoders raise for values that are not of their type, or that break a limit."""


# Scalars


def encode_string(value: Value, text: str, context: Context) -> None:
    """Write a string."""
    if not isinstance(text, str):
        raise _wrong_type("a string", text)
    value.string_value = text


def encode_boolean(value: Value, flag: bool, context: Context) -> None:
    """Write a boolean."""
    if not isinstance(flag, bool):
        raise _wrong_type("a boolean", flag)
    value.boolean_value = flag


def encode_integer(value: Value, number: int, context: Context) -> None:
    """Write an integer of 64 bits."""
    if isinstance(number, bool) or not isinstance(number, int):
        raise _wrong_type("an integer", number)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"{number} does not fit into 64 bits; store it as a string")
    value.integer_value = number


def encode_number(value: Value, number: float, context: Context) -> None:
    """Write a floating-point number of 64 bits."""
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise _wrong_type("a number", number)
    value.double_value = number


def encode_bytes(value: Value, data: bytes, context: Context) -> None:
    """Write bytes."""
    if not isinstance(data, bytes):
        raise _wrong_type("bytes", data)
    value.bytes_value = data


def encode_timestamp(value: Value, moment: datetime, context: Context) -> None:
    """Write an instant, with microseconds."""
    if not isinstance(moment, datetime):
        raise _wrong_type("a datetime", moment)
    write_timestamp(value.timestamp_value, moment)


def encode_date(value: Value, day: date, context: Context) -> None:
    """Write a date as `YYYY-MM-DD`, which sorts by time."""
    if isinstance(day, datetime) or not isinstance(day, date):
        raise _wrong_type("a date", day)
    value.string_value = day.isoformat()


def encode_time(value: Value, clock: time, context: Context) -> None:
    """Write a time of day in ISO 8601."""
    if not isinstance(clock, time):
        raise _wrong_type("a time", clock)
    value.string_value = clock.isoformat()


def encode_duration(value: Value, duration: timedelta, context: Context) -> None:
    """Write a duration in ISO 8601. The text does not sort by length."""
    if not isinstance(duration, timedelta):
        raise _wrong_type("a timedelta", duration)
    value.string_value = to_jsonable_python(duration)


def encode_decimal(value: Value, number: Decimal, context: Context) -> None:
    """Write a decimal number as its exact text, which does not sort by value."""
    if not isinstance(number, Decimal):
        raise _wrong_type("a Decimal", number)
    value.string_value = str(number)


def encode_uuid(value: Value, uuid: UUID, context: Context) -> None:
    """Write a UUID as its 36 characters."""
    if not isinstance(uuid, UUID):
        raise _wrong_type("a UUID", uuid)
    value.string_value = str(uuid)


def encode_geopoint(value: Value, point: GeoPoint, context: Context) -> None:
    """Write a point on Earth."""
    if not isinstance(point, GeoPoint):
        raise _wrong_type("a GeoPoint", point)
    value.geo_point_value.SetInParent()
    value.geo_point_value.latitude = point.latitude
    value.geo_point_value.longitude = point.longitude


def encode_null(value: Value, nothing: None, context: Context) -> None:
    """Write null."""
    if nothing is not None:
        raise _wrong_type("None", nothing)
    value.null_value = 0


def encode_reference(value: Value, path: DocumentPath, context: Context) -> None:
    """Write a reference to another document."""
    path = DocumentPath(path)  # again, in case that a plain string was assigned to the model
    value.reference_value = str(path) if path.startswith("projects/") else f"{context.root}/{path}"


def reference_to(collection_id: str) -> Encoder[DocumentPath]:
    """Make an encoder for references that must lie in one collection."""

    def encode(value: Value, path: DocumentPath, context: Context) -> None:
        encode_reference(value, path, context)
        found = value.reference_value.rsplit("/", 2)[-2]
        if found != collection_id:
            raise ValueError(f"{path!r} refers to the collection {found!r} instead of {collection_id!r}")

    return encode


def enum_of(enum: type[EnumT]) -> Encoder[EnumT]:
    """Make an encoder for the members of an enumeration of strings or integers."""

    def encode(value: Value, member: EnumT, context: Context) -> None:
        encode_any(value, enum(member).value, context)

    return encode


# Vectors


def encode_vector(value: Value, vector: Sequence[float], context: Context) -> None:
    """Write an embedding of any dimension. Firestore has no empty vectors: an empty list becomes an empty array."""
    if not vector:
        value.array_value.SetInParent()
        return
    fields = value.map_value.fields
    fields["__type__"].string_value = VECTOR_TAG
    write_doubles(fields["value"].array_value, vector)


def vector_of(dimension: int) -> Encoder[Sequence[float]]:
    """Make an encoder for embeddings with `dimension` elements."""

    def encode(value: Value, vector: Sequence[float], context: Context) -> None:
        if len(vector) != dimension:
            raise ValueError(f"a vector of {len(vector)} elements, where the schema declares {dimension}")
        encode_vector(value, vector, context)

    return encode


# Containers


def encode_optional(fields: Fields, key: str, item: T | None, encode: Encoder[T], context: Context) -> None:
    """Write a field that may be None."""
    if item is not None:
        encode(fields[key], item, context)
    elif not context.omit_nulls:
        fields[key].null_value = 0


def nullable_of(encode: Encoder[T]) -> Encoder[T | None]:
    """Make an encoder that writes None as null."""

    def encode_nullable(value: Value, item: T | None, context: Context) -> None:
        if item is None:
            value.null_value = 0
        else:
            encode(value, item, context)

    return encode_nullable


def array_of(encode: Encoder[T]) -> Encoder[Sequence[T]]:
    """Make an encoder for lists."""

    def encode_array(value: Value, items: Sequence[T], context: Context) -> None:
        if not isinstance(items, (list, tuple)):
            raise _wrong_type("a list", items)
        value.array_value.SetInParent()
        values = value.array_value.values
        for item in items:
            encode(values.add(), item, context)

    return encode_array


def map_of(encode: Encoder[T]) -> Encoder[Mapping[str, T]]:
    """Make an encoder for dictionaries."""

    def encode_map(value: Value, items: Mapping[str, T], context: Context) -> None:
        if not isinstance(items, Mapping):
            raise _wrong_type("a dictionary", items)
        value.map_value.SetInParent()
        fields = value.map_value.fields
        for key, item in items.items():
            encode(fields[_known_key(key)], item, context)

    return encode_map


def embedded(encode: Callable[[ModelT, Fields, Context], None]) -> Encoder[ModelT]:
    """Make an encoder for a model inside of a document from the model's own."""

    def encode_model(value: Value, model: ModelT, context: Context) -> None:
        value.map_value.SetInParent()
        encode(model, value.map_value.fields, context)

    return encode_model


def one_of(encoders: Mapping[type, Encoder[Any]]) -> Encoder[Any]:  # a union's members share no type but Any
    """Make an encoder for a union: the member is chosen by the type of the value."""

    def encode_member(value: Value, item: Any, context: Context) -> None:
        for kind in type(item).__mro__:
            if encode := encoders.get(kind):
                encode(value, item, context)
                return
        raise _wrong_type("one of " + ", ".join(kind.__name__ for kind in encoders), item)

    return encode_member


# Values of no declared type


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
            encode_any(fields[_known_key(key)], element, context, depth + 1)
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
    raise _wrong_type("a value that Firestore can store", item)


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError(f"maps and arrays nest deeper than {MAX_DEPTH} levels")


def write_timestamp(timestamp: Timestamp, moment: datetime) -> None:
    """Fill a protobuf timestamp."""
    since = as_utc(moment) - EPOCH
    timestamp.seconds = since.days * 86_400 + since.seconds
    timestamp.nanos = since.microseconds * 1_000


def _wrong_type(expected: str, item: object) -> TypeError:
    return TypeError(f"{expected} is needed here, not {type(item).__name__}: {repr(item)[:80]}")


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
