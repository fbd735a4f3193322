"""Filters of queries: built from typed fields, combined with `&` and `|`."""

from __future__ import annotations

import reprlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, TypeVar

from firestore_runtime import wire
from firestore_runtime.codecs.context import ENCODING_ERRORS, Context
from firestore_runtime.errors import ValidationError
from firestore_runtime.paths import FieldPath, field_path
from firestore_runtime.wire.operators import COMPOSITE_OPERATORS, FIELD_OPERATORS, UNARY_OPERATORS, Symbol, Test

if TYPE_CHECKING:
    from firestore_runtime.wire import Value

ModelT = TypeVar("ModelT")


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
    op: Symbol
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
        comparison.op = FIELD_OPERATORS[self.op].number
        self.encode(comparison.value, self.value, context)


@dataclass(frozen=True, slots=True, eq=False)
class ValueTest(Filter[ModelT]):
    """A test of whether a field is null or NaN."""

    path: FieldPath
    test: Test

    def write(self, message: wire.Filter, context: Context) -> None:
        """Fill the protobuf message of this filter."""
        message.unary_filter.field.field_path = field_path(self.path)
        message.unary_filter.op = UNARY_OPERATORS[self.test].number


@dataclass(frozen=True, slots=True, eq=False)
class Combination(Filter[ModelT]):
    """Several filters, all or at least one of which must match."""

    op: Literal["and", "or"]
    filters: tuple[Filter[ModelT], ...]

    def write(self, message: wire.Filter, context: Context) -> None:
        """Fill the protobuf message of this filter."""
        message.composite_filter.op = COMPOSITE_OPERATORS[self.op].number
        for part in self.filters:
            part.write(message.composite_filter.filters.add(), context)


def checked_values(path: FieldPath, op: Symbol, values: object) -> Sequence[Any]:
    """Return the values of a filter with several.

    Raises:
        ValidationError: They are not a list or tuple, none, or more than Firestore allows.
    """
    limit = FIELD_OPERATORS[op].max_values or 1
    place = f"{field_path(path)} {op}"
    if not isinstance(values, (list, tuple)):
        raise ValidationError(f"{place}: a list is needed here, not {type(values).__name__}")
    if not 1 <= len(values) <= limit:
        raise ValidationError(f"{place}: {len(values)} values, where Firestore allows 1 to {limit}")
    return values
