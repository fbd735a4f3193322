"""Filters of queries: built from typed fields, combined with `&` and `|`."""

from __future__ import annotations

import reprlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, TypeAlias, TypeVar

from firestore_runtime import wire
from firestore_runtime.codecs.context import ENCODING_ERRORS, Context
from firestore_runtime.errors import ValidationError
from firestore_runtime.paths import FieldPath, field_path

if TYPE_CHECKING:
    from firestore_runtime.wire import Value

ModelT = TypeVar("ModelT")

Operator: TypeAlias = Literal["<", "<=", ">", ">=", "==", "!=", "array-contains", "in", "array-contains-any", "not-in"]
"""The comparison operators, spelled as in Firestore's own clients."""

Test: TypeAlias = Literal["is-nan", "is-null", "is-not-nan", "is-not-null"]

_OPERATORS: dict[Operator, int] = {
    "<": 1,
    "<=": 2,
    ">": 3,
    ">=": 4,
    "==": 5,
    "!=": 6,
    "array-contains": 7,
    "in": 8,
    "array-contains-any": 9,
    "not-in": 10,
}
_TESTS: dict[Test, int] = {"is-nan": 2, "is-null": 3, "is-not-nan": 4, "is-not-null": 5}
_AND, _OR = 1, 2


class Filter(ABC, Generic[ModelT]):
    """A condition on the documents of a collection of `ModelT`."""

    __slots__ = ()

    def __and__(self, other: Filter[ModelT]) -> Filter[ModelT]:
        """Match documents that both filters match."""
        return Combination("and", (self, other))

    def __or__(self, other: Filter[ModelT]) -> Filter[ModelT]:
        """Match documents that at least one of the filters matches."""
        return Combination("or", (self, other))

    def __bool__(self) -> NoReturn:
        """Refuse `and`, `or` and `not`, which would silently drop a filter.

        Raises:
            TypeError: Always.
        """
        raise TypeError("a filter has no truth value: combine filters with & and |, not with `and`, `or` or `not`")

    @abstractmethod
    def write(self, message: wire.Filter, context: Context) -> None:
        """Fill the protobuf message of this filter."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison(Filter[ModelT]):
    """A comparison of a field with a value."""

    path: FieldPath
    op: Operator
    value: Any  # of the field's own type, which only the field knows
    encode: Callable[[Value, Any, Context], None]

    def __post_init__(self) -> None:
        """Refuse a value of the wrong type where the filter is built, not where it is sent."""
        try:
            self.encode(wire.Value(), self.value, Context(root="root", collection="root/collection"))
        except ENCODING_ERRORS as error:
            raise ValidationError(f"{field_path(self.path)} {self.op} {reprlib.repr(self.value)}: {error}") from error

    def write(self, message: wire.Filter, context: Context) -> None:
        """Fill the protobuf message of this filter."""
        comparison = message.field_filter
        comparison.field.field_path = field_path(self.path)
        comparison.op = _OPERATORS[self.op]
        self.encode(comparison.value, self.value, context)


@dataclass(frozen=True, slots=True, eq=False)
class ValueTest(Filter[ModelT]):
    """A test of whether a field is null or NaN."""

    path: FieldPath
    test: Test

    def write(self, message: wire.Filter, context: Context) -> None:
        """Fill the protobuf message of this filter."""
        message.unary_filter.field.field_path = field_path(self.path)
        message.unary_filter.op = _TESTS[self.test]


@dataclass(frozen=True, slots=True, eq=False)
class Combination(Filter[ModelT]):
    """Several filters, all or at least one of which must match."""

    op: Literal["and", "or"]
    filters: tuple[Filter[ModelT], ...]

    def write(self, message: wire.Filter, context: Context) -> None:
        """Fill the protobuf message of this filter."""
        message.composite_filter.op = _AND if self.op == "and" else _OR
        for part in self.filters:
            part.write(message.composite_filter.filters.add(), context)


def checked_values(path: FieldPath, op: Operator, values: object, limit: int) -> Sequence[Any]:
    """Return the values of a filter that takes several.

    Raises:
        ValidationError: They are not a list or tuple, there are none, or more than `limit`.
    """
    place = f"{field_path(path)} {op}"
    if not isinstance(values, (list, tuple)):
        raise ValidationError(f"{place}: a list is needed here, not {type(values).__name__}")
    if not 1 <= len(values) <= limit:
        raise ValidationError(f"{place}: {len(values)} values, where Firestore allows 1 to {limit}")
    return values
