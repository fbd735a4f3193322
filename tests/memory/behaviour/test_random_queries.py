"""Random queries over random documents find what Firestore's rules say, see `reference.py`."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.stored import put_all
from tests.memory.behaviour.reference import (
    ABSENT,
    Branch,
    Condition,
    Documents,
    Key,
    Leaf,
    Path,
    Position,
    Search,
    find,
    is_nan,
    value_at,
)

# Few values, so that many are equal; among them those that are hard to order.
INTEGERS = st.sampled_from([0, 1, 2, -(2**63), 2**53 + 1, 2**63 - 1])
FLOATS = st.sampled_from([math.nan, 0.0, 1.0, 0.5, -0.0, -math.inf, math.inf, 2.0**53])
TEXTS = st.sampled_from(["😀", "\ue000", "", "a", "ab", "B"])
TIMES = st.sampled_from([datetime(2024, 1, 1, tzinfo=UTC), datetime(1969, 7, 20, 20, 17, 40, 500, UTC)])
KEYS = st.sampled_from(["a", "a.b", "`"])
NUMBERS = FLOATS | st.sampled_from([0, 1, 2])
SCALARS = st.none() | st.booleans() | INTEGERS | FLOATS | TEXTS | TIMES | st.binary(max_size=2)
MAPS = st.dictionaries(KEYS, SCALARS | st.lists(SCALARS, max_size=2), max_size=2)
ANYTHING = SCALARS | MAPS | st.lists(SCALARS | MAPS, max_size=3)

FIELDS: dict[Path, st.SearchStrategy[Any]] = {
    ("count",): INTEGERS,
    ("size",): NUMBERS,
    ("name",): TEXTS,
    ("flag",): st.booleans(),
    ("at",): TIMES,
    ("scores", "a.b"): NUMBERS,
    ("inner", "rank"): NUMBERS,
    ("extra",): ANYTHING,
    ("extra", "a"): SCALARS,
    ("other",): ANYTHING,
}
"""The fields that are ordered and compared, with values that fit them."""
TAGS = st.lists(TEXTS, max_size=3)

FIELDS_OF_DOCUMENTS: dict[str, st.SearchStrategy[Any]] = {
    **{name: FIELDS[name,] | st.none() for name in ("count", "size", "name", "flag", "at")},
    "tags": TAGS,
    "scores": st.dictionaries(KEYS, NUMBERS, max_size=2),
    "inner": st.fixed_dictionaries({}, optional={"rank": NUMBERS | st.none(), "name": TEXTS}),
    "extra": ANYTHING,
    "other": ANYTHING,
}
DOCUMENTS = st.dictionaries(
    st.sampled_from(["1", "10", "2", "a", "A", "é", "ﬀ", "😀"]),
    st.fixed_dictionaries(FIELDS_OF_DOCUMENTS) | st.fixed_dictionaries({}, optional=FIELDS_OF_DOCUMENTS),
    min_size=4,
)

RANGES: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def stored_at(documents: Documents, path: Path) -> list[Any]:
    """What the documents hold at a path, and in the arrays there: values that filters should be about."""
    found = [value for document in documents.values() if (value := value_at(document, path)) is not ABSENT]
    return found + [element for value in found if isinstance(value, list) for element in value]


@st.composite
def leaves(draw: st.DrawFn, documents: Documents) -> Leaf:
    path = draw(st.sampled_from([*FIELDS, ("tags",)]))
    stored = stored_at(documents, path)
    if path == ("tags",) or (path in (("extra",), ("other",)) and draw(st.booleans())):
        elements = one_of(stored, TEXTS if path == ("tags",) else SCALARS | MAPS).filter(is_element)
        if draw(st.booleans()):
            return Leaf(path, "array-contains", draw(elements))
        return Leaf(path, "array-contains-any", draw(st.lists(elements, min_size=1, max_size=3)))
    values = one_of([value for value in stored if value is not None], FIELDS[path])
    op = draw(st.sampled_from([*RANGES, *RANGES, "in", "not-in"]))
    if op in ("in", "not-in"):
        return Leaf(path, op, draw(st.lists(values, min_size=1, max_size=3)))
    return Leaf(path, op, draw(values | st.none() if op in ("==", "!=") else values.filter(has_neighbours)))


def one_of(stored: list[Any], others: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(stored) | others if stored else others


def has_neighbours(value: Any) -> bool:
    """Whether something may come before or behind it: ranges of null and of NaN are refused."""
    return value is not None and not is_nan(value)


def is_element(value: Any) -> bool:
    return not isinstance(value, list)


def conditions(documents: Documents) -> st.SearchStrategy[Condition]:
    operators = st.sampled_from(["and", "or"])
    return st.recursive(
        leaves(documents),
        lambda parts: st.builds(Branch, operators, st.lists(parts, min_size=2, max_size=3).map(tuple)),
        max_leaves=4,
    )


@st.composite
def searches(draw: st.DrawFn, documents: Documents) -> Search:
    paths = draw(st.lists(st.sampled_from([*FIELDS]), max_size=2, unique=True))
    order = tuple(Key(path, draw(st.booleans())) for path in paths)

    def position() -> Position | None:
        if not order or draw(st.booleans()):
            return None
        values = [one_of(stored_at(documents, path), FIELDS[path] | st.none()) for path in paths]
        count = draw(st.integers(1, len(order)))
        return Position(tuple(map(draw, values[:count])), draw(st.booleans()))

    limit = draw(st.none() | st.integers(1, 4))
    from_end = limit is not None and bool(order) and draw(st.booleans())
    return Search(
        draw(st.one_of(st.none(), leaves(documents), conditions(documents))),
        order,
        position(),
        position(),
        limit,
        from_end,
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Documents, list[Search]]:
    documents = draw(DOCUMENTS)
    return documents, draw(st.lists(searches(documents), min_size=4, max_size=8))


def field_at(fields: Any, path: Path) -> Any:
    """The typed field: an attribute of the fields or of a model's, or a key of a map."""
    field = getattr(fields, path[0])
    for key in path[1:]:
        field = getattr(field, key) if path[0] == "inner" else field[key]
    return field


