"""Random values and documents: few values, so that many are equal, and among them those that are hard to order."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

from hypothesis import strategies as st

from firestore_runtime.paths import FieldPath
from tests.runtime.embedded.messages import Point, Reference, Timestamp, Vector

Stored: TypeAlias = dict[str, dict[str, Any]]
"""Fields of documents by their paths below the document that all of a case lies below of."""

INTEGERS = st.sampled_from([0, 1, 2, -1, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63)])
FLOATS = st.sampled_from(
    [math.nan, 0.0, -0.0, 1.0, 0.5, -1.5, 5e-324, 2.0**53, 2.0**63, -(2.0**63), math.inf, -math.inf]
)
TEXTS = st.sampled_from(["", "a", "ab", "A", "a\0", "a\x01", "é", "e\u0301", "\ue000", "\uffff", "😀"])
SECONDS = st.sampled_from([0, 1, -1, -(2**31), 253_402_300_799])
TIMES = st.builds(Timestamp, SECONDS, st.sampled_from([0, 1_000, 999_999_000]))
POINTS = st.builds(Point, st.sampled_from([0.0, -0.0, 1.0, -90.0]), st.sampled_from([0.0, -0.0, 1.0, -180.0]))
ELEMENTS = st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, math.inf])
VECTORS = st.builds(Vector, st.lists(ELEMENTS, min_size=1, max_size=3).map(tuple))
DIRECTIONS = st.sampled_from([1.0, -1.0, 0.5, 2.0])
"""Elements of vectors that have a distance by every measure; the emulator finds those without one, too."""
SEARCHED = st.builds(
    Vector, st.one_of(*[st.tuples(DIRECTIONS, DIRECTIONS)] * 3, st.lists(DIRECTIONS, min_size=1, max_size=3).map(tuple))
)
IDS = st.sampled_from(["1", "10", "2", "a", "A", "a-", "a b", "a!", "é", "\ue000", "😀"])
PATHS = st.one_of(
    *[IDS.map("c/{}".format)] * 4,
    IDS.map("d/{}".format),
    st.builds("c/{}/c/{}".format, IDS, IDS),
    st.builds("c/{}/d/{}".format, IDS, IDS),
)
REFERENCES = st.builds(Reference, PATHS | st.sampled_from(["a!/1", "a/1", "a/1/a/1", "a-/1"]))
KEYS = st.sampled_from(["x", "y", "a.b", "`", "\\", "é", "x y"])
NUMBERS = st.sampled_from([0, 1, 2, 3]) | INTEGERS | FLOATS
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, st.binary(max_size=2), TIMES, POINTS, REFERENCES)
FLAT_MAPS = st.dictionaries(KEYS, SCALARS, max_size=2)
ARRAYS = st.lists(SCALARS | FLAT_MAPS, max_size=3)  # Firestore refuses arrays and vectors in arrays
MAPS = st.dictionaries(KEYS, SCALARS | ARRAYS | FLAT_MAPS | VECTORS, max_size=3)
ANYTHING = st.one_of(SCALARS, ARRAYS, MAPS, VECTORS)

FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "a": ANYTHING,
    "b": ANYTHING,
    "n": NUMBERS | st.none(),
    "s": TEXTS,
    "few": st.sampled_from([1, 2]),
    "fewer": st.sampled_from([1, None]),
    "t": st.lists(st.sampled_from([0, 1, 1.0, "a", None, math.nan]), max_size=3),
    "m": MAPS,
    "pen name": st.dictionaries(KEYS, FLAT_MAPS, max_size=2) | NUMBERS,
    "v": st.one_of(SEARCHED, SEARCHED, SEARCHED, SCALARS),
}
DOCUMENTS: st.SearchStrategy[Stored] = st.dictionaries(
    PATHS,
    st.one_of(*[st.fixed_dictionaries(FIELDS)] * 3, st.fixed_dictionaries({}, optional=FIELDS)),
    min_size=6,
    max_size=14,
)

NAME: FieldPath = ("__name__",)
FIELD_PATHS: st.SearchStrategy[FieldPath] = st.sampled_from(
    [
        *([(name,) for name in FIELDS] * 3),
        *([("few",), ("n",), ("fewer",), ("t",), ("few",)] * 6),
        ("m", "x"),
        ("m", "a.b"),
        ("m", "`"),
        ("m", "\\"),
        ("m", "x", "y"),
        ("pen name", "x"),
        ("pen name", "x y", "é"),
        ("v", "value"),
        ("missing",),
    ]
)


def stored_at(documents: Stored, path: FieldPath) -> list[Any]:
    """What the documents have at a path."""
    found: list[Any] = [*documents.values()]
    for key in path:
        found = [item[key] for item in found if isinstance(item, dict) and key in item]
    return found
