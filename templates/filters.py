"""Filters of queries: built from typed fields, combined with `&` and `|`."""

from __future__ import annotations

import reprlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, TypeVar

from . import wire
from .context import Context
from .encoding import ENCODING_ERRORS
from .errors import ValidationError
from .paths import FieldPath, field_path

if TYPE_CHECKING:
    from .wire import Value

ModelT = TypeVar("ModelT")

_OPERATORS = {"<": 1, "<=": 2, ">": 3, ">=": 4, "==": 5, "!=": 6}
_IS_NULL, _IS_NOT_NULL = 3, 5
_AND, _OR = 1, 2


class Filter(Generic[ModelT]):
    """A condition on the documents of a collection of `ModelT`."""

    __slots__ = ()

    def __and__(self, other: Filter[ModelT]) -> Filter[ModelT]:
        """Match what both filters match."""
        return Combination("and", (self, other))

    def __or__(self, other: Filter[ModelT]) -> Filter[ModelT]:
        """Match what at least one of the filters matches."""
        return Combination("or", (self, other))

    def __bool__(self) -> NoReturn:
        """Refuse `and`, `or` and `not`, which would drop a filter silently.

        Raises:
            TypeError: Always.
        """
        raise TypeError("a filter has no truth value: combine filters with & and |, not with `and`, `or` or `not`")

    def write(self, message: wire.Filter, context: Context) -> None:
        """Fill the protobuf message of this filter."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, eq=False)
class Comparison(Filter[ModelT]):
    """A field against a value."""

    path: FieldPath
    op: Literal["==", "!=", "<", "<=", ">", ">="]
    value: Any  # of the field's own type, which only the field knows
    encode: Callable[[Value, Any, Context], None]

    def __post_init__(self) -> None:
        """Refuse a value of the wrong type where the filter is written, not where it is sent."""
        try:
            self.encode(wire.Value(), self.value, Context(root="", collection=""))
        except ENCODING_ERRORS as error:
            raise ValidationError(f"{field_path(self.path)} {self.op} {reprlib.repr(self.value)}: {error}") from error

    def write(self, message: wire.Filter, context: Context) -> None:
        """Fill the protobuf message of this filter."""
        comparison = message.field_filter
        comparison.field.field_path = field_path(self.path)
        comparison.op = _OPERATORS[self.op]
        self.encode(comparison.value, self.value, context)


@dataclass(frozen=True, slots=True, eq=False)
class NullTest(Filter[ModelT]):
    """Whether a field holds null."""

    path: FieldPath
    negated: bool

    def write(self, message: wire.Filter, context: Context) -> None:
        """Fill the protobuf message of this filter."""
        message.unary_filter.field.field_path = field_path(self.path)
        message.unary_filter.op = _IS_NOT_NULL if self.negated else _IS_NULL


@dataclass(frozen=True, slots=True, eq=False)
class Combination(Filter[ModelT]):
    """Several filters, of which all or at least one must match."""

    op: Literal["and", "or"]
    filters: tuple[Filter[ModelT], ...]

    def write(self, message: wire.Filter, context: Context) -> None:
        """Fill the protobuf message of this filter."""
        message.composite_filter.op = _AND if self.op == "and" else _OR
        for part in self.filters:
            part.write(message.composite_filter.filters.add(), context)
