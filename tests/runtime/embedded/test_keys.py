"""The keys of values order, join and invert as `keys.py` promises."""

from __future__ import annotations

import math
import sys
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firestore_runtime.embedded.semantics.keys import (
    inverted,
    is_vector,
    name_key,
    name_of,
    successor,
    type_range,
    value_key,
)
from tests.runtime.embedded.differential import strategies as few
from tests.runtime.embedded.messages import ROOT, Point, Reference, Timestamp, Vector, value_of
from tests.runtime.embedded.ordering import sort_key

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
NUMBERS = INTEGERS | st.floats()
NEAR = st.builds(
    lambda exponent, sign, offset: sign * 2**exponent + offset,
    st.integers(50, 62),
    st.sampled_from([1, -1]),
    st.integers(-3, 3),
).flatmap(lambda number: st.sampled_from([number, float(number)]))
"""Numbers where floating-point numbers begin to miss integers."""
SEGMENTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=3)
REFERENCES = st.lists(SEGMENTS, min_size=2, max_size=4).map("/".join).map(Reference)
SCALARS = st.one_of(
    few.SCALARS,
    NUMBERS,
    NEAR,
    TEXTS,
    st.binary(max_size=4),
    REFERENCES,
    st.builds(Timestamp, st.integers(-62_135_596_800, 253_402_300_799), st.integers(0, 999_999_999)),
    st.builds(Point, st.floats(-90, 90), st.floats(-180, 180)),
)
VECTORS = few.VECTORS | st.lists(st.floats(allow_nan=False), min_size=1, max_size=3).map(tuple).map(Vector)
VALUES = st.recursive(
    SCALARS | VECTORS,
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(few.KEYS | TEXTS, parts, max_size=3),
    max_leaves=6,
)
PAIRS = st.tuples(NEAR, NEAR) | st.tuples(few.ANYTHING, few.ANYTHING) | st.tuples(VALUES, VALUES)

FIXED = settings(max_examples=400, derandomize=True, deadline=None)

ASCENDING: list[Any] = [
    None,
    False,
    True,
    math.nan,
    -math.inf,
    -sys.float_info.max,
    -(2**63),
    -(2**63) + 1,
    -(2**53) - 1,
    -(2.0**53),
    -1,
    -5e-324,
    0,
    5e-324,
    1,
    1.5,
    2**53 - 1,
    2.0**53,
    2**53 + 1,
    2.0**53 + 2,
    2**63 - 1025,
    2.0**63 - 1024,
    2**63 - 1023,
    2**63 - 1,
    2.0**63,
    math.inf,
    Timestamp(-62_135_596_800),
    Timestamp(-1, 999_999_999),
    Timestamp(0),
    Timestamp(0, 1),
    Timestamp(253_402_300_799, 999_999_999),
    "",
    "\0",
    "\0\0",
    "\0\x01",
    "\x01",
    "A",
    "a",
    "a\0",
    "aa",
    "é",
    "\uffff",
    "😀",  # code points order, not UTF-16: these are two surrogates below \uffff
    b"",
    b"\0",
    b"\0\xff",
    b"\x01",
    b"\xff",
    b"\xff\0",
    b"\xff\xff",
    Reference("a/b"),
    Reference("a/b/c/d"),
    Reference("a/b\0"),
    Reference("a/b!"),  # a slash separates, although "!" is less
    Reference("a!/b"),
    Reference("aa/b"),
    Point(-90.0, 180.0),
    Point(-0.0, 0.0),
    Point(0.0, -0.0),
    Point(0.0, 0.0),
    Point(90.0, -180.0),
    [],
    [None],
    [None, None],
    [1],
    [1, ""],
    [1, "a"],
    ["\0"],
    [{}],
    Vector((2.0,)),
    Vector((-0.0, 9.0)),
    Vector((0.0, -math.inf)),
    Vector((0.0, 1.0)),
    Vector((-1.0, 0.0, 0.0)),
    {},
    {"": 1},
    {"\0": 1},
    {"a": None},
    {"a": 1},
    {"a": 1, "b": 0},
    {"a": 2},
    {"a\0": 0},
    {"aa": 0},
    {"b": 0},
    {"b": []},
]


