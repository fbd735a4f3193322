"""Counts, sums and averages: what is refused, and the arithmetic, as the emulator does it (see `differential/`)."""

from __future__ import annotations

import math
from typing import Any

import pytest

from firestore_memory import ValidationError
from firestore_runtime import wire
from firestore_runtime.embedded.semantics.aggregates import AggregationQuery, aggregate, read_aggregation
from firestore_runtime.embedded.semantics.queries import run
from tests.runtime.embedded.messages import ROOT, document_of, value_of, where


def request_of(*parts: tuple[Any, ...], condition: wire.Filter | None = None) -> wire.StructuredAggregationQuery:
    """Aggregations of the collection `c`: ("count", up_to), ("sum", path) or ("avg", path), and maybe an alias."""
    request = wire.StructuredAggregationQuery()
    request.structured_query.from_.add().collection_id = "c"
    if condition is not None:
        request.structured_query.where.CopyFrom(condition)
    for operator, argument, *alias in parts:
        aggregation = request.aggregations.add()
        aggregation.alias = "".join(alias)
        if operator != "count":
            getattr(aggregation, operator).field.field_path = argument
        elif argument is None:
            aggregation.count.SetInParent()
        else:
            aggregation.count.up_to.value = argument
    return request


def results(request: wire.StructuredAggregationQuery, *documents: dict[str, Any]) -> dict[str, wire.Value]:
    aggregation: AggregationQuery = read_aggregation(ROOT, request)
    stored = [document_of(f"c/{number}", fields) for number, fields in enumerate(documents)]
    result = aggregate(aggregation, run(aggregation.query, stored, ordered=False))
    return dict(result.aggregate_fields.items())


M = 2**63 - 1


@pytest.mark.parametrize(
    ("numbers", "total"),
    [
        ([], 0),
        ([1, 2], 3),
        ([1, 2.0], 3.0),
        ([True, "x", None, [1], {"a": 1}, 3], 3),
        ([M, 5, -10], M - 5),
        ([M, M, -M, -M], 0),
        ([M, 1], 2.0**63),
        ([-M, -2], -(2.0**63)),
        ([M, 1.0, -M], 1.0),
        ([2**53 + 1, 0.5], 2.0**53),
        ([0.1] * 10, 1.0),
        ([0.1, 0.2, 0.3], 0.6),
        ([-0.0], 0.0),
        ([1.7976931348623157e308] * 2, math.inf),
        ([1, math.inf, math.inf], math.inf),
    ],
)
def test_sums(numbers: list[Any], total: float) -> None:
    found = results(request_of(("sum", "n")), *({"n": number} for number in numbers))

    assert found == {"field_1": value_of(total)}


def test_a_sum_with_nan_or_both_infinities_is_nan() -> None:
    for numbers in ([math.nan, 1], [math.inf, -math.inf]):
        found = results(request_of(("sum", "n"), ("avg", "n")), *({"n": number} for number in numbers))
        assert [math.isnan(value.double_value) for value in found.values()] == [True, True]


@pytest.mark.parametrize(
    ("numbers", "average"),
    [
        ([], None),
        (["x"], None),
        ([1, 2], 1.5),
        ([M, M], 2.0**63),
        ([0.5, 1, "x"], 0.75),
        ([3, 2**60 + 1], 5.764607523034235e17),
    ],
)
def test_averages(numbers: list[Any], average: float | None) -> None:
    found = results(request_of(("avg", "n")), *({"n": number} for number in numbers))

    assert found == {"field_1": value_of(average)}


def test_counts_end_at_their_limit() -> None:
    found = results(request_of(("count", None), ("count", 2), ("count", 9)), {}, {}, {})

    assert found == {"field_1": value_of(3), "field_2": value_of(2), "field_3": value_of(3)}


def test_only_documents_with_all_aggregated_fields_count() -> None:
    found = results(request_of(("count", None), ("sum", "a"), ("avg", "m.b")), {"a": 1}, {"a": 2, "m": {"b": 4}}, {})

    assert found == {"field_1": value_of(1), "field_2": value_of(2), "field_3": value_of(4.0)}


def test_aggregations_without_an_alias_are_numbered() -> None:
    found = results(request_of(("count", None, "all"), ("count", None), ("sum", "n"), ("count", None, "rest")))

    assert set(found) == {"all", "field_1", "field_2", "rest"}


def selecting(request: wire.StructuredAggregationQuery) -> wire.StructuredAggregationQuery:
    request.structured_query.select.fields.add().field_path = "n"
    return request


def without_operator() -> wire.StructuredAggregationQuery:
    request = request_of()
    request.aggregations.add()
    return request


REFUSED = {
    "nothing": (request_of(), "0 aggregations"),
    "no operator": (without_operator(), "no operator"),
    "six aggregations": (request_of(*[("count", None)] * 6), "6 aggregations"),
    "the same alias": (request_of(("count", None, "x"), ("sum", "n", "x")), "two aggregations"),
    "the alias of a number": (request_of(("count", None), ("sum", "n", "field_1")), "two aggregations"),
    "a reserved alias": (request_of(("count", None, "__x__")), "reserved"),
    "a count up to zero": (request_of(("count", 0)), "positive"),
    "the name": (request_of(("sum", "__name__")), "no number"),
    "an invalid path": (request_of(("avg", "a b")), "path"),
    "a projection": (selecting(request_of(("sum", "n"))), "projection"),
    "an invalid query": (request_of(("count", None), condition=where("a", "in", [])), "at least one"),
}


@pytest.mark.parametrize(("request_", "text"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(request_: wire.StructuredAggregationQuery, text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        read_aggregation(ROOT, request_)


def test_counts_may_have_a_projection() -> None:
    assert results(selecting(request_of(("count", None))), {"a": 1}) == {"field_1": value_of(1)}


def test_a_sum_needs_an_order_by_its_field_before_that_by_name() -> None:
    request = request_of(("sum", "n"))
    request.structured_query.order_by.add().field.field_path = "__name__"

    with pytest.raises(ValidationError, match="needs n after __name__"):
        read_aggregation(ROOT, request)
    request.structured_query.order_by[0].field.field_path = "n"
    request.structured_query.order_by.add().field.field_path = "__name__"
    assert results(request, {"n": 1}) == {"field_1": value_of(1)}


def test_documents_are_only_ordered_where_that_decides_which_ones_count() -> None:
    request = request_of(("count", None))
    assert not read_aggregation(ROOT, request).query.is_order_needed

    request.structured_query.offset = 1
    assert read_aggregation(ROOT, request).query.is_order_needed


def test_what_is_summed_orders_the_documents_behind_inequalities() -> None:
    request = request_of(("sum", "a"), condition=where("b", ">", 0))
    request.structured_query.limit.value = 1

    assert results(request, {"a": 1, "b": 2}, {"a": 2, "b": 1}) == {"field_1": value_of(2)}
