"""Filters made from typed fields: every operator, nested fields, odd keys, and Firestore's limits on all of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, ValidationError
from firestore_memory import MemoryItemFields as F
from firestore_memory import SessionTurnFields as T
from tests.helpers.items import an_item
from tests.helpers.stored import put
from tests.helpers.stores import sends_nothing
from tests.memory.behaviour.samples import some_samples

Condition = Callable[[Any], Any]
"""Makes a filter of the fields of the samples, whose types nobody knows before they are made."""

NAN = math.nan
ODD_KEYS = ["a.b", "a b", "`", "\\", '"', "1st", "é", "*", "~", "\n", "a-b", "__a", "a__", "😀"]

FILTERS: dict[str, tuple[Condition, str]] = {
    "in": (lambda f: f.count.in_([1, 3, 9]), "13"),
    "in, one value": (lambda f: f.count.in_((2,)), "2"),
    "in, doubles for integers": (lambda f: f.size.in_([2]), "2"),
    "in, texts": (lambda f: f.name.in_(["ada", "eve"]), "0"),
    "in, booleans": (lambda f: f.flag.in_([True]), "1"),
    "in, lists": (lambda f: f.tags.in_([["x"], []]), "0145"),
    "in, no declared type": (lambda f: f.extra.in_(["text", [1, "x"]]), "24"),
    "in, null and NaN are never found": (lambda f: f.extra.in_([None, NAN]), ""),
    "not in": (lambda f: f.count.not_in([0, 1]), "23"),
    "not in, nor null": (lambda f: f.size.not_in([2.5]), "012"),
    "not in null finds nothing": (lambda f: f.extra.not_in([None, 1]), ""),
    "not in NaN finds NaN": (lambda f: f.extra.not_in([NAN]), "1234"),
    "array contains": (lambda f: f.tags.array_contains("x"), "12"),
    "array contains any": (lambda f: f.tags.array_contains_any(["x", "z"]), "123"),
    "array contains, no declared type": (lambda f: f.extra.array_contains(1), "2"),
    "array contains any, no declared type": (lambda f: f.extra.array_contains_any(["x", 5]), "2"),
    "is null": (lambda f: f.count.is_null(), "4"),
    "is null, no declared type": (lambda f: f.extra.is_null(), "0"),
    "== None": (lambda f: f.name == None, "34"),  # noqa: E711
    "!= None": (lambda f: f.extra != None, "1234"),  # noqa: E711
    "is NaN": (lambda f: f.size.is_nan(), "1"),
    "is NaN, no declared type": (lambda f: f.extra.is_nan(), "1"),
    "== NaN": (lambda f: f.size == NAN, "1"),
    "!= NaN, nor null": (lambda f: f.size != NAN, "024"),
    "!=, but NaN": (lambda f: f.size != 2.0, "014"),
    "< is not NaN": (lambda f: f.size < 2.5, "02"),
    ">= infinity": (lambda f: f.size >= -math.inf, "024"),
    "== of another type of number": (lambda f: f.extra["n"] == 7.0, "3"),
    "a nested field": (lambda f: f.inner.rank == 1, "1"),
    "in, a nested field": (lambda f: f.inner.name.in_(["deep", "down"]), "13"),
    "a nested field is null": (lambda f: f.inner.rank.is_null(), "3"),
    "a list": (lambda f: f.tags == ["x", "y"], "2"),
    "a key": (lambda f: f.scores["a.b"] > 1, "1"),
    "a key of a key": (lambda f: f.extra["odd key"]["`\\"] == 7, "3"),
    "&": (lambda f: f.tags.array_contains("x") & (f.count > 1), "2"),
    "|": (lambda f: (f.count == 0) | f.tags.array_contains("z"), "03"),
    "| of array operators": (lambda f: f.tags.array_contains("z") | f.tags.array_contains("x"), "123"),
    "& of |": (lambda f: ((f.count == 1) | (f.count == 2)) & ((f.flag == True) | (f.name == "ada")), "1"),  # noqa: E712
    "| of &": (lambda f: (f.count.in_([1, 2]) & (f.name == "bob")) | (f.flag == False), "012"),  # noqa: E712
    "| of &, one of them in": (lambda f: f.size.is_null() | (f.size.is_nan() & f.count.in_([1])), "13"),
    "an inequality in one of the alternatives": (lambda f: (f.count > 2) | (f.name == "lost"), "3"),
    "ids": (lambda f: f.document_id.in_(["1", "5", "9"]), "15"),
    "other ids": (lambda f: f.document_id.not_in(["1", "5", "9"]), "0234"),
}


@pytest.mark.parametrize(("condition", "expected"), FILTERS.values(), ids=FILTERS)
async def test_filters(gadgets_client: Any, gadgets: Any, condition: Condition, expected: str) -> None:
    """Documents "0" to "4" are whole ones, and "5" has but a name, so that no inequality finds it on another field."""
    collection = gadgets_client.samples(run="r")
    for sample in some_samples(gadgets):
        await collection.set(sample)
    await put(gadgets_client, "runs/r/samples/5", name="lost", tags=[])
    query = collection.where(condition(gadgets.SampleFields))
    assert "".join(sorted([sample.id async for sample in query])) == expected
    assert await query.count() == len(expected)


async def test_a_whole_model(gadgets_client: Any, gadgets: Any) -> None:
    collection = gadgets_client.samples(run="r")
    for sample in some_samples(gadgets):
        await collection.set(sample)
    query = collection.where(gadgets.SampleFields.inner == gadgets.Inner(rank=1, name="deep"))
    assert [sample.id async for sample in query] == ["1"]


@pytest.mark.parametrize("key", ODD_KEYS)
async def test_odd_keys(client: AsyncMemoryClient, key: str) -> None:
    for name, inner in (("a", {key: 1}), ("b", {key: 2}), ("c", {"other": 3})):
        await client.memory_items.create(an_item(metadata={key: inner}), id=name)
    field = F.metadata[key][key]
    assert [item.id async for item in client.memory_items.where(field == 2)] == ["b"]
    assert [item.id async for item in client.memory_items.order_by(field.desc())] == ["b", "a"]
    assert await client.memory_items.all().sum(field) == 3


# Limits

A, B = F.metadata["a"], F.metadata["b"]

TOO_MUCH: dict[str, tuple[list[Callable[[], Any]], str]] = {
    "31 values in in": ([lambda: F.user_id.in_([f"{n}" for n in range(31)])], "31 values.* 1 to 30"),
    "31 values in array-contains-any": ([lambda: A.array_contains_any([*range(31)])], "31 values.* 1 to 30"),
    "11 values in not-in": ([lambda: F.user_id.not_in([f"{n}" for n in range(11)])], "11 values.* 1 to 10"),
    "no value in in": ([lambda: F.user_id.in_([])], "0 values.* 1 to 30"),
    "no value in not-in": ([lambda: F.user_id.not_in([])], "0 values.* 1 to 10"),
    "no value in array-contains-any": ([lambda: A.array_contains_any([])], "0 values.* 1 to 30"),
    "31 alternatives": ([lambda: alternatives(31)], "31 disjunctions.* 30"),
    "6 x 6 alternatives": ([lambda: A.in_([*range(6)]), lambda: B.in_([*range(6)])], "36 disjunctions.* 30"),
    "& of |": ([lambda: alternatives(4) & alternatives(8)], "32 disjunctions.* 30"),
    "ranges on 11 fields": ([lambda: F.metadata["x"] > 0, lambda: ranges(10)], "11 fields.* 10"),
    "two !=": ([lambda: A != 1, lambda: B != 1], "more than one `!="),
    "!= and is not null": ([lambda: (A != 1) & (B != None)], "more than one `!="),  # noqa: E711
    "!= and is not NaN": ([lambda: (A != 1) & (B != NAN)], "more than one `!="),
    "!= and not-in": ([lambda: A != 1, lambda: A.not_in([2])], "more than one `!="),
    "not-in and in": ([lambda: A.not_in([1]), lambda: B.in_([1])], "`not-in` beside"),
    "not-in and |": ([lambda: A.not_in([1]), lambda: alternatives(2)], "`not-in` beside"),
    "not-in and array-contains-any": ([lambda: A.not_in([1]) & B.array_contains_any([1])], "`not-in` beside"),
    "two array operators": ([lambda: A.array_contains(1), lambda: A.array_contains(2)], "more than one `array-"),
    "two array operators in an alternative": (
        [lambda: A.array_contains(1) & ((B == 1) | B.array_contains_any([2]))],
        "more than one `array-",
    ),
}


def alternatives(count: int) -> Any:
    combined: Any = F.user_id == "0"
    for number in range(1, count):
        combined |= F.user_id == f"{number}"
    return combined


def ranges(count: int) -> Any:
    combined: Any = F.metadata["0"] > 0
    for number in range(1, count):
        combined &= F.metadata[f"{number}"] > 0
    return combined


@sends_nothing
@pytest.mark.parametrize(("filters", "limit"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_breaks_a_limit_is_refused(client: AsyncMemoryClient, filters: list[Any], limit: str) -> None:
    """It is refused where it is written, at the latest by `where`, which sends nothing."""
    with pytest.raises(ValidationError, match=limit):
        client.memory_items.where(*(make() for make in filters))
    with pytest.raises(ValidationError, match=limit):
        reduce(lambda query, make: query.where(make()), filters, client.memory_items.all())


@pytest.mark.parametrize(
    "filters",
    [
        [F.user_id.in_([f"{n}" for n in range(30)])],
        [F.user_id.not_in([f"{n}" for n in range(10)])],
        [A.array_contains_any([*range(15)]), B.in_([1, 2])],
        [alternatives(5) & alternatives(6)],
        [alternatives(29) | (A != 1)],
        [ranges(10), F.metadata["1"] < 5],
        [A != 1, A > 0, B > 0],
        [A.array_contains(1) | B.array_contains(2)],
    ],
)
async def test_the_most_that_is_allowed(client: AsyncMemoryClient, filters: list[Any]) -> None:
    assert await client.memory_items.where(*filters).count() == 0


# Values that do not fit


def test_values_of_the_wrong_type() -> None:
    count: Any = T.token_count
    makers: tuple[Callable[[], object], ...] = (
        lambda: count.in_([1, "2"]),
        lambda: count.in_([True]),
        lambda: count.in_([1.5]),
        lambda: count.in_([None]),
        lambda: count.not_in(["1"]),
        lambda: count.in_("12"),
        lambda: count.in_({1, 2}),
        lambda: count.in_(1),
    )
    for make in makers:
        with pytest.raises(ValidationError, match="token_count"):
            make()


def test_ranges_of_nan(gadgets: Any) -> None:
    for field in (gadgets.SampleFields.size, gadgets.SampleFields.extra):
        for compare in (field.__lt__, field.__le__, field.__gt__, field.__ge__):
            with pytest.raises(gadgets.ValidationError, match="NaN"):
                compare(NAN)


def test_elements_of_the_wrong_type(gadgets: Any) -> None:
    tags = gadgets.SampleFields.tags
    makers: tuple[Callable[[], object], ...] = (
        lambda: tags.array_contains(1),
        lambda: tags.array_contains(None),
        lambda: tags.array_contains(["x"]),
        lambda: tags.array_contains_any(["x", 1]),
        lambda: tags.array_contains_any("x"),
        lambda: tags == "x",
    )
    for make in makers:
        with pytest.raises(gadgets.ValidationError, match="tags"):
            make()


def test_keys_that_no_map_can_have() -> None:
    metadata: Any = F.metadata
    for key in ("", "__reserved__", "x" * 1_501, "\ud800", 5):
        with pytest.raises(ValidationError, match="key"):
            metadata[key]


def test_ids_that_no_document_can_have() -> None:
    document_id: Any = F.document_id
    for value in ("", "a/b", "..", 5):
        with pytest.raises(ValidationError, match="document id"):
            document_id.in_(["a", value])
