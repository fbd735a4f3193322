"""Rules for combining the filters of a query (https://firebase.google.com/docs/firestore/query-data/queries)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from firestore_runtime.embedded.semantics.conditions import Between, inequality_fields
from firestore_runtime.embedded.semantics.filters import read_operator
from firestore_runtime.errors import ValidationError
from firestore_runtime.limits import MAX_CLAUSES, MAX_INEQUALITY_FIELDS
from firestore_runtime.paths import DOCUMENT_ID
from firestore_runtime.wire.operators import (
    COMPOSITE_OPERATORS_BY_NUMBER,
    FIELD_OPERATORS_BY_NUMBER,
    UNARY_OPERATORS_BY_NUMBER,
    CompositeOperator,
    FieldOperator,
    UnaryOperator,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from firestore_runtime.embedded.semantics.conditions import Comparison
    from firestore_runtime.wire import Filter

_Operator: TypeAlias = "FieldOperator | UnaryOperator | CompositeOperator"


def check_operators(message: Filter) -> None:
    """Refuse operators that cannot be together in a query.

    Raises:
        ValidationError: There are such.
    """
    operators = list(_operators(message))
    if sum(_is_exclusion(operator) for operator in operators) > 1:
        raise ValidationError("more than one NOT_EQUAL, NOT_IN, IS_NOT_NAN or IS_NOT_NULL; Firestore allows one")
    excludes_alternatives = any(isinstance(one, FieldOperator) and one.excludes_alternatives for one in operators)
    if excludes_alternatives and any(map(_makes_alternatives, operators)):
        raise ValidationError("NOT_IN cannot be in a query with IN, ARRAY_CONTAINS_ANY or OR")
    if _array_operators(message) > 1:
        raise ValidationError("more than one ARRAY_CONTAINS or ARRAY_CONTAINS_ANY that must match together")


def check_comparisons(parts: Collection[Comparison], *, orders: int, has_ancestor: bool) -> None:
    """Refuse filters that compare too many fields, or too often, or the name in a way that no index serves.

    Args:
        parts: What its filter is made of.
        orders: How many fields it names to order by.
        has_ancestor: Whether it is about what lies below a document.

    Raises:
        ValidationError: They do.
    """
    fields = inequality_fields(parts)
    if len(fields) > MAX_INEQUALITY_FIELDS:
        raise ValidationError(f"inequalities on {len(fields)} fields, where Firestore allows {MAX_INEQUALITY_FIELDS}")
    if fields and DOCUMENT_ID not in fields and any(part.path == DOCUMENT_ID for part in parts):
        raise ValidationError("an EQUAL or IN of __name__ beside inequalities on other fields, but none on __name__")
    filters = sum(1 if isinstance(part, Between) else max(1, len(part.keys)) for part in parts)
    clauses = filters + orders + has_ancestor
    if clauses > MAX_CLAUSES:
        raise ValidationError(
            f"{clauses} filters, orders and parents, where Firestore allows {MAX_CLAUSES} in a query; "
            "each value of IN, ARRAY_CONTAINS_ANY and NOT_IN counts as a filter"
        )


def _operators(message: Filter) -> Iterator[_Operator]:
    match message.WhichOneof("filter_type"):
        case "composite_filter":
            yield read_operator(COMPOSITE_OPERATORS_BY_NUMBER, message.composite_filter.op)
            for part in message.composite_filter.filters:
                yield from _operators(part)
        case "field_filter":
            yield read_operator(FIELD_OPERATORS_BY_NUMBER, message.field_filter.op)
        case _:
            yield read_operator(UNARY_OPERATORS_BY_NUMBER, message.unary_filter.op)


def _is_exclusion(operator: _Operator) -> bool:
    return not isinstance(operator, CompositeOperator) and operator.is_exclusion


def _makes_alternatives(operator: _Operator) -> bool:
    match operator:
        case CompositeOperator():
            return operator.symbol == "or"
        case FieldOperator():
            return operator.is_disjunctive
        case UnaryOperator():
            return False


def _array_operators(message: Filter) -> int:
    """Count the array operators that have to match together, in the alternative with the most."""
    match message.WhichOneof("filter_type"):
        case "field_filter":
            return FIELD_OPERATORS_BY_NUMBER[message.field_filter.op].needs_array
        case "composite_filter":
            numbers = map(_array_operators, message.composite_filter.filters)
            operator = COMPOSITE_OPERATORS_BY_NUMBER[message.composite_filter.op]
            return sum(numbers) if operator.symbol == "and" else max(numbers)
        case _:
            return 0
