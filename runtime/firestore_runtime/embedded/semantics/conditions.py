"""Conditions that a filter sets for a document, in terms of the keys of its values (see `keys.py`).

Firestore's operators come down to four comparisons of a field's key:

    ==  is null  is NaN  in                  it is one of several
    !=  is not null  is not NaN  not-in      it is none of several, nor that of null
    <  <=  >  >=                             it is in a range
    array-contains  array-contains-any       the key of an element is one of several
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firestore_runtime.paths import FieldPath

NO_KEY = b""
"""In place of the key of what is equal to nothing, as null and NaN in an `in` are: no value has it."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field has one of several values."""

    path: FieldPath
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """The field has a value that is neither null nor one of several others."""

    path: FieldPath
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The field has a value whose key is not less than `low`, and is less than `high`."""

    path: FieldPath
    low: bytes
    high: bytes


@dataclass(frozen=True, slots=True)
class Contains:
    """The field is an array that has at least one of several elements."""

    path: FieldPath
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Each of the conditions holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the conditions holds."""

    parts: tuple[Condition, ...]


Comparison: TypeAlias = OneOf | NoneOf | Between | Contains
Condition: TypeAlias = Comparison | AllOf | AnyOf

EVERYTHING = AllOf(())
"""The condition of a query without a filter."""


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Yield the comparisons that a condition is made of."""
    if isinstance(condition, (AllOf, AnyOf)):
        for part in condition.parts:
            yield from comparisons(part)
    else:
        yield condition


def inequality_fields(parts: Iterable[Comparison]) -> frozenset[FieldPath]:
    """Return the fields that are compared with `<`, `<=`, `>`, `>=`, `!=` or `not-in`."""
    return frozenset(part.path for part in parts if isinstance(part, (Between, NoneOf)))
