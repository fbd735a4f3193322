"""What Firestore refuses to compare, and how much of it one query may hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from codegen.collections.lookup import Lookup
from codegen.errors import Place
from codegen.ir import (
    AnyValue,
    Array,
    Constant,
    EnumRef,
    Field,
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
)

MAX_INEQUALITY_FIELDS = 10


def comparison_problem(op: str, field: Field) -> str:
    """Return why an operator (or `order`) does not fit a field, or nothing."""
    parts = list(_leaves(field.type))
    if any(isinstance(part, Vector) for part in parts):
        return f"`{field.key}` is a vector: it is searched for neighbours, not compared"
    if op in ("==", "!="):
        return ""
    if any(isinstance(part, Array | Map | ModelRef) for part in parts):
        return f"`{field.key}` is an array, a map or an object: these have no useful order"
    kinds = [part.kind for part in parts if isinstance(part, Scalar)]
    if ScalarKind.DURATION in kinds or ScalarKind.DECIMAL in kinds:
        return f"`{field.key}` is stored as a text whose order is not that of its values; only equality is meaningful"
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
    unequal = [condition for condition in query.where if condition.op == "!="]
    if len(unequal) > 1:
        lookup.report(place / "where", "more than one `!=`", "Firestore takes one in a query")
    ranged = {condition.path.fields[0].key for condition in query.where if condition.op != "=="}
    if len(ranged) > MAX_INEQUALITY_FIELDS:
        lookup.report(place / "where", f"inequalities on more than {MAX_INEQUALITY_FIELDS} fields")
    ordered = [order.path.fields[0].key for order in query.order_by]
    for at, key in enumerate(ordered):
        if key in ordered[:at]:
            lookup.report(place / "order_by" / at, f"`{key}` is in the order already")
    _check_parameters(lookup, query, place)


def _check_parameters(lookup: Lookup, query: Query, place: Place) -> None:
    known: dict[str, Parameter] = {}
    for at, condition in enumerate(query.where):
        parameter = condition.operand
        if not isinstance(parameter, Parameter):
            continue
        first = known.setdefault(parameter.name, parameter)
        if first.type != parameter.type:
            lookup.report(
                place / "where" / at / "param",
                f"`{parameter.name}` is already compared with a field of another type",
                "use two parameters",
            )
        elif first.optional != parameter.optional:
            lookup.report(place / "where" / at, f"`{parameter.name}` is optional in one condition and not in another")
