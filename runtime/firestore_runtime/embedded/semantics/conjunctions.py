"""The alternatives of a filter: it matches what at least one of them matches, and each can be looked up in an index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from firestore_runtime.embedded.semantics.conditions import NO_KEY, AllOf, AnyOf, Between, Contains, NoneOf, OneOf
from firestore_runtime.embedded.semantics.keys import NULL_KEY, successor
from firestore_runtime.errors import ValidationError
from firestore_runtime.limits import MAX_DISJUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firestore_runtime.embedded.semantics.conditions import Comparison, Condition
    from firestore_runtime.paths import FieldPath

_Together: TypeAlias = "frozenset[Comparison]"
"""Comparisons that must all hold."""
_Range: TypeAlias = tuple[bytes, bytes]

_NOT_NULL = (successor(NULL_KEY), b"\xff")


@dataclass(frozen=True, slots=True)
class Conjunction:
    """One of the alternatives: what it asks of each field, where it asks for something that orders of keys can find.

    Attributes:
        equalities: The one key that a field must have.
        contains: The keys of elements that arrays must have.
        ranges: The range that a field's key must be in, also if others are joined to it; the second bound does not
            belong to it. It may hold keys that the filter excludes.
    """

    equalities: Mapping[FieldPath, bytes]
    contains: tuple[tuple[FieldPath, bytes], ...]
    ranges: Mapping[FieldPath, _Range]


def conjunctions(condition: Condition) -> tuple[Conjunction, ...]:
    """Return the alternatives of a condition, without those that contradict themselves.

    Raises:
        ValidationError: There are more than Firestore allows.
    """
    possible = map(_conjunction, _alternatives(condition))
    return tuple(one for one in possible if one is not None)


def _alternatives(condition: Condition) -> list[_Together]:
    """The disjunctive normal form: the alternatives, each without repetitions, and none of them twice."""
    match condition:
        case OneOf(path, keys):
            return _distinct(frozenset((OneOf(path, (key,)),)) for key in keys)
        case Contains(path, keys):
            return _distinct(frozenset((Contains(path, (key,)),)) for key in keys)
        case AnyOf(parts):
            return _distinct(chain.from_iterable(map(_alternatives, parts)))
        case AllOf(parts):
            nothing: list[_Together] = [frozenset()]
            return reduce(_product, map(_alternatives, parts), nothing)
        case _:
            return [frozenset((condition,))]


def _product(some: list[_Together], others: list[_Together]) -> list[_Together]:
    return _distinct(one | other for one in some for other in others)


def _distinct(found: Iterable[_Together]) -> list[_Together]:
    distinct = list(dict.fromkeys(found))
    if len(distinct) > MAX_DISJUNCTIONS:
        raise ValidationError(
            f"{len(distinct)} or more disjunctions, where Firestore allows {MAX_DISJUNCTIONS}: the values of IN and "
            "ARRAY_CONTAINS_ANY and the parts of OR multiply where several must match together"
        )
    return distinct


def _conjunction(together: _Together) -> Conjunction | None:
    """Return what an alternative asks for, or None if nothing can match it."""
    equalities: dict[FieldPath, bytes] = {}
    contains: list[tuple[FieldPath, bytes]] = []
    ranges: dict[FieldPath, _Range] = {}
    for comparison in together:
        match comparison:
            case OneOf(path, (key,)) if key == NO_KEY or equalities.setdefault(path, key) != key:
                return None
            case Contains(path, (key,)):
                contains.append((path, key))
            case Between(path, low, high):
                ranges[path] = _intersection(ranges.get(path), (low, high))
            case NoneOf(path):
                ranges[path] = _intersection(ranges.get(path), _NOT_NULL)
    if any(low >= high for low, high in ranges.values()) or any(key == NO_KEY for _, key in contains):
        return None
    return Conjunction(equalities, tuple(contains), ranges)


def _intersection(one: _Range | None, other: _Range) -> _Range:
    return other if one is None else (max(one[0], other[0]), min(one[1], other[1]))
