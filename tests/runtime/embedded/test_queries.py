"""What a query is read as, what is refused, and how it runs: above all, where Firestore's emulator cannot tell.

What queries find is compared with the emulator in `differential/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from firestore_memory import ValidationError
from firestore_runtime import wire
from firestore_runtime.embedded.semantics.keys import successor, type_range, value_key
from firestore_runtime.embedded.semantics.orders import Order
from firestore_runtime.embedded.semantics.queries import Conjunction, Query, read_query, run
from tests.runtime.embedded.messages import (
    ROOT,
    Reference,
    Vector,
    combined,
    document_of,
    having,
    value_of,
    where,
)

NAME = ("__name__",)
A, B, T = ("a",), ("b",), ("t",)


def query_of(
    condition: wire.Filter | None = None, *orders: str, **cursors: tuple[bool, list[Any]]
) -> wire.StructuredQuery:
    """A query of the collection `c`; a minus makes an order descending."""
    query = wire.StructuredQuery()
    query.from_.add().collection_id = "c"
    if condition is not None:
        query.where.CopyFrom(condition)
    for text in orders:
        order = query.order_by.add()
        order.field.field_path = text.removeprefix("-")
        order.direction = 2 if text.startswith("-") else 1
    for name, (before, values) in cursors.items():
        cursor = getattr(query, name)
        cursor.before = before
        cursor.values.extend(map(value_of, values))
    return query


def read(condition: wire.Filter | None = None, *orders: str, **cursors: tuple[bool, list[Any]]) -> Query:
    return read_query(ROOT, query_of(condition, *orders, **cursors))


def ids(documents: Iterator[wire.Document]) -> list[str]:
    return [document.name.rpartition("/")[2] for document in documents]


def numbered(number: int) -> wire.Document:
    return document_of(f"c/{number:06}", {"n": number})


def key(item: Any) -> bytes:
    return value_key(value_of(item))


def any_of(*parts: wire.Filter) -> wire.Filter:
    return combined("or", parts)


def all_of(*parts: wire.Filter) -> wire.Filter:
    return combined("and", parts)


def equal_to(values: range, field: str = "a") -> list[wire.Filter]:
    return [where(field, "==", value) for value in values]


# Alternatives


def test_a_query_without_a_filter_has_one_alternative_that_asks_for_nothing() -> None:
    assert read().alternatives == (Conjunction({}, (), {}),)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (where("a", "==", 1), Conjunction({A: key(1)}, (), {})),
        (having("a", "is-null"), Conjunction({A: key(None)}, (), {})),
        (having("a", "is-nan"), Conjunction({A: key(float("nan"))}, (), {})),
        (where("t", "array-contains", 1), Conjunction({}, ((T, key(1)),), {})),
        (where("a", "<", 5), Conjunction({}, (), {A: (type_range(key(5))[0], key(5))})),
        (where("a", "<=", 5), Conjunction({}, (), {A: (type_range(key(5))[0], successor(key(5)))})),
        (where("a", ">", 5), Conjunction({}, (), {A: (successor(key(5)), type_range(key(5))[1])})),
        (where("a", ">=", 5), Conjunction({}, (), {A: (key(5), type_range(key(5))[1])})),
        (where("a", "!=", 5), Conjunction({}, (), {A: (successor(key(None)), b"\xff")})),
        (all_of(where("a", ">=", 1), where("a", "<", 5)), Conjunction({}, (), {A: (key(1), key(5))})),
        (
            all_of(where("a", "==", 1), all_of(where("b", "==", 2), where("t", "array-contains", 3))),
            Conjunction({A: key(1), B: key(2)}, ((T, key(3)),), {}),
        ),
    ],
    ids=str,
)
def test_what_one_alternative_asks_for(condition: wire.Filter, expected: Conjunction) -> None:
    assert read(condition).alternatives == (expected,)


def test_alternatives_multiply_where_several_must_match() -> None:
    condition = all_of(where("a", "in", [1, 2]), any_of(where("b", "==", 3), where("t", "array-contains-any", [4, 5])))
    found = read(condition).alternatives

    assert [{*one.equalities.values(), *(element for _, element in one.contains)} for one in found] == [
        {key(first), key(second)} for first in (1, 2) for second in (3, 4, 5)
    ]


@pytest.mark.parametrize(
    "condition",
    [
        all_of(where("a", "==", 1), where("a", "==", 2)),
        all_of(where("a", "<", 1), where("a", ">", 1)),
        all_of(where("a", ">", 1), where("a", "<", "text")),
        where("a", "==", None),
        where("a", "in", [None, float("nan")]),
        where("a", "<", float("nan")),
        where("a", "!=", None),
        where("a", "not-in", [1, None]),
        where("t", "array-contains", None),
    ],
    ids=str,
)
def test_what_nothing_can_match_has_no_alternatives(condition: wire.Filter) -> None:
    assert read(condition).alternatives == ()


def test_a_part_that_repeats_another_one_does_not_count() -> None:
    parts = [any_of(where("a", "==", 1), where(f"b{number}", "==", 1)) for number in range(4)]

    assert len(read(all_of(*parts)).alternatives) == 16
    assert len(read(all_of(*parts, *parts)).alternatives) == 16


# Orders and cursors


@pytest.mark.parametrize(
    ("condition", "orders", "expected"),
    [
        (None, [], [Order(NAME, False)]),
        (None, ["-a"], [Order(A, True), Order(NAME, True)]),
        (None, ["-a", "__name__"], [Order(A, True), Order(NAME, False)]),
        (where("a", ">", 1), [], [Order(A, False), Order(NAME, False)]),
        (where("a", "==", 1), [], [Order(NAME, False)]),
        (having("a", "is-not-null"), ["-b"], [Order(B, True), Order(A, True), Order(NAME, True)]),
        (
            all_of(
                where("b.x", ">", 1),
                where("`b-`", ">", 1),
                where("a", ">", 1),
                where("__name__", ">", Reference("c/x")),
            ),
            [],
            [Order(A, False), Order(("b", "x"), False), Order(("b-",), False), Order(NAME, False)],
        ),
    ],
    ids=str,
)
def test_what_documents_are_ordered_by(condition: wire.Filter | None, orders: list[str], expected: list[Order]) -> None:
    assert read(condition, *orders).orders == tuple(expected)


def test_cursors_cut_before_or_behind_what_has_their_values() -> None:
    document = document_of("c/x", {"a": 1, "b": 2})

    def is_found(**cursors: tuple[bool, list[Any]]) -> bool:
        return ids(run(read(None, "a", "-b", **cursors), [document], ordered=False)) == ["x"]

    assert is_found(start_at=(True, [1]))
    assert not is_found(start_at=(False, [1]))
    assert is_found(start_at=(True, [1, 2]), end_at=(False, [1, 2]))
    assert is_found(start_at=(False, [1, 3]), end_at=(True, [1, 1]))
    assert not is_found(end_at=(True, [1]))
    assert is_found(start_at=(True, []), end_at=(False, []))
    assert not is_found(start_at=(False, []))
    assert not is_found(end_at=(True, []))


@pytest.mark.parametrize("order", ["__name__", "-__name__"])
def test_cursors_with_the_name_of_a_document_cut_before_or_behind_it(order: str) -> None:
    document = document_of("c/x", {"a": 1})

    def is_found(**cursors: tuple[bool, list[Any]]) -> bool:
        return ids(run(read(None, "a", order, **cursors), [document], ordered=False)) == ["x"]

    position = [1, Reference("c/x")]
    assert is_found(start_at=(True, position))
    assert not is_found(start_at=(False, position))
    assert not is_found(end_at=(True, position))
    assert is_found(end_at=(False, position))


def test_a_document_without_an_ordered_field_has_no_position() -> None:
    query = read(None, "a")

    assert query.sort_key(document_of("c/x", {"b": 1})) is None
    assert query.sort_key(document_of("c/x", {"a": None})) is not None


# Refusals


def limited(limit: int, offset: int = 0) -> wire.StructuredQuery:
    query = query_of()
    query.limit.value, query.offset = limit, offset
    return query


def of_two_collections() -> wire.StructuredQuery:
    query = query_of()
    query.from_.add().collection_id = "d"
    return query


def of_collection(collection_id: str) -> wire.StructuredQuery:
    query = query_of()
    query.from_[0].collection_id = collection_id
    return query


def with_operator(kind: str, number: int) -> wire.StructuredQuery:
    condition = {
        "field": where("a", "==", 1),
        "unary": having("a", "is-nan"),
        "composite": all_of(where("a", "==", 1)),
    }[kind]
    getattr(condition, f"{kind}_filter").op = number
    return query_of(condition)


def with_direction(number: int) -> wire.StructuredQuery:
    query = query_of(None, "a")
    query.order_by[0].direction = number
    return query


def without_value() -> wire.StructuredQuery:
    query = query_of(where("a", "==", 1))
    query.where.field_filter.value.ClearField("integer_value")
    return query


def empty_filter() -> wire.StructuredQuery:
    query = query_of()
    query.where.SetInParent()
    return query


REFUSED: dict[str, tuple[wire.StructuredQuery, str]] = {
    "a negative limit": (limited(-1), "negative"),
    "a negative offset": (limited(1, -1), "negative"),
    "two collections": (of_two_collections(), "not 2"),
    "a collection with a slash": (of_collection("c/x/d"), "slash"),
    "a reserved collection": (of_collection("__c__"), "reserved"),
    "an empty filter": (empty_filter(), "a filter is empty"),
    "no field operator": (with_operator("field", 0), "FieldOperator"),
    "no unary operator": (with_operator("unary", 1), "UnaryOperator"),
    "no composite operator": (with_operator("composite", 3), "CompositeOperator"),
    "no direction": (with_direction(3), "direction"),
    "a value without a type": (without_value(), "no type"),
    "an OR of nothing": (query_of(any_of()), "no parts"),
    "no values": (query_of(where("a", "in", [])), "at least one"),
    "no array": (query_of(where("a", "array-contains-any", 1)), "array"),
    "31 values": (query_of(where("a", "in", [*range(31)])), "31 values"),
    "11 values to exclude": (query_of(where("a", "not-in", [*range(11)])), "11 values"),
    "31 disjunctions": (query_of(any_of(*equal_to(range(31)))), "31 or more"),
    "5 times 7 disjunctions": (
        query_of(all_of(where("a", "in", [*range(5)]), where("b", "in", [*range(7)]))),
        "35 or more",
    ),
    "5 times 7 disjunctions, some of which match nothing": (
        query_of(
            all_of(where("a", "in", [*range(5)]), any_of(where("c", "<", None), where("b", "in", [None, *range(5)])))
        ),
        "35 or more",
    ),
    "101 filters": (query_of(all_of(*(where(f"f{number}", "==", 1) for number in range(101)))), "101 filters"),
    "100 filters and an order": (
        query_of(all_of(*(where(f"f{number}", "==", 1) for number in range(100))), "a"),
        "101",
    ),
    "11 inequalities": (query_of(all_of(*(where(f"f{number}", ">", 1) for number in range(11)))), "11 fields"),
    "two exclusions": (query_of(all_of(where("a", "!=", 1), having("b", "is-not-null"))), "NOT_EQUAL"),
    "not-in beside in": (query_of(all_of(where("a", "not-in", [1]), where("b", "in", [1]))), "NOT_IN"),
    "not-in beside or": (query_of(all_of(where("a", "not-in", [1]), any_of(where("b", "==", 1)))), "NOT_IN"),
    "two arrays": (
        query_of(all_of(where("t", "array-contains", 1), where("b", "array-contains", 1))),
        "ARRAY_CONTAINS",
    ),
    "an order twice": (query_of(None, "a", "-a"), "twice"),
    "an order behind the name": (query_of(None, "__name__", "a"), "after __name__"),
    "the name before an inequality": (query_of(where("a", ">", 1), "__name__"), "after __name__"),
    "the name and no reference": (query_of(where("__name__", ">", "x")), "reference_value"),
    "the name and a collection": (query_of(where("__name__", "==", Reference("c"))), "COLLECTION/ID"),
    "the name and null": (query_of(having("__name__", "is-null")), "__name__"),
    "the name as an array": (query_of(where("__name__", "array-contains", Reference("c/x"))), "__name__"),
    "the name beside an inequality": (
        query_of(all_of(where("__name__", "==", Reference("c/x")), where("a", ">", 1))),
        "inequalities on other fields",
    ),
    "a cursor with too many values": (query_of(None, "a", start_at=(True, [1, Reference("c/x")])), "2 values"),
    "a cursor without an order": (query_of(where("a", ">", 1), start_at=(True, [1])), "1 values"),
    "a cursor with no name": (query_of(None, "__name__", end_at=(True, ["x"])), "reference_value"),
    "a path with a space": (query_of(where("a b", "==", 1)), "path"),
    "an empty path": (query_of(None, ""), "path"),
    "a path with an empty key": (query_of(where("a..b", "==", 1)), "path"),
    "a path with a reserved key": (query_of(None, "a.__x__"), "reserved"),
    "a path with the name": (query_of(None, "a.__name__"), "reserved"),
    "a path of 21 keys": (query_of(None, ".".join("abcdefghijklmnopqrstu")), "20"),
    "a path of 1,501 bytes": (query_of(None, "x" * 1_501), "1,500"),
}


ENDS_OF_WRONG_PARENTS = ["/", "/c", "/c/x/", "/c/__x__", "x"]


@pytest.mark.parametrize(("query", "text"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(query: wire.StructuredQuery, text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        read_query(ROOT, query)


@pytest.mark.parametrize(
    "parent", ["", ROOT.removesuffix("/documents"), *(ROOT + end for end in ENDS_OF_WRONG_PARENTS)]
)
def test_parents_that_are_refused(parent: str) -> None:
    with pytest.raises(ValidationError):
        read_query(parent, query_of())


def test_the_name_is_compared_with_names_of_the_same_database() -> None:
    elsewhere = ROOT.replace("embedded", "elsewhere") + "/c/x"
    filtered = query_of(where("__name__", "==", Reference("c/x")))
    filtered.where.field_filter.value.reference_value = elsewhere
    positioned = query_of(None, "__name__", start_at=(True, [Reference("c/x")]))
    positioned.start_at.values[0].reference_value = elsewhere

    for query in (filtered, positioned):
        with pytest.raises(ValidationError, match="elsewhere"):
            read_query(ROOT, query)
    filtered.where.field_filter.field.field_path = "a"  # other fields may have references to anywhere
    read_query(ROOT, filtered)


ACCEPTED = {
    "30 values": where("a", "in", [*range(30)]),
    "10 values to exclude": where("a", "not-in", [*range(10)]),
    "30 disjunctions": any_of(*equal_to(range(30))),
    "5 times 6 disjunctions": all_of(where("a", "in", [*range(5)]), where("b", "in", [*range(6)])),
    "the same disjunction often": any_of(*equal_to(range(20)), *equal_to(range(30))),
    "26 different disjunctions among 36": all_of(
        any_of(*equal_to(range(5)), where("b", "==", 1)), any_of(*equal_to(range(5)), where("c", "==", 1))
    ),
    "100 filters": all_of(*(where(f"f{number}", "==", 1) for number in range(100))),
    "10 inequalities": all_of(*(where(f"f{number}", ">", 1) for number in range(10))),
    "arrays in alternatives": any_of(where("t", "array-contains", 1), where("b", "array-contains", 1)),
    "one exclusion beside in": all_of(where("a", "!=", 1), where("b", "in", [1, 2])),
    "arrays and vectors among values": where("a", "in", [[1], Vector((1.0,))]),
    "the name beside an inequality on it": all_of(
        where("__name__", ">", Reference("c/x")), where("__name__", "in", [Reference("c/y")]), where("a", ">", 1)
    ),
}


@pytest.mark.parametrize("condition", ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_not_refused(condition: wire.Filter) -> None:
    read(condition)


def test_below_a_document_a_query_has_a_filter_less() -> None:
    query = query_of(all_of(*(where(f"f{number}", "==", 1) for number in range(100))))

    with pytest.raises(ValidationError, match="101"):
        read_query(f"{ROOT}/c/x", query)


@pytest.mark.parametrize("collection_id", ["", "c"])
def test_all_that_is_below_a_document_can_be_found_by_name_alone(collection_id: str) -> None:
    def of_group(condition: wire.Filter) -> Query:
        query = query_of(condition)
        query.from_[0].collection_id, query.from_[0].all_descendants = collection_id, True
        return read_query(f"{ROOT}/c/x", query)

    assert of_group(where("__name__", ">", Reference("c/x/c/y"))).orders == (Order(NAME, False),)
    with pytest.raises(ValidationError, match="__name__ alone"):
        of_group(where("a", "==", 1))


# Searches by a vector


def searching(change: Callable[[wire.StructuredQuery], object] = lambda query: None) -> wire.StructuredQuery:
    query = query_of()
    search = query.find_nearest
    search.vector_field.field_path = "v"
    search.query_vector.CopyFrom(value_of(Vector((1.0, 2.0))))
    search.distance_measure, search.limit.value = 1, 3
    change(query)
    return query


def test_a_search_by_a_vector() -> None:
    assert read_query(ROOT, searching()).nearest == searching().find_nearest
    assert read().nearest is None


@pytest.mark.parametrize(
    "change",
    [
        lambda query: setattr(query, "offset", 1),
        lambda query: setattr(query.limit, "value", 1),
        lambda query: setattr(query.end_at, "before", True),
        lambda query: setattr(query.find_nearest, "distance_measure", 0),
        lambda query: setattr(query.find_nearest, "distance_measure", 4),
        lambda query: setattr(query.find_nearest.limit, "value", 0),
        lambda query: setattr(query.find_nearest.limit, "value", 1_001),
        lambda query: setattr(query.find_nearest.distance_threshold, "value", float("nan")),
        lambda query: setattr(query.find_nearest, "distance_result_field", "__x__"),
        lambda query: setattr(query.find_nearest.vector_field, "field_path", ""),
        lambda query: query.find_nearest.query_vector.CopyFrom(value_of([1.0, 2.0])),
        lambda query: query.find_nearest.query_vector.CopyFrom(value_of(Vector(()))),
        lambda query: query.find_nearest.query_vector.CopyFrom(value_of(Vector((1.0,) * 2_049))),
        lambda query: query.find_nearest.ClearField("query_vector"),
    ],
)
def test_searches_that_are_refused(change: Callable[[wire.StructuredQuery], object]) -> None:
    with pytest.raises(ValidationError):
        read_query(ROOT, searching(change))


# Running


def test_ordered_documents_are_read_no_further_than_needed() -> None:
    query = read_query(ROOT, limited(3, offset=2))

    assert ids(run(query, map(numbered, count()), ordered=True)) == ["000002", "000003", "000004"]


def test_documents_in_any_order_are_ordered() -> None:
    documents = [numbered(number * 7 % 100) for number in range(100)]
    query = query_of(where("n", ">", 50), "-n")
    query.limit.value, query.offset = 2, 1

    assert ids(run(read_query(ROOT, query), documents, ordered=False)) == ["000098", "000097"]
    query.ClearField("limit")
    assert ids(run(read_query(ROOT, query), documents, ordered=False)) == [
        f"{number:06}" for number in range(98, 50, -1)
    ]


def test_a_limit_of_zero_finds_nothing() -> None:
    assert ids(run(read_query(ROOT, limited(0)), [numbered(1)], ordered=False)) == []


def test_a_projection_of_nothing_is_none() -> None:
    """So says the documentation; the emulator returns names alone."""
    query = query_of()
    query.select.SetInParent()

    assert read_query(ROOT, query).fields is None


def test_a_projection_does_not_change_the_document() -> None:
    query = query_of()
    for path in ("a.x", "`b-`", "missing", "__name__"):
        query.select.fields.add().field_path = path
    document = document_of("c/x", {"a": {"x": 1, "y": 2}, "b": 3, "b-": 4})
    before = document.SerializeToString(deterministic=True)
    (found,) = run(read_query(ROOT, query), [document], ordered=False)

    assert found.name == document.name
    assert found.fields == document_of("c/x", {"a": {"x": 1}, "b-": 4}).fields
    assert document.SerializeToString(deterministic=True) == before


def test_a_filter_does_not_change_the_document_and_the_query() -> None:
    parts = [
        where("a.x.y", "==", 1),
        where("m.z", "array-contains", 1),
        having("v.value", "is-null"),
        where("a", ">", 0),
    ]
    query = query_of(any_of(*parts), "a", "m")
    document = document_of("c/x", {"a": 1, "m": {}, "v": Vector((1.0,))})
    before = [message.SerializeToString(deterministic=True) for message in (document, query)]
    found = ids(run(read_query(ROOT, query), [document], ordered=False))

    assert found == ["x"]
    assert [message.SerializeToString(deterministic=True) for message in (document, query)] == before


def test_a_query_of_all_collections_does_not_change_its_message() -> None:
    query = wire.StructuredQuery()

    assert read_query(ROOT, query).collection_id == ""
    assert len(query.from_) == 0
