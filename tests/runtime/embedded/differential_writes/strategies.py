"""Random writes: few documents, fields and values, so that they meet, and many that are hard to get right."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from firestore_runtime.paths import field_path
from tests.runtime.embedded.differential_writes.plans import Commit, Condition, Delete, Path, Planned, Transform, Update
from tests.runtime.embedded.messages import Point, Reference, Timestamp, Vector

DOCUMENTS = ["x", "y", "é😀"]
KEYS = st.sampled_from(["a", "a", "b", "a.b", "`\\"])
INTEGERS = st.sampled_from([0, 1, 3, -1, 2**53 + 1, 2**63 - 1, -(2**63)])
FLOATS = st.sampled_from([0.0, -0.0, 1.0, 3.0, 0.5, math.nan, math.inf, -math.inf, 2.0**53, -(2.0**63), 1.7e308])
NUMBERS = INTEGERS | FLOATS
TIMES = st.sampled_from([Timestamp(1, 1_999), Timestamp(1, 1_000), Timestamp(-5, 999_999_999)])
OTHERS: st.SearchStrategy[Any] = st.sampled_from(
    ["", "a", "\0", b"", b"a", Point(0.0, 1.0), Point(-0.0, 1.0), Reference("c/a"), Reference("c/b"), None, True, False]
)
VECTORS = st.sampled_from([Vector((1.0, 2.0)), Vector((-0.0,)), Vector((0.0,))])
SCALARS: st.SearchStrategy[Any] = NUMBERS | OTHERS | TIMES
ELEMENTS: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda parts: st.dictionaries(KEYS, parts | st.lists(SCALARS, max_size=2), max_size=2), max_leaves=3
)
ARRAYS: st.SearchStrategy[list[Any]] = st.lists(ELEMENTS, max_size=4)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS | VECTORS | ARRAYS, lambda parts: st.dictionaries(KEYS, parts, max_size=3), max_leaves=4
)
FIELDS: st.SearchStrategy[Mapping[str, Any]] = st.dictionaries(KEYS, VALUES, max_size=3)
CONDITIONS: list[Condition] = [*[None] * 9, True, True, False, "current", "current", "former"]

BAD_PATHS = ["", ".", "a.", ".a", "a..b", "`a", "``", "a-b", "1", "a b", "é", "__x__", "a.__x__", "`a`b"]
BAD_VALUES: list[Any] = [[[]], {"a": [[1]]}, {"__x__": 1}, {"__type__": "__vector__"}]
BAD_VALUES += [Vector(()), [Vector((1.0,))], Point(90.5, 0.0), Point(math.nan, 0.0)]
BAD_VALUES += [Timestamp(253_402_300_800), Timestamp(0, -1)]
BAD_TRANSFORMS: list[tuple[str | None, Any]] = [
    (None, None),
    ("set_to_server_value", 0),
    ("increment", "a"),
    ("maximum", None),
    ("minimum", [1]),
]
BAD_TRANSFORMS += [("append_missing_elements", [{"__x__": 1}]), ("remove_all_from_array", [Point(0.0, 180.5)])]


def _rarely(draw: st.DrawFn) -> bool:
    return draw(st.integers(0, 99)) == 42


@st.composite
def paths(draw: st.DrawFn, fields: Mapping[str, Any]) -> str:
    """Draw the path of a field, which often is among these."""
    if _rarely(draw):
        return draw(st.sampled_from(BAD_PATHS))
    stored = list(_paths_in(fields, ()))
    reuse, extend = draw(st.booleans()), draw(st.integers(0, 3)) == 0
    path: Path = draw(st.sampled_from(stored)) if stored and reuse else ()
    if not path or extend:
        path = (*path, *draw(st.lists(KEYS, min_size=1, max_size=2)))
    return field_path(path)


def _paths_in(item: Any, path: Path) -> list[Path]:
    parts = item.items() if isinstance(item, Mapping) else ()
    return [*([path] if path else []), *(found for key, part in parts for found in _paths_in(part, (*path, key)))]


@st.composite
def transforms(draw: st.DrawFn, fields: Mapping[str, Any]) -> Transform:
    path = draw(paths(fields))
    if _rarely(draw):
        return Transform(path, *draw(st.sampled_from(BAD_TRANSFORMS)))
    kind = draw(st.sampled_from(["increment", "maximum", "minimum", "append", "remove", "now"]))
    match kind:
        case "append":
            return Transform(path, "append_missing_elements", draw(ARRAYS))
        case "remove":
            return Transform(path, "remove_all_from_array", draw(ARRAYS))
        case "now":
            return Transform(path, "set_to_server_value", 1)
        case _:
            return Transform(path, kind, draw(NUMBERS))


@st.composite
def writes(draw: st.DrawFn, document: str) -> Planned:
    condition = draw(st.sampled_from(CONDITIONS))
    if draw(st.integers(0, 5)) == 5:
        return Delete(document, ("a",) if _rarely(draw) else None, condition)
    fields = draw(FIELDS)
    mask = draw(st.none() | st.lists(paths(fields), max_size=4).map(tuple))
    if _rarely(draw):
        fields = {**fields, "b": draw(st.sampled_from(BAD_VALUES))}
        mask = None if mask is None else (*mask, "b")  # the emulator accepts some bad values that a mask leaves out
    changes = draw(st.lists(transforms(fields), max_size=3))
    if not _rarely(draw):
        changes = [change for change in changes if not any(_is_below(change, other) for other in changes)]
    return Update(document, fields, mask, tuple(changes), condition)


def _is_below(change: Transform, other: Transform) -> bool:
    return change.path.startswith(f"{other.path}.")


@st.composite
def commits(draw: st.DrawFn) -> Commit:
    if draw(st.integers(0, 5)) == 5:
        each = draw(st.lists(st.sampled_from(DOCUMENTS), min_size=1, max_size=3, unique=True))
        return Commit(tuple(draw(writes(document)) for document in each), is_batch=True)
    some = draw(st.lists(st.sampled_from(DOCUMENTS), min_size=1, max_size=4))
    return Commit(tuple(draw(writes(document)) for document in some))


HISTORIES = st.lists(commits(), min_size=1, max_size=12)
