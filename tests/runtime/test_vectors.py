"""Vectors as bytes, against the same read one message at a time."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firestore_runtime.codecs.context import Context
from firestore_runtime.codecs.untyped import encode_any
from firestore_runtime.codecs.vectors import read_doubles, write_doubles
from firestore_runtime.wire import ArrayValue

CONTEXT = Context("projects/p/databases/d/documents", "items")
FIXED = settings(derandomize=True, deadline=None)
HEAD = b"\x0a\x09\x19"
"""What an element that is a double begins with."""

DOUBLES = st.floats(allow_nan=False)
OTHERS = st.sampled_from([None, True, 25, HEAD.decode(), HEAD + bytes(8), b"\x19" * 7, {"a": 1.5}])


def array_of(items: list[object]) -> ArrayValue:
    """Return an array, made one element at a time."""
    array = ArrayValue()
    for item in items:
        encode_any(array.values.add(), item, CONTEXT)
    return array


@FIXED
@given(st.lists(DOUBLES, max_size=40))
def test_doubles(numbers: list[float]) -> None:
    array = ArrayValue()
    write_doubles(array, numbers)
    assert array == array_of([*numbers])
    assert read_doubles(array) == numbers


@FIXED
@given(st.lists(DOUBLES | OTHERS, max_size=25))
def test_arrays_of_anything(items: list[object]) -> None:
    are_doubles = all(isinstance(item, float) for item in items)
    assert read_doubles(array_of(items)) == (items if are_doubles else None)


def test_a_value_without_a_type() -> None:
    array = array_of([1.0])
    array.values.add()
    assert read_doubles(array) is None


def test_appending() -> None:
    array = array_of(["x"])
    write_doubles(array, [1.0])
    assert len(array.values) == 2
    assert array.values[1].double_value == 1.0


def test_what_is_no_number() -> None:
    array = ArrayValue()
    with pytest.raises(struct.error):
        write_doubles(array, [1.0, "2"])  # type: ignore[list-item]  # wrong on purpose
    assert not array.values
