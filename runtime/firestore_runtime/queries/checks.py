"""Checks of a query before it is sent: that filters are filters, and Firestore's limits on them."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, TypeVar

from firestore_runtime.errors import ValidationError
from firestore_runtime.fields.fields import NumberField, Order
from firestore_runtime.fields.filters import Combination, Comparison, Filter, ValueTest
from firestore_runtime.limits import MAX_DISJUNCTIONS, MAX_INEQUALITY_FIELDS, MAX_RESULTS
from firestore_runtime.paths import DOCUMENT_ID
from firestore_runtime.wire.operators import FIELD_OPERATORS, UNARY_OPERATORS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firestore_runtime.codecs.context import Context
    from firestore_runtime.paths import FieldPath

ModelT = TypeVar("ModelT")
T = TypeVar("T")


def checked_filters(
    existing: tuple[Filter[ModelT], ...], filters: tuple[object, ...], context: Context
) -> tuple[Filter[ModelT], ...]:
    """Return the filters of a query with more of them.

    Raises:
        ValidationError: Something is no filter, such as the result of comparing two plain values, or together they
            break a limit.
    """
    expected = "a filter, such as fields.name == value"
    added = tuple(_checked(item, Filter, expected) for item in filters)  # type: ignore[type-abstract]  # not made here
    every = (*existing, *added)
    leaves = [leaf for item in every for leaf in _leaves(item)]
    _check_alternatives(every, leaves)
    fields = {path for leaf in leaves if (path := _inequality_field(leaf))}
    if len(fields) > MAX_INEQUALITY_FIELDS:
        raise ValidationError(
            f"ranges or inequalities on {len(fields)} fields, where Firestore allows {MAX_INEQUALITY_FIELDS}"
        )
    if sum(_excludes(leaf) for leaf in leaves) > 1:
        raise ValidationError("more than one `!=` or `not-in`, where Firestore allows one in a query")
    if context.is_group and any(isinstance(leaf, Comparison) and leaf.path == DOCUMENT_ID for leaf in leaves):
        raise ValidationError("a filter by the document's id: ids are not unique in a collection group")
    return every


def checked_orders(orders: tuple[object, ...]) -> tuple[Order[ModelT], ...]:
    """Return what are orders.

    Raises:
        ValidationError: Something is not, such as a field without a direction.
    """
    return tuple(_checked(item, Order, "an order, such as fields.name.asc()") for item in orders)


def checked_number_field(field: object) -> NumberField[ModelT, Any]:
    """Return the field of an aggregation.

    Raises:
        ValidationError: It is not a number.
    """
    return _checked(field, NumberField, "the field of a number")


def checked_limit(limit: object, what: str = "limit") -> int:
    """Return `limit` if a query can have it.

    Raises:
        ValidationError: It is not an integer from 1 to 2,147,483,647.
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_RESULTS:
        raise ValidationError(f"a {what} must be an integer from 1 to {MAX_RESULTS:,}, not {limit!r}")
    return limit


def _checked(item: object, kind: type[T], expected: str) -> T:
    if not isinstance(item, kind):
        raise ValidationError(f"{expected}, is needed here, not {type(item).__name__}: {item!r}")
    return item


def _check_alternatives(filters: tuple[Filter[ModelT], ...], leaves: list[Filter[ModelT]]) -> None:
    disjunctions = prod(_disjunctions(item) for item in filters)
    if disjunctions > MAX_DISJUNCTIONS:
        raise ValidationError(f"{disjunctions} disjunctions, where Firestore allows {MAX_DISJUNCTIONS} in a query")
    operators = [FIELD_OPERATORS[leaf.op] for leaf in leaves if isinstance(leaf, Comparison)]
    has_alternatives = disjunctions > 1 or any(operator.is_disjunctive for operator in operators)
    if has_alternatives and any(operator.excludes_alternatives for operator in operators):
        raise ValidationError("`not-in` beside `|`, `in` or `array-contains-any`, where Firestore allows one of them")
    if sum(_array_operators(item) for item in filters) > 1:
        raise ValidationError("more than one `array-contains` or `array-contains-any`, where Firestore allows one")


def _disjunctions(item: Filter[ModelT]) -> int:
    """Count the alternatives of a filter in disjunctive normal form."""
    match item:
        case Combination("and", filters):
            return prod(_disjunctions(part) for part in filters)
        case Combination(_, filters):
            return sum(_disjunctions(part) for part in filters)
        case Comparison(_, symbol, values) if FIELD_OPERATORS[symbol].is_disjunctive:
            return len(values)
        case _:
            return 1


def _array_operators(item: Filter[ModelT]) -> int:
    """Count the array operators that must hold together, in the alternative with the most."""
    match item:
        case Combination("and", filters):
            return sum(_array_operators(part) for part in filters)
        case Combination(_, filters):
            return max(_array_operators(part) for part in filters)
        case Comparison(_, symbol) if FIELD_OPERATORS[symbol].needs_array:
            return 1
        case _:
            return 0


def _leaves(item: Filter[ModelT]) -> Iterator[Filter[ModelT]]:
    if isinstance(item, Combination):
        for part in item.filters:
            yield from _leaves(part)
    else:
        yield item


def _inequality_field(leaf: Filter[ModelT]) -> FieldPath | None:
    match leaf:
        case Comparison(path, symbol) if FIELD_OPERATORS[symbol].role == "inequality":
            return path
        case ValueTest(path, test) if UNARY_OPERATORS[test].role == "inequality":
            return path
        case _:
            return None


def _excludes(leaf: Filter[ModelT]) -> bool:
    match leaf:
        case Comparison(_, symbol):
            return FIELD_OPERATORS[symbol].is_exclusion
        case ValueTest(_, test):
            return UNARY_OPERATORS[test].is_exclusion
        case _:
            return False
