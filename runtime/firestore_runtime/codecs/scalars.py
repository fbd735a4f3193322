"""Encoders of single values of each declared type, to `google.firestore.v1.Value`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic_core import to_jsonable_python

from firestore_runtime.values import DocumentPath, GeoPoint, as_utc

if TYPE_CHECKING:
    from firestore_runtime.codecs.context import Context, Encoder
    from firestore_runtime.wire import Timestamp, Value

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def encode_string(value: Value, text: str, context: Context) -> None:
    """Write a string."""
    if not isinstance(text, str):
        raise wrong_type("a string", text)
    value.string_value = text


def encode_boolean(value: Value, flag: bool, context: Context) -> None:
    """Write a boolean."""
    if not isinstance(flag, bool):
        raise wrong_type("a boolean", flag)
    value.boolean_value = flag


def encode_integer(value: Value, number: int, context: Context) -> None:
    """Write an integer of 64 bits."""
    if isinstance(number, bool) or not isinstance(number, int):
        raise wrong_type("an integer", number)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"{number} does not fit into 64 bits; store it as a string")
    value.integer_value = number


def encode_number(value: Value, number: float, context: Context) -> None:
    """Write a floating-point number of 64 bits."""
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise wrong_type("a number", number)
    value.double_value = number


def encode_bytes(value: Value, data: bytes, context: Context) -> None:
    """Write bytes."""
    if not isinstance(data, bytes):
        raise wrong_type("bytes", data)
    value.bytes_value = data


def encode_timestamp(value: Value, moment: datetime, context: Context) -> None:
    """Write an instant, with microseconds."""
    if not isinstance(moment, datetime):
        raise wrong_type("a datetime", moment)
    write_timestamp(value.timestamp_value, moment)


def encode_date(value: Value, day: date, context: Context) -> None:
    """Write a date as `YYYY-MM-DD`, which sorts by time."""
    if isinstance(day, datetime) or not isinstance(day, date):
        raise wrong_type("a date", day)
    value.string_value = day.isoformat()


def encode_time(value: Value, clock: time, context: Context) -> None:
    """Write a time of day in ISO 8601."""
    if not isinstance(clock, time):
        raise wrong_type("a time", clock)
    value.string_value = clock.isoformat()


def encode_duration(value: Value, duration: timedelta, context: Context) -> None:
    """Write a duration in ISO 8601. The text does not sort by length."""
    if not isinstance(duration, timedelta):
        raise wrong_type("a timedelta", duration)
    value.string_value = to_jsonable_python(duration)


def encode_decimal(value: Value, number: Decimal, context: Context) -> None:
    """Write a decimal number as its exact text, which does not sort by value."""
    if not isinstance(number, Decimal):
        raise wrong_type("a Decimal", number)
    value.string_value = str(number)


def encode_uuid(value: Value, uuid: UUID, context: Context) -> None:
    """Write a UUID as its 36 characters."""
    if not isinstance(uuid, UUID):
        raise wrong_type("a UUID", uuid)
    value.string_value = str(uuid)


def encode_geopoint(value: Value, point: GeoPoint, context: Context) -> None:
    """Write a point on Earth."""
    if not isinstance(point, GeoPoint):
        raise wrong_type("a GeoPoint", point)
    value.geo_point_value.SetInParent()
    value.geo_point_value.latitude = point.latitude
    value.geo_point_value.longitude = point.longitude


def encode_null(value: Value, nothing: None, context: Context) -> None:
    """Write null."""
    if nothing is not None:
        raise wrong_type("None", nothing)
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


def write_timestamp(timestamp: Timestamp, moment: datetime) -> None:
    """Fill a protobuf timestamp."""
    since = as_utc(moment) - EPOCH
    timestamp.seconds = since.days * 86_400 + since.seconds
    timestamp.nanos = since.microseconds * 1_000


def wrong_type(expected: str, item: object) -> TypeError:
    """Return the error for a value of another type than the declared one."""
    return TypeError(f"{expected} is needed here, not {type(item).__name__}: {repr(item)[:80]}")
