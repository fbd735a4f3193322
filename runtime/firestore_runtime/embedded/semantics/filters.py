"""Filters as Firestore's messages spell them, read as conditions."""

from __future__ import annotations

from enum import Enum
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
from firestore_runtime.limits import MAX_DISJUNCTIONS, MAX_NOT_IN
from firestore_runtime.paths import DOCUMENT_ID

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firestore_runtime.paths import FieldPath
    from firestore_runtime.wire import CompositeFilter, FieldFilter, Filter, UnaryFilter, Value


class FieldOperator(Enum):
    """How a field is compared with a value (StructuredQuery.FieldFilter.Operator)."""

    LESS_THAN = 1
    LESS_THAN_OR_EQUAL = 2
    GREATER_THAN = 3
    GREATER_THAN_OR_EQUAL = 4
    EQUAL = 5
    NOT_EQUAL = 6
    ARRAY_CONTAINS = 7
    IN = 8
    ARRAY_CONTAINS_ANY = 9
    NOT_IN = 10


class UnaryOperator(Enum):
    """What a field is tested for (StructuredQuery.UnaryFilter.Operator)."""

    IS_NAN = 2
    IS_NULL = 3
    IS_NOT_NAN = 4
    IS_NOT_NULL = 5


class CompositeOperator(Enum):
    """How many of several filters have to match (StructuredQuery.CompositeFilter.Operator)."""

    AND = 1
    OR = 2


OperatorT = TypeVar("OperatorT", bound=Enum)

_MAX_VALUES = {
    FieldOperator.IN: MAX_DISJUNCTIONS,
    FieldOperator.ARRAY_CONTAINS_ANY: MAX_DISJUNCTIONS,
    FieldOperator.NOT_IN: MAX_NOT_IN,
}
ARRAY_OPERATORS = {FieldOperator.ARRAY_CONTAINS, FieldOperator.ARRAY_CONTAINS_ANY}


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


def read_operator(kind: type[OperatorT], number: int) -> OperatorT:
    """Return an operator from its number in a message.

    Raises:
        ValidationError: There is none.
    """
    try:
        return kind(number)
    except ValueError as error:
        raise ValidationError(f"{number} is no {kind.__name__}") from error


def _composite(message: CompositeFilter, database: str) -> Condition:
    parts = tuple(dict.fromkeys(read_filter(part, database) for part in message.filters))
    if read_operator(CompositeOperator, message.op) is CompositeOperator.AND:
        return AllOf(parts)
    if not parts:
        raise ValidationError("a composite filter with OR has no parts")
    return AnyOf(parts)


def _test(message: UnaryFilter) -> Condition:
    path = read_path(message.field.field_path)
    if path == DOCUMENT_ID:
        raise ValidationError("__name__ is always a reference: it cannot be tested for null or NaN")
    match read_operator(UnaryOperator, message.op):
        case UnaryOperator.IS_NAN:
            return OneOf(path, (NAN_KEY,))
        case UnaryOperator.IS_NULL:
            return OneOf(path, (NULL_KEY,))
        case UnaryOperator.IS_NOT_NAN:
            return NoneOf(path, (NAN_KEY,))
        case UnaryOperator.IS_NOT_NULL:
            return NoneOf(path, ())


def _comparison(message: FieldFilter, database: str) -> Condition:
    path, operator = read_path(message.field.field_path), read_operator(FieldOperator, message.op)
    several = operator in _MAX_VALUES
    values = _elements(message, operator) if several else (message.value,)
    if path == DOCUMENT_ID and operator in ARRAY_OPERATORS:
        raise ValidationError(f"__name__ is always a reference, and {operator.name} needs an array")
    for value in values:
        check_operand(path, value, database)
    keys = tuple(dict.fromkeys(map(value_key, values)))
    match operator:
        case FieldOperator.EQUAL | FieldOperator.IN:
            return OneOf(path, _comparable(keys))
        case FieldOperator.NOT_EQUAL | FieldOperator.NOT_IN:
            return _exclusion(path, keys)
        case FieldOperator.ARRAY_CONTAINS | FieldOperator.ARRAY_CONTAINS_ANY:
            return Contains(path, _comparable(keys))
        case _ if keys[0] in (NULL_KEY, NAN_KEY):
            return OneOf(path, (NO_KEY,))
        case _:
            return Between(path, *_range(operator, keys[0]))


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


def _range(operator: FieldOperator, key: bytes) -> tuple[bytes, bytes]:
    """The keys of the same type that compare so with a key, alone and joined with others."""
    low, high = type_range(key)
    after = successor(key)
    match operator:
        case FieldOperator.LESS_THAN:
            return low, key
        case FieldOperator.LESS_THAN_OR_EQUAL:
            return low, after
        case FieldOperator.GREATER_THAN:
            return after, high
        case _:
            return key, high


def _elements(message: FieldFilter, operator: FieldOperator) -> Iterable[Value]:
    path, limit = message.field.field_path, _MAX_VALUES[operator]
    values = message.value.array_value.values
    if not message.value.HasField("array_value") or not values:
        raise ValidationError(f"{path} {operator.name}: an array with at least one value is needed")
    if len(values) > limit:
        raise ValidationError(f"{path} {operator.name}: {len(values)} values, where Firestore allows {limit}")
    return values