def built_filter(fields: Any, condition: Condition) -> Any:
    match condition:
        case Branch(op, (first, *rest)):
            combined = built_filter(fields, first)
            for part in rest:
                other = built_filter(fields, part)
                combined = combined & other if op == "and" else combined | other
            return combined
        case Leaf(path, op, value) if op in RANGES:
            return RANGES[op](field_at(fields, path), value)
        case Leaf(path, op, value):
            method = {"in": "in_"}.get(op, op.replace("-", "_"))
            return getattr(field_at(fields, path), method)(value)
    raise AssertionError(condition)


def built(collection: Any, fields: Any, search: Search) -> Any:
    """Say it with the builder."""
    query = collection.all()
    if search.condition is not None:
        query = query.where(built_filter(fields, search.condition))
    for key in search.order:
        field = field_at(fields, key.path)
        query = query.order_by(field.desc() if key.descending else field.asc())
    if (start := search.start) is not None:
        query = (query.start_at if start.before else query.start_after)(*start.values)
    if (end := search.end) is not None:
        query = (query.end_before if end.before else query.end_at)(*end.values)
    if search.limit is not None:
        query = (query.limit_to_last if search.from_end else query.limit)(search.limit)
    return query


async def check(client: Any, gadgets: Any, case: tuple[Documents, list[Search]]) -> None:
    documents, searches = case
    run = uuid4().hex
    await put_all(client, {f"runs/{run}/samples/{name}": fields for name, fields in documents.items()})
    for search in searches:
        try:
            query = built(client.samples(run=run), gadgets.SampleFields, search)
        except gadgets.ValidationError as error:
            if "Firestore allows one" in str(error):  # it drew two of what a query may have one of
                continue
            raise
        expected = find(documents, search)
        assert [sample.id async for sample in query] == expected
        assert await query.count() == len(expected)
        if not search.from_end:
            assert [sample.id async for page in query.pages(2) for sample in page.items] == expected


FIXED = settings(
    max_examples=75, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FIXED
@given(cases())
async def test_random_queries(gadgets_client: Any, gadgets: Any, case: tuple[Documents, list[Search]]) -> None:
    """The examples are always the same."""
    await check(gadgets_client, gadgets, case)


@pytest.mark.slow
@settings(FIXED, max_examples=200, derandomize=False, print_blob=True)
@given(cases())
async def test_many_random_queries(gadgets_client: Any, gadgets: Any, case: tuple[Documents, list[Search]]) -> None:
    """The examples are always others; one that fails says how to repeat it."""
    await check(gadgets_client, gadgets, case)
