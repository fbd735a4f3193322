"""Conditions as functions of a document."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from firestore_runtime.embedded.semantics.conditions import AllOf, Between, Contains, NoneOf, OneOf
from firestore_runtime.embedded.semantics.keys import NULL_KEY, name_key, value_key
from firestore_runtime.embedded.semantics.lookup import value_at
from firestore_runtime.paths import DOCUMENT_ID

if TYPE_CHECKING:
    from firestore_runtime.embedded.semantics.conditions import Condition
    from firestore_runtime.paths import FieldPath
    from firestore_runtime.wire import Document

Predicate: TypeAlias = "Callable[[Document], bool]"
"""Whether a document is what a filter asks for."""


def predicate(condition: Condition) -> Predicate:
    """Return a function that says whether a condition holds for a document."""
    match condition:
        case OneOf(path, keys):
            wanted = frozenset(keys)
            return lambda document: key_at(document, path) in wanted
        case NoneOf(path, keys):
            unwanted = frozenset((None, NULL_KEY, *keys))
            return lambda document: key_at(document, path) not in unwanted
        case Between(path, low, high):
            return lambda document: (key := key_at(document, path)) is not None and low <= key < high
        case Contains(path, keys):
            return _contains(path, frozenset(keys))
        case AllOf(parts):
            predicates = [predicate(part) for part in parts]
            return lambda document: all(holds(document) for holds in predicates)
        case _:
            predicates = [predicate(part) for part in condition.parts]
            return lambda document: any(holds(document) for holds in predicates)


def key_at(document: Document, path: FieldPath) -> bytes | None:
    """Return the key of the value that a document has at a path, or None if it has none there."""
    if path == DOCUMENT_ID:
        return name_key(document.name)
    value = value_at(document, path)
    return None if value is None else value_key(value)


def _contains(path: FieldPath, keys: frozenset[bytes]) -> Predicate:
    def holds(document: Document) -> bool:
        value = value_at(document, path)
        return value is not None and any(value_key(element) in keys for element in value.array_value.values)

    return holds
