"""The table of operators says what Google's protocol does, and nothing is missing in it."""

from __future__ import annotations

import enum
from typing import Any

import pytest
from google.cloud.firestore_v1.types import DocumentTransform, StructuredQuery

from firestore_runtime.wire import operators


def numbers(kind: type[enum.IntEnum]) -> dict[str, int]:
    """The members of one of Google's enumerations, but for the one that stands for none."""
    return {member.name: member.value for member in kind if member.value}


@pytest.mark.parametrize(
    ("by_symbol", "by_number", "kind"),
    [
        (operators.FIELD_OPERATORS, operators.FIELD_OPERATORS_BY_NUMBER, StructuredQuery.FieldFilter.Operator),
        (operators.UNARY_OPERATORS, operators.UNARY_OPERATORS_BY_NUMBER, StructuredQuery.UnaryFilter.Operator),
        (
            operators.COMPOSITE_OPERATORS,
            operators.COMPOSITE_OPERATORS_BY_NUMBER,
            StructuredQuery.CompositeFilter.Operator,
        ),
        (operators.DIRECTIONS, operators.DIRECTIONS_BY_NUMBER, StructuredQuery.Direction),
    ],
)
def test_names_and_numbers(by_symbol: dict[str, Any], by_number: dict[int, Any], kind: type[enum.IntEnum]) -> None:
    assert {row.name: row.number for row in by_symbol.values()} == numbers(kind)
    assert {row.symbol: row for row in by_number.values()} == by_symbol


def test_distance_measures() -> None:
    assert numbers(StructuredQuery.FindNearest.DistanceMeasure) == operators.DISTANCE_MEASURES


def test_what_the_server_sets() -> None:
    assert DocumentTransform.FieldTransform.ServerValue.REQUEST_TIME == operators.REQUEST_TIME
