"""Values in JSON: what is written is read as exactly the same, and looks as the documentation says."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firestore_memory import DocumentPath, GeoPoint, Vector
from firestore_runtime.codecs.context import Context
from firestore_runtime.codecs.untyped import encode_any
from firestore_runtime.dumps.notation import Notation
from firestore_runtime.wire import Value

DATABASE = "projects/p/databases/d"
INSIDE = Notation(DATABASE, "tests")
OUTSIDE = Notation(DATABASE, None)

KEYS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=3) | st.sampled_from(
    ["$map", "$double", "$a", "$", "a.b"]
)
DOUBLES = st.floats(allow_nan=False) | st.sampled_from([math.nan, -0.0, 1.0, 1e22, 5e-324])  # NaN has one notation
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | DOUBLES
    | st.text(st.characters(codec="utf-8"))
    | st.binary()
    | st.datetimes(timezones=st.just(UTC))
    | st.builds(GeoPoint, st.floats(-90, 90), st.floats(-180, 180))
    | st.lists(DOUBLES, min_size=1, max_size=3).map(Vector)
    | st.sampled_from(
        ["a/b", "namespaces/tests/a/b", f"{DATABASE}/documents/a/b", "projects/q/databases/d/documents/a/b"]
    ).map(DocumentPath)
)
IN_ARRAYS = SCALARS.filter(lambda item: not isinstance(item, Vector))
KEYS = KEYS.filter(lambda key: not (key.startswith("__") and key.endswith("__")))
ITEMS = st.recursive(
    SCALARS,
    lambda items: (
        st.dictionaries(KEYS, items, max_size=2)
        | st.lists(IN_ARRAYS | st.dictionaries(KEYS, items, max_size=2), max_size=2)
    ),
    max_leaves=8,
)


def value_of(item: object) -> Value:
    value = Value()
    encode_any(value, item, Context(f"{DATABASE}/documents", "memories"))
    return value


def text_of(value: Value, notation: Notation = OUTSIDE) -> str:
    return json.dumps(notation.to_json(value), allow_nan=False)


def read(text: str, notation: Notation = OUTSIDE) -> Value:
    value = Value()
    notation.write(value, json.loads(text))
    return value


def identity(value: Value) -> bytes:
    """The bytes of a value, in which NaN (of the same bits) equals NaN and 0.0 does not equal -0.0."""
    return value.SerializeToString(deterministic=True)


@given(ITEMS, st.sampled_from([INSIDE, OUTSIDE]))
def test_everything_comes_back(item: object, notation: Notation) -> None:
    value = value_of(item)
    assert identity(read(text_of(value, notation), notation)) == identity(value)


EXAMPLES: list[tuple[object, str]] = [
    (None, "null"),
    (3, "3"),
    (3.0, "3.0"),
    (-0.0, "-0.0"),
    (math.nan, '{"$double": "NaN"}'),
    (-math.inf, '{"$double": "-Infinity"}'),
    (b"\x00\x01", '{"$bytes": "AAE="}'),
    (datetime(2024, 1, 1, 12, tzinfo=UTC), '{"$timestamp": "2024-01-01T12:00:00Z"}'),
    (datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=UTC), '{"$timestamp": "0001-01-01T00:00:00.000001Z"}'),
    (GeoPoint(52.5, 13), '{"$geopoint": [52.5, 13.0]}'),
    (Vector([0.5, math.inf]), '{"$vector": [0.5, {"$double": "Infinity"}]}'),
    ([1, {}], "[1, {}]"),
    ({"b": 1, "a": {"d": 1, "c": 2}}, '{"a": {"c": 2, "d": 1}, "b": 1}'),
    ({"$a": 1, "b": 2}, '{"$a": 1, "b": 2}'),
    ({"$timestamp": 1}, '{"$map": {"$timestamp": 1}}'),
    ({"$map": {"$map": 1}}, '{"$map": {"$map": {"$map": {"$map": 1}}}}'),
]


@pytest.mark.parametrize(("item", "text"), EXAMPLES, ids=lambda value: str(value)[:40])
def test_how_values_are_written(item: object, text: str) -> None:
    assert text_of(value_of(item)) == text
    assert identity(read(text)) == identity(value_of(item))


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("projects/p/databases/d/documents/namespaces/tests/a/b", "a/b", "namespaces/tests/a/b"),
        ("projects/p/databases/d/documents/namespaces/tests2/a/b", "/namespaces/tests2/a/b", "namespaces/tests2/a/b"),
        ("projects/p/databases/d/documents/a/b", "/a/b", "a/b"),
        ("projects/p/databases/e/documents/a/b", *["projects/p/databases/e/documents/a/b"] * 2),
    ],
)
def test_paths(name: str, inside: str, outside: str) -> None:
    for notation, path in ((INSIDE, inside), (OUTSIDE, outside)):
        assert notation.path(name) == path
        assert notation.name(path) == name


def test_a_collection_of_projects_is_no_other_database() -> None:
    assert OUTSIDE.name("projects/p1") == f"{DATABASE}/documents/projects/p1"
    assert read('{"$reference": "projects/p1"}').reference_value == f"{DATABASE}/documents/projects/p1"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ('{"$timestamp": "2024-01-01T14:00:00+02:00"}', datetime(2024, 1, 1, 12, tzinfo=UTC)),
        ('{"$vector": [1, 2]}', Vector([1.0, 2.0])),
        ('{"$geopoint": [52, 13]}', GeoPoint(52.0, 13.0)),
        ('{"$map": {"plain": 1}}', {"plain": 1}),
    ],
)
def test_what_people_may_write_too(text: str, same: object) -> None:
    assert read(text) == value_of(same)


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        (
            '{"$tiemstamp": "2024-01-01T12:00:00Z"}',
            ["$tiemstamp is no type", "$timestamp", '{"$map": {"$tiemstamp": …}}'],
        ),
        ('{"$timestamp": "2024-01-01T12:00:00"}', ["2024-01-01T12:00:00Z"]),
        ('{"$timestamp": "soon"}', ["2024-01-01T12:00:00Z", '{"$timestamp": "soon"}']),
        ('{"$timestamp": 5}', ["2024-01-01T12:00:00Z"]),
        ('{"$bytes": "*"}', ["AAE="]),
        ('{"$geopoint": [1]}', ["[52.5, 13.4]"]),
        ('{"$geopoint": [91, 0]}', ["[52.5, 13.4]"]),
        ('{"$geopoint": ["1", "2"]}', ["[52.5, 13.4]"]),
        ('{"$reference": "books"}', ["books/b1"]),
        ('{"$vector": []}', ["[0.1, 0.2]"]),
        ('{"$vector": [true]}', ["[0.1, 0.2]"]),
        ('{"$vector": [1' + "0" * 400 + "]}", ["[0.1, 0.2]"]),
        ('{"$double": "nan"}', ["NaN"]),
        ('{"$map": [1]}', ["$map"]),
        ("[[1]]", ["directly inside an array"]),
        ('[{"$vector": [1]}]', ["a vector directly inside an array"]),
        ("9223372036854775808", ["64 bits"]),
        ("1e999", ["too large", "Infinity"]),
        ('{"__a__": 1}', ["reserved"]),
        ('{"": 1}', ["empty"]),
        ('{"a":' * 21 + "1" + "}" * 21, ["20 levels"]),
    ],
)
def test_what_is_refused(text: str, mentions: list[str]) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # what it says is checked below
        read(text)
    assert [mention for mention in mentions if mention not in str(caught.value)] == []


def test_the_json_is_what_python_reads_anywhere() -> None:
    everything: dict[str, Any] = {str(number): item for number, (item, _) in enumerate(EXAMPLES)}
    assert json.loads(text_of(value_of(everything))) == OUTSIDE.to_json(value_of(everything))
