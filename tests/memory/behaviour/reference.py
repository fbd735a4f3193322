"""What a query finds, by Firestore's rules, in plain Python: the tests compare a store with it.

Documents are dictionaries. An absent field is not null: no filter and no order finds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cmp_to_key
from itertools import islice
from math import isnan
from typing import Any, Literal

Path = tuple[str, ...]
Documents = Mapping[str, Mapping[str, Any]]

ABSENT = object()
_INEQUALITIES = {"<", "<=", ">", ">=", "!=", "not-in"}


@dataclass(frozen=True)
class Leaf:
    """A field against a value, or against several."""

    path: Path
    op: str
    value: Any


@dataclass(frozen=True)
class Branch:
    """Conditions of which all or any must hold."""

    op: Literal["and", "or"]
    parts: tuple[Condition, ...]


Condition = Leaf | Branch


@dataclass(frozen=True)
class Key:
    """A key of an order."""

    path: Path
    descending: bool


@dataclass(frozen=True)
class Position:
    """Values of the first keys of an order, and whether the documents that have them come behind it."""

    values: tuple[Any, ...]
    before: bool


@dataclass(frozen=True)
class Search:
    """A query."""

    condition: Condition | None
    order: tuple[Key, ...]
    start: Position | None = None
    end: Position | None = None
    limit: int | None = None
    from_end: bool = False


def find(documents: Documents, search: Search) -> list[str]:
    """Give the ids of what a query finds, in its order."""
    order = [*search.order, *_implied(search)]
    found = [
        name
        for name, document in documents.items()
        if _matches(document, search.condition) and all(value_at(document, key.path) is not ABSENT for key in order)
    ]
    descending = order[-1].descending if order else False

    def values(name: str) -> tuple[Any, ...]:
        return tuple(value_at(documents[name], key.path) for key in order)

    def compare(one: str, other: str) -> int:
        return _compare(values(one), values(other), order) or _sign(one, other, descending)

    found.sort(key=cmp_to_key(compare))
    if (start := search.start) is not None:
        found = [name for name in found if _compare(values(name), start.values, order) >= (0 if start.before else 1)]
    if (end := search.end) is not None:
        found = [name for name in found if _compare(values(name), end.values, order) < (0 if end.before else 1)]
    if search.limit is None:
        return found
    return found[-search.limit :] if search.from_end else list(islice(found, search.limit))


# Filters


def _matches(document: Mapping[str, Any], condition: Condition | None) -> bool:
    match condition:
        case None:
            return True
        case Branch("and", parts):
            return all(_matches(document, part) for part in parts)
        case Branch(_, parts):
            return any(_matches(document, part) for part in parts)
        case Leaf(path, op, value):
            stored = value_at(document, path)
            return stored is not ABSENT and _holds(stored, op, value)


def _holds(stored: Any, op: str, value: Any) -> bool:
    match op:
        case "==":
            return sort_key(stored) == sort_key(value)
        case "!=":
            return stored is not None and sort_key(stored) != sort_key(value)
        case "in":
            return _is_one_of(stored, value)
        case "not-in":
            return stored is not None and None not in value and not _is_one_of(stored, value)
        case "array-contains":
            return isinstance(stored, list) and any(_is_one_of(element, [value]) for element in stored)
        case "array-contains-any":
            return isinstance(stored, list) and any(_is_one_of(element, value) for element in stored)
        case _:
            return _is_in_range(sort_key(stored), op, sort_key(value))


def _is_one_of(stored: Any, values: Any) -> bool:
    """Null and NaN are equal to nothing here, but inside of arrays and maps they are."""
    return any(sort_key(stored) == sort_key(value) for value in values if value is not None and not is_nan(value))


def _is_in_range(stored: tuple[Any, ...], op: str, limit: tuple[Any, ...]) -> bool:
    """Only values of one type are compared, and NaN counts as a type of its own."""
    if stored[0] != limit[0]:
        return False
    match op:
        case "<":
            return stored < limit
        case "<=":
            return stored <= limit
        case ">":
            return stored > limit
        case _:
            return stored >= limit


# Orders


def sort_key(value: Any) -> tuple[Any, ...]:
    """Make what orders values of all types: the number of the type, then what orders its values."""
    match value:
        case None:
            return (0,)
        case bool():
            return (1, value)
        case int() | float():
            return (2,) if is_nan(value) else (3, value)
        case datetime():
            return (4, value)
        case str():
            return (5, value.encode())
        case bytes():
            return (6, value)
        case list():
            return (7, *map(sort_key, value))
        case dict():
            return (8, *sorted((key.encode(), sort_key(item)) for key, item in value.items()))
        case _:
            raise TypeError(repr(value))


def _implied(search: Search) -> list[Key]:
    """The fields with inequalities that the order does not name, in the direction of its last key."""
    named = {key.path for key in search.order}
    descending = search.order[-1].descending if search.order else False
    return [Key(path, descending) for path in sorted(set(_inequalities(search.condition)) - named)]


def _inequalities(condition: Condition | None) -> Iterator[Path]:
    match condition:
        case Branch(_, parts):
            for part in parts:
                yield from _inequalities(part)
        case Leaf(path, op, _) if op in _INEQUALITIES:
            yield path


def _compare(values: tuple[Any, ...], others: tuple[Any, ...], order: list[Key]) -> int:
    """Compare by the first keys, as many as there are others."""
    for value, other, key in zip(values, others, order, strict=False):
        if sign := _sign(sort_key(value), sort_key(other), key.descending):
            return sign
    return 0


def _sign(one: Any, other: Any, descending: bool) -> int:
    sign = int(one > other) - int(one < other)
    return -sign if descending else sign


def value_at(document: Mapping[str, Any], path: Path) -> Any:
    """Give what a document holds at a path, or `ABSENT`."""
    value: Any = document
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return ABSENT
        value = value[key]
    return value


def is_nan(value: Any) -> bool:
    """Whether it is the float that equals nothing."""
    return isinstance(value, float) and isnan(value)