def key_of(item: Any) -> bytes:
    return value_key(value_of(item))


def sign(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)


def test_values_of_all_types_in_their_order() -> None:
    keys = [key_of(item) for item in ASCENDING]

    assert [ASCENDING[at] for at, (one, next_one) in enumerate(pairwise(keys)) if one >= next_one] == []


@FIXED
@given(PAIRS)
def test_keys_order_as_values_do(pair: tuple[Any, Any]) -> None:
    one, other = pair

    assert sign(key_of(one), key_of(other)) == sign(sort_key(one), sort_key(other))


@FIXED
@given(PAIRS)
def test_no_key_is_a_prefix_of_another_one(pair: tuple[Any, Any]) -> None:
    one, other = map(key_of, pair)

    assert one == other or not other.startswith(one)


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (0.0, -0.0), ([1], [1.0]), ({"a": -0.0}, {"a": 0})])
def test_equal_numbers_have_the_same_key(one: Any, other: Any) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize("other", [2**53 + 1, 2**62 + 1, -(2**62) - 1, 2**63 - 1])
def test_an_integer_has_not_the_key_of_the_number_that_it_would_be_rounded_to(other: int) -> None:
    assert key_of(other) != key_of(float(other))


@FIXED
@given(st.lists(VALUES, min_size=1, max_size=3), st.lists(VALUES, min_size=1, max_size=3))
def test_joined_keys_order_one_by_one(some: list[Any], others: list[Any]) -> None:
    def joined(items: list[Any]) -> bytes:
        return b"".join(map(key_of, items))

    assert sign(joined(some), joined(others)) == sign([*map(sort_key, some)], [*map(sort_key, others)])


@FIXED
@given(PAIRS, st.lists(VALUES, max_size=1), st.lists(VALUES, max_size=1))
def test_inverted_keys_order_the_other_way_round(
    pair: tuple[Any, Any], behind: list[Any], behind_other: list[Any]
) -> None:
    one, other = map(key_of, pair)
    tail, other_tail = b"".join(map(key_of, behind)), b"".join(map(key_of, behind_other))

    assert inverted(inverted(one)) == one
    if one != other:  # and then it does not matter what follows
        assert sign(inverted(one) + tail, inverted(other) + other_tail) == sign(other, one)


@FIXED
@given(PAIRS, st.binary(max_size=3))
def test_the_successor_is_between_a_key_and_the_next_one(pair: tuple[Any, Any], behind: bytes) -> None:
    low, high = sorted(map(key_of, pair))

    for one, other in ((low, high), (inverted(high), inverted(low))):
        assert one + behind < successor(one)
        assert one == other or successor(one) <= other


def test_the_successor_of_nothing_is_greater_than_all_keys() -> None:
    assert all(max(key_of(item), inverted(key_of(item))) < successor(b"") for item in ASCENDING)


@FIXED
@given(PAIRS)
def test_the_range_of_a_type_has_all_its_keys_and_no_others(pair: tuple[Any, Any]) -> None:
    one, other = pair
    low, high = type_range(key_of(one))

    assert (low <= key_of(other) < high) == (sort_key(one)[0] == sort_key(other)[0])


@FIXED
@given(REFERENCES)
def test_the_key_of_a_name(reference: Reference) -> None:
    name = f"{ROOT}/{reference.path}"

    assert name_key(name) == key_of(reference)
    assert name_of(name_key(name)) == name


def test_vectors_are_told_from_other_values() -> None:
    assert is_vector(value_of(Vector((1.0,))))
    assert [item for item in ASCENDING if not isinstance(item, Vector) and is_vector(value_of(item))] == []
