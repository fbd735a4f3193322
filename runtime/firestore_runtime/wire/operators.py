"""The operators of queries: their symbols, their numbers in google.firestore.v1, and how they may be combined.

The one table of them: filters, checks, indexes and the embedded store read it.
https://firebase.google.com/docs/firestore/reference/rpc/google.firestore.v1#structuredquery
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from firestore_runtime.limits import MAX_DISJUNCTIONS, MAX_NOT_IN

Symbol: TypeAlias = Literal["<", "<=", ">", ">=", "==", "!=", "array-contains", "in", "array-contains-any", "not-in"]
"""The comparison operators, spelled as in Firestore's own clients."""

Test: TypeAlias = Literal["is-nan", "is-null", "is-not-nan", "is-not-null"]
"""The tests of a field that need no value."""

Role: TypeAlias = Literal["equality", "choice", "contains", "inequality"]
"""The role of an operator in an index: it fixes a value, picks from a few, looks into arrays, or needs an order."""


class FieldOperator(NamedTuple):
    """A comparison of a field with a value (StructuredQuery.FieldFilter.Operator).

    Attributes:
        symbol: How clients write it.
        name: Its name in the protocol.
        number: Its number in the protocol.
        role: What it is to an index.
        max_values: How many values it takes in an array, or None if it takes a single value.
        is_disjunctive: Whether each of its values is an alternative, which counts as a disjunction.
        needs_array: Whether it looks into arrays; of these, one alone may have to match.
        is_exclusion: Whether it says what a field must not be; a query may have one such filter.
        excludes_alternatives: Whether its query may have no alternatives beside it.
        method: The method of a field that makes such a filter, where Python has no operator for it.
    """

    symbol: Symbol
    name: str
    number: int
    role: Role
    max_values: int | None = None
    is_disjunctive: bool = False
    needs_array: bool = False
    is_exclusion: bool = False
    excludes_alternatives: bool = False
    method: str = ""


class UnaryOperator(NamedTuple):
    """A test of a field (StructuredQuery.UnaryFilter.Operator); see `FieldOperator`."""

    symbol: Test
    name: str
    number: int
    role: Role
    is_exclusion: bool = False


class CompositeOperator(NamedTuple):
    """The number of several filters that have to match: all or one (StructuredQuery.CompositeFilter.Operator)."""

    symbol: Literal["and", "or"]
    name: str
    number: int


class Direction(NamedTuple):
    """A direction of an order (StructuredQuery.Direction)."""

    symbol: Literal["asc", "desc"]
    name: Literal["ASCENDING", "DESCENDING"]
    number: int


_FIELD_OPERATORS = (
    FieldOperator("<", "LESS_THAN", 1, "inequality"),
    FieldOperator("<=", "LESS_THAN_OR_EQUAL", 2, "inequality"),
    FieldOperator(">", "GREATER_THAN", 3, "inequality"),
    FieldOperator(">=", "GREATER_THAN_OR_EQUAL", 4, "inequality"),
    FieldOperator("==", "EQUAL", 5, "equality"),
    FieldOperator("!=", "NOT_EQUAL", 6, "inequality", is_exclusion=True),
    FieldOperator("array-contains", "ARRAY_CONTAINS", 7, "contains", needs_array=True, method="array_contains"),
    FieldOperator("in", "IN", 8, "choice", max_values=MAX_DISJUNCTIONS, is_disjunctive=True, method="in_"),
    FieldOperator(
        "array-contains-any",
        "ARRAY_CONTAINS_ANY",
        9,
        "contains",
        max_values=MAX_DISJUNCTIONS,
        is_disjunctive=True,
        needs_array=True,
        method="array_contains_any",
    ),
    FieldOperator(
        "not-in",
        "NOT_IN",
        10,
        "inequality",
        max_values=MAX_NOT_IN,
        is_exclusion=True,
        excludes_alternatives=True,
        method="not_in",
    ),
)
_UNARY_OPERATORS = (
    UnaryOperator("is-nan", "IS_NAN", 2, "equality"),
    UnaryOperator("is-null", "IS_NULL", 3, "equality"),
    UnaryOperator("is-not-nan", "IS_NOT_NAN", 4, "inequality", is_exclusion=True),
    UnaryOperator("is-not-null", "IS_NOT_NULL", 5, "inequality", is_exclusion=True),
)
_COMPOSITE_OPERATORS = (CompositeOperator("and", "AND", 1), CompositeOperator("or", "OR", 2))
_DIRECTIONS = (Direction("asc", "ASCENDING", 1), Direction("desc", "DESCENDING", 2))

FIELD_OPERATORS = {operator.symbol: operator for operator in _FIELD_OPERATORS}
UNARY_OPERATORS = {operator.symbol: operator for operator in _UNARY_OPERATORS}
COMPOSITE_OPERATORS = {operator.symbol: operator for operator in _COMPOSITE_OPERATORS}
DIRECTIONS = {direction.symbol: direction for direction in _DIRECTIONS}

FIELD_OPERATORS_BY_NUMBER = {operator.number: operator for operator in _FIELD_OPERATORS}
UNARY_OPERATORS_BY_NUMBER = {operator.number: operator for operator in _UNARY_OPERATORS}
COMPOSITE_OPERATORS_BY_NUMBER = {operator.number: operator for operator in _COMPOSITE_OPERATORS}
DIRECTIONS_BY_NUMBER = {direction.number: direction for direction in _DIRECTIONS}

Distance: TypeAlias = Literal["COSINE", "EUCLIDEAN", "DOT_PRODUCT"]
"""The measure of the distance between vectors: their angle, the straight line, or their dot product."""

DISTANCE_MEASURES: dict[Distance, int] = {"EUCLIDEAN": 1, "COSINE": 2, "DOT_PRODUCT": 3}
"""Their numbers (StructuredQuery.FindNearest.DistanceMeasure)."""

REQUEST_TIME = 1
"""The one value that the server sets (DocumentTransform.FieldTransform.ServerValue)."""
