"""Transformations: changes of a field that depend on what it holds, or on the time.

What each one does is said in google/firestore/v1/write.proto (DocumentTransform.FieldTransform).
"""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

from firestore_runtime import wire
from firestore_runtime.embedded.semantics.edits import field_at, store
from firestore_runtime.embedded.semantics.keys import value_key
from firestore_runtime.embedded.semantics.lookup import read_path

if TYPE_CHECKING:
    from firestore_runtime.wire import ArrayValue, Document, FieldTransform, RepeatedMessage, Timestamp, Value

_MIN_INT64 = -(2**63)
_MAX_INT64 = 2**63 - 1


def apply_transform(transform: FieldTransform, document: Document, time: Timestamp) -> Value:
    """Transform a field of a document, and return the result as a `WriteResult` has it.

    Args:
        transform: A transformation that `check_write` has accepted.
        document: What is changed.
        time: The time of the commit.
    """
    value = field_at(document, read_path(transform.field_path))
    result = wire.Value()
    match transform.WhichOneof("transform_type"):
        case "append_missing_elements":
            _append_missing(value, transform.append_missing_elements)
            result.null_value = 0
            return result
        case "remove_all_from_array":
            _remove_all(value, transform.remove_all_from_array)
            result.null_value = 0
            return result
        case "increment":
            _increment(value, transform.increment)
        case "maximum":
            _maximum(value, transform.maximum)
        case "minimum":
            _minimum(value, transform.minimum)
        case _:
            _set_to_time(value, time)
    result.CopyFrom(value)
    return result


def number_of(value: Value) -> int | float | None:
    """Return the number that a value is, or None if it is none."""
    match value.WhichOneof("value_type"):
        case "integer_value":
            return value.integer_value
        case "double_value":
            return value.double_value
        case _:
            return None


def _increment(value: Value, operand: Value) -> None:
    stored, added = number_of(value), number_of(operand)
    if stored is None or added is None:
        value.CopyFrom(operand)
        return
    total = stored + added
    if isinstance(total, int):
        value.integer_value = max(_MIN_INT64, min(_MAX_INT64, total))
    else:
        value.double_value = nan if _is_nan(total) else total  # of all the bits that NaN can have, always the same


def _maximum(value: Value, operand: Value) -> None:
    """Of equal numbers, such as 3 and 3.0, the stored one stays. With NaN the result is NaN."""
    stored, limit = number_of(value), number_of(operand)
    # Python compares integers with floating-point numbers exactly, as Firestore does.
    if stored is None or limit is None or limit > stored or _is_nan(limit):
        value.CopyFrom(operand)


def _minimum(value: Value, operand: Value) -> None:
    stored, limit = number_of(value), number_of(operand)
    if stored is None or limit is None or limit < stored or _is_nan(limit):
        value.CopyFrom(operand)


def _is_nan(number: float) -> bool:
    return number != number


def _set_to_time(value: Value, time: Timestamp) -> None:
    """Set the time of the commit, which is later than that of any other one.

    Firestore's has milliseconds. Here many commits are made in one, and are still to be ordered by it.
    """
    value.timestamp_value.CopyFrom(time)


def _append_missing(value: Value, elements: ArrayValue) -> None:
    array = _array_of(value)
    keys = set(map(value_key, array))
    for element in _stored(elements):
        key = value_key(element)
        if key not in keys:
            keys.add(key)
            array.add().CopyFrom(element)


def _remove_all(value: Value, elements: ArrayValue) -> None:
    array = _array_of(value)
    removed = set(map(value_key, _stored(elements)))
    for index in reversed(range(len(array))):
        if value_key(array[index]) in removed:
            del array[index]


def _array_of(value: Value) -> RepeatedMessage[Value]:
    """Return the elements of an array; what is none becomes an empty one."""
    value.array_value.SetInParent()
    return value.array_value.values


def _stored(elements: ArrayValue) -> list[Value]:
    """Return the elements as they are stored, which may make some of them equal."""
    stored = []
    for element in elements.values:
        stored.append(wire.Value())
        store(element, stored[-1])
    return stored
