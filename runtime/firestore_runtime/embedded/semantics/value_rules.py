"""Firestore's rules for the values of fields."""

from __future__ import annotations

from functools import lru_cache
from math import isnan
from typing import TYPE_CHECKING

from firestore_runtime.codecs.vectors import read_doubles
from firestore_runtime.embedded.semantics.keys import is_vector
from firestore_runtime.embedded.semantics.name_rules import check_reference
from firestore_runtime.errors import ValidationError
from firestore_runtime.limits import MAX_DEPTH, MAX_VECTOR_DIMENSION, check_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from firestore_runtime.wire import ArrayValue, MessageMap, Timestamp, Value

_MIN_SECONDS = -62_135_596_800
_MAX_SECONDS = 253_402_300_799
"""Times are in the years 1 to 9999."""


def check_fields(fields: MessageMap[Value]) -> None:
    """Refuse fields that no document can have.

    Raises:
        ValidationError: The name or the value of a field is not valid.
    """
    for key, value in fields.items():
        _check_name(key)
        check = _CHECKS[value.WhichOneof("value_type")]
        if check is not None:
            try:
                check(value, 0)
            except ValidationError as error:
                raise ValidationError(f"field {key!r}: {error.message}") from error


def check_value(value: Value, depth: int) -> None:
    """Refuse what cannot be stored.

    Args:
        value: The value.
        depth: The number of maps and arrays around it.

    Raises:
        ValidationError: It is not valid, or something in it is not.
    """
    check = _CHECKS[value.WhichOneof("value_type")]
    if check is not None:
        check(value, depth)


def check_elements(array: ArrayValue, depth: int) -> None:
    """Refuse elements that no array can have.

    Args:
        array: The elements.
        depth: The number of maps and arrays around them, this array included.

    Raises:
        ValidationError: One of them is not valid.
    """
    for element in array.values:
        kind = element.WhichOneof("value_type")
        if kind == "array_value":
            raise ValidationError("an array is directly in an array: put a map in between")
        if kind == "map_value" and is_vector(element):
            raise ValidationError("a vector is directly in an array: put a map in between")
        check = _CHECKS[kind]
        if check is not None:
            check(element, depth)


def check_time(time: Timestamp) -> None:
    """Refuse what is no time.

    Raises:
        ValidationError: It is not in the years 1 to 9999.
    """
    if not (_MIN_SECONDS <= time.seconds <= _MAX_SECONDS and 0 <= time.nanos < 1_000_000_000):
        raise ValidationError(f"no time of the years 1 to 9999: {time.seconds} seconds, {time.nanos} nanoseconds")


@lru_cache(maxsize=4096)
def _check_name(key: str) -> None:
    """Remembers the names that are fine: they are few."""
    check_key(key)


def _check_nothing(value: Value, depth: int) -> None:
    raise ValidationError("the value has no type: use null_value to store null")


def _check_timestamp(value: Value, depth: int) -> None:
    check_time(value.timestamp_value)


def _check_reference(value: Value, depth: int) -> None:
    check_reference(value.reference_value)


def _check_geo_point(value: Value, depth: int) -> None:
    point = value.geo_point_value
    if not (-90 <= point.latitude <= 90 and -180 <= point.longitude <= 180):
        raise ValidationError(f"no point on earth: latitude {point.latitude}, longitude {point.longitude}")


def _check_array(value: Value, depth: int) -> None:
    _check_depth(depth)
    check_elements(value.array_value, depth + 1)


def _check_map(value: Value, depth: int) -> None:
    if is_vector(value):
        _check_vector(value)
        return
    _check_depth(depth)
    for key, part in value.map_value.fields.items():
        _check_name(key)
        check = _CHECKS[part.WhichOneof("value_type")]
        if check is not None:
            check(part, depth + 1)


def _check_depth(depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise ValidationError(f"maps and arrays nest deeper than the {MAX_DEPTH} levels that Firestore allows")


def _check_vector(value: Value) -> None:
    fields = value.map_value.fields
    if fields["__type__"].string_value != "__vector__" or len(fields) != 2 or "value" not in fields:
        raise ValidationError("the key '__type__' of a map is reserved for vectors, whose elements are in 'value'")
    elements = read_doubles(fields["value"].array_value)
    if elements is None or any(map(isnan, elements)):
        raise ValidationError("the elements of a vector must be floating-point numbers, and none of them NaN")
    if not 0 < len(elements) <= MAX_VECTOR_DIMENSION:
        raise ValidationError(
            f"a vector has {len(elements):,} elements, where Firestore allows 1 to {MAX_VECTOR_DIMENSION:,}"
        )


_CHECKS: dict[str | None, Callable[[Value, int], None] | None] = {
    None: _check_nothing,
    "null_value": None,
    "boolean_value": None,
    "integer_value": None,
    "double_value": None,
    "string_value": None,
    "bytes_value": None,
    "timestamp_value": _check_timestamp,
    "reference_value": _check_reference,
    "geo_point_value": _check_geo_point,
    "array_value": _check_array,
    "map_value": _check_map,
}
"""The checks of each type whose values can be invalid."""
