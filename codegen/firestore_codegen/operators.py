"""The operators of declared queries, by what they mean to a query. All that the generator knows of them is here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from firestore_runtime.limits import MAX_DISJUNCTIONS, MAX_NOT_IN

Operator: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not-in", "array-contains", "array-contains-any"]

EQUALITY: frozenset[Operator] = frozenset({"=="})
CHOICE: frozenset[Operator] = frozenset({"in"})
CONTAINS: frozenset[Operator] = frozenset({"array-contains", "array-contains-any"})
EXCLUSIONS: frozenset[Operator] = frozenset({"!=", "not-in"})
RANGES: frozenset[Operator] = frozenset({"<", "<=", ">", ">="})
INEQUALITIES = RANGES | EXCLUSIONS
"""What belongs to the order of an index."""
ALTERNATIVES: frozenset[Operator] = frozenset({"in", "array-contains-any"})
"""What is written as several queries, one for each value."""
MAX_VALUES: Mapping[Operator, int] = {
    "in": MAX_DISJUNCTIONS,
    "not-in": MAX_NOT_IN,
    "array-contains-any": MAX_DISJUNCTIONS,
}
"""What takes a list of values, and how long it may be."""
METHODS: Mapping[Operator, str] = {
    "in": "in_",
    "not-in": "not_in",
    "array-contains": "array_contains",
    "array-contains-any": "array_contains_any",
}
"""The methods of fields for the operators that Python has not."""
