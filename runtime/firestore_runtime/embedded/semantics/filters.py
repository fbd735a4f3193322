"""Filters as Firestore's messages spell them, read as conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from firestore_runtime.embedded.semantics.conditions import (
    NO_KEY,
    AllOf,
    AnyOf,
    Between,
    Condition,
    Contains,
    NoneOf,
    OneOf,
)
from firestore_runtime.embedded.semantics.keys import NAN_KEY, NULL_KEY, successor, type_range, value_key
from firestore_runtime.embedded.semantics.lookup import read_path
from firestore_runtime.embedded.semantics.operands import check_operand
from firestore_runtime.errors import ValidationError
from firestore_runtime.paths import DOCUMENT_ID
from firestore_runtime.wire.operators import (
    COMPOSITE_OPERATORS_BY_NUMBER,
    FIELD_OPERATORS_BY_NUMBER,
    UNARY_OPERATORS_BY_NUMBER,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from firestore_runtime.paths import FieldPath
    from firestore_runtime.wire import CompositeFilter, FieldFilter, Filter, UnaryFilter, Value
    from firestore_runtime.wire.operators import FieldOperator, Symbol


OperatorT = TypeVar("OperatorT")


def read_filter(message: Filter, database: str) -> Condition:
    """Return what a filter asks for.

    Args:
        message: The filter.
        database: The database whose documents it is about.

    Raises:
        ValidationError: A part of it is not valid by itself; what is about all parts, `filter_rules.py` checks.
    """
    match message.WhichOneof("filter_type"):
        case "composite_filter":
            return _composite(message.composite_filter, database)
        case "field_filter":
            return _comparison(message.field_filter, database)
        case "unary_filter":
            return _test(message.unary_filter)
        case _:
            raise ValidationError("a filter is empty: it needs a field_filter, a unary_filter or a composite_filter")


def read_operator(table: Mapping[int, OperatorT], number: int) -> OperatorT:
    """Return an operator from its number in a message.

    Raises:
        ValidationError: There is none.
    """
    if number not in table:
        kind = type(next(iter(table.values()))).__name__
        raise ValidationError(f"{number} is no {kind}")
    return table[number]


def _composite(message: CompositeFilter, database: str) -> Condition:
    parts = tuple(dict.fromkeys(read_filter(part, database) for part in message.filters))
    if read_operator(COMPOSITE_OPERATORS_BY_NUMBER, message.op).symbol == "and":
        return AllOf(parts)
    if not parts:
        raise ValidationError("a composite filter with OR has no parts")
    return AnyOf(parts)


def _test(message: UnaryFilter) -> Condition:
    path = read_path(message.field.field_path)
    if path == DOCUMENT_ID:
        raise ValidationError("__name__ is always a reference: it cannot be tested for null or NaN")
    match read_operator(UNARY_OPERATORS_BY_NUMBER, message.op).symbol:
        case "is-nan":
            return OneOf(path, (NAN_KEY,))
        case "is-null":
            return OneOf(path, (NULL_KEY,))
        case "is-not-nan":
            return NoneOf(path, (NAN_KEY,))
        case "is-not-null":
            return NoneOf(path, ())


def _comparison(message: FieldFilter, database: str) -> Condition:
    path, operator = read_path(message.field.field_path), read_operator(FIELD_OPERATORS_BY_NUMBER, message.op)
    values = _elements(message, operator, operator.max_values) if operator.max_values else (message.value,)
    if path == DOCUMENT_ID and operator.needs_array:
        raise ValidationError(f"__name__ is always a reference, and {operator.name} needs an array")
    for value in values:
        check_operand(path, value, database)
    keys = tuple(dict.fromkeys(map(value_key, values)))
    match operator.symbol:
        case "==" | "in":
            return OneOf(path, _comparable(keys))
        case "!=" | "not-in":
            return _exclusion(path, keys)
        case "array-contains" | "array-contains-any":
            return Contains(path, _comparable(keys))
        case _ if keys[0] in (NULL_KEY, NAN_KEY):
            return OneOf(path, (NO_KEY,))
        case symbol:
            return Between(path, *_range(symbol, keys[0]))


def _comparable(keys: Iterable[bytes]) -> tuple[bytes, ...]:
    """Null and NaN are equal to nothing, but inside of arrays and maps they are."""
    return tuple(NO_KEY if key in (NULL_KEY, NAN_KEY) else key for key in keys)


def _exclusion(path: FieldPath, keys: tuple[bytes, ...]) -> Condition:
    """Nothing is known to be different from null, but the other values still make it an inequality."""
    others = NoneOf(path, _comparable(key for key in keys if key != NULL_KEY))
    if NULL_KEY not in keys:
        return others
    never = OneOf(path, (NO_KEY,))
    return AllOf((never, others)) if others.keys else never


def _range(symbol: Symbol, key: bytes) -> tuple[bytes, bytes]:
    """The keys of the same type that compare so with a key, alone and joined with others."""
    low, high = type_range(key)
    after = successor(key)
    match symbol:
        case "<":
            return low, key
        case "<=":
            return low, after
        case ">":
            return after, high
        case _:
            return key, high


def _elements(message: FieldFilter, operator: FieldOperator, limit: int) -> Iterable[Value]:
    path = message.field.field_path
    values = message.value.array_value.values
    if not message.value.HasField("array_value") or not values:
        raise ValidationError(f"{path} {operator.name}: an array with at least one value is needed")
    if len(values) > limit:
        raise ValidationError(f"{path} {operator.name}: {len(values)} values, where Firestore allows {limit}")
    return values
