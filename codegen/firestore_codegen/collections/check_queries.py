"""What Firestore refuses to compare, and how much of it one query may hold."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Literal, assert_never

from firestore_codegen.collections.lookup import Lookup
from firestore_codegen.errors import Place
from firestore_codegen.ir import (
    AnyValue,
    Array,
    Condition,
    Constant,
    EnumRef,
    FieldPath,
    FixedValue,
    Map,
    ModelRef,
    Nullable,
    Parameter,
    Query,
    Reference,
    Scalar,
    ScalarKind,
    TypeRef,
    Union,
    Vector,
    without_null,
)
from firestore_runtime.limits import MAX_DISJUNCTIONS, MAX_INEQUALITY_FIELDS
from firestore_runtime.wire.operators import FIELD_OPERATORS, FieldOperator, Symbol

MAX_OPTIONAL_PARAMETERS = 10
"""Each combination of them is a query that needs an index."""


def comparison_problem(op: Symbol | Literal["order"], path: FieldPath) -> str:
    """Return why an operator (or `order`) does not fit a field, or nothing."""
    parts = list(_leaves(path.type))
    if any(isinstance(part, Vector) for part in parts):
        return f"`{path}` is a vector: it is searched for neighbours, not compared"
    if op == "order":
        return _order_problem(path, parts)
    if FIELD_OPERATORS[op].needs_array:
        fits = isinstance(without_null(path.type), Array | AnyValue)
        return "" if fits else f"`{path}` is not an array, so it contains nothing"
    return _order_problem(path, parts) if _is_range(FIELD_OPERATORS[op]) else ""


def _is_range(operator: FieldOperator) -> bool:
    return operator.role == "inequality" and not operator.is_exclusion


def _order_problem(path: FieldPath, parts: list[TypeRef]) -> str:
    if any(isinstance(part, Array | Map | ModelRef) for part in parts):
        return f"`{path}` is an array, a map or an object: these have no useful order"
    kinds = [part.kind for part in parts if isinstance(part, Scalar)]
    if ScalarKind.DURATION in kinds or ScalarKind.DECIMAL in kinds:
        return f"`{path}` is stored as a text whose order is not that of its values; only equality is meaningful"
    return ""


def _leaves(type_: TypeRef) -> Iterator[TypeRef]:
    match type_:
        case Nullable(inner):
            yield from _leaves(inner)
        case Union(members):
            for member in members:
                yield from _leaves(member)
        case Scalar() | AnyValue() | Vector() | Reference() | Constant() | EnumRef() | ModelRef() | Array() | Map():
            yield type_
        case _:
            assert_never(type_)


def check_query(lookup: Lookup, query: Query, place: Place) -> None:
    """Report what the conditions and orders of a query are together, and Firestore does not take."""
    for message, hint in _clashes([FIELD_OPERATORS[condition.op] for condition in query.where]):
        lookup.report(place / "where", message, hint)
    disjunctions = prod(_alternatives(condition) for condition in query.where)
    if disjunctions > MAX_DISJUNCTIONS:
        hint = "the numbers of values are multiplied"
        lookup.report(
            place / "where", f"{disjunctions} alternatives, where Firestore allows {MAX_DISJUNCTIONS} in a query", hint
        )
    ranged = {condition.path.text for condition in query.where if FIELD_OPERATORS[condition.op].role == "inequality"}
    if len(ranged) > MAX_INEQUALITY_FIELDS:
        lookup.report(place / "where", f"inequalities on more than {MAX_INEQUALITY_FIELDS} fields")
    ordered = [order.path for order in query.order_by]
    for at, path in enumerate(ordered):
        if path in ordered[:at]:
            lookup.report(place / "order_by" / at, f"`{path}` is in the order already")
    _check_parameters(lookup, query, place)


def _clashes(operators: list[FieldOperator]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with using these operators in one query, and why."""
    if sum(operator.is_exclusion for operator in operators) > 1:
        yield "more than one `!=` or `not-in`", "Firestore takes one in a query"
    if sum(operator.needs_array for operator in operators) > 1:
        yield "more than one `array-contains` or `array-contains-any`", "Firestore takes one in a query"
    alternatives = sorted({operator.symbol for operator in operators if operator.is_disjunctive})
    for excluding in {operator.symbol for operator in operators if operator.excludes_alternatives}:
        for symbol in alternatives:
            yield f"`{excluding}` beside `{symbol}`", "Firestore takes one of them in a query"


def _alternatives(condition: Condition) -> int:
    """How many values a condition chooses from, as far as they are known."""
    match condition.operand:
        case FixedValue(tuple(values)) if FIELD_OPERATORS[condition.op].is_disjunctive:
            return len(values)
        case _:
            return 1


def _check_parameters(lookup: Lookup, query: Query, place: Place) -> None:
    known: dict[str, Parameter] = {}
    for at, condition in enumerate(query.where):
        parameter = condition.operand
        if not isinstance(parameter, Parameter):
            continue
        first = known.setdefault(parameter.name, parameter)
        if (first.type, first.many) != (parameter.type, parameter.many):
            lookup.report(
                place / "where" / at / "param",
                f"`{parameter.name}` is already compared with a field of another type",
                "use two parameters",
            )
        elif first.optional != parameter.optional:
            lookup.report(place / "where" / at, f"`{parameter.name}` is optional in one condition and not in another")
    if sum(parameter.optional for parameter in known.values()) > MAX_OPTIONAL_PARAMETERS:
        hint = "every combination of them needs an index: declare several queries"
        lookup.report(place / "where", f"more than {MAX_OPTIONAL_PARAMETERS} optional parameters", hint)
