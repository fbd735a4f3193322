"""Random histories of a collection: documents that are written and deleted, and queries in between.

The values are few, so that the alternatives of a filter meet, and so do the cursors and the documents.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import strategies as st

from firestore_runtime import wire
from firestore_runtime.embedded.declared import Declared
from firestore_runtime.embedded.semantics.queries import Conjunction, read_query
from firestore_runtime.errors import ValidationError
from firestore_runtime.index import Index, IndexField
from firestore_runtime.paths import DOCUMENT_ID, field_path
from tests.runtime.embedded.asking import cursor, query
from tests.runtime.embedded.messages import ROOT, Vector, combined, having, where

FIELDS = ["p", "q", "r"]
SIMPLE = [0, 1, 2]
ODD = [None, 1.0, "x", "x\0", [1], [1, 2], {"k": 1}, {"k": 1, "l": 2}, {}, Vector((1.0, 2.0)), True, float("nan")]
PATHS = [f"{parent}c/{number}" for parent in ("", "c/0/", "d/1/") for number in range(8)]


@dataclass(frozen=True)
class Step:
    """What happens to the documents, and what is asked then."""

    written: dict[str, dict[str, Any]]
    deleted: list[str]
    requests: list[wire.RunQueryRequest] = field(repr=False)


@dataclass(frozen=True)
class History:
    """What happens to a store, and the composite indexes that are declared."""

    declared: Declared
    steps: list[Step]


class Chooser:
    """Makes a random history.

    Args:
        random: What chooses.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._values = SIMPLE if random.random() < 0.7 else [*SIMPLE, *ODD]
        self._elements = [value for value in self._values if not isinstance(value, (list, Vector))]

    def history(self) -> History:
        requests = [self._request() for _ in range(6)]
        indexes = [index for request in self._some(requests, 6) for index in self._indexes(request)]
        return History(Declared(tuple(indexes)), [self._step(requests) for _ in range(3)])

    def _some(self, items: list[Any], most: int) -> list[Any]:
        return self._random.sample(items, self._random.randint(0, min(most, len(items))))

    def _step(self, requests: list[wire.RunQueryRequest]) -> Step:
        written = {path: self._document() for path in self._some(PATHS, 20)}
        return Step(written, self._some(PATHS, 4), requests)

    def _document(self) -> dict[str, Any]:
        values = {name: self._random.choice(self._values) for name in FIELDS if self._random.random() < 0.85}
        return {**values, "t": self._some(self._elements, 3)} if self._random.random() < 0.85 else values

    # Requests

    def _request(self) -> wire.RunQueryRequest:
        orders = [f"{path}{self._random.choice(['', ' desc'])}" for path in self._some(FIELDS, 3)]
        if self._random.random() < 0.2:
            orders.append(self._random.choice(["__name__", "__name__ desc"]))
        group = self._random.random() < 0.4
        return query(
            "c",
            *orders,
            where=self._filter() if self._random.random() < 0.9 else None,
            group=group,
            parent=ROOT if group or self._random.random() < 0.8 else f"{ROOT}/c/0",
            start=self._cursor(orders),
            end=self._cursor(orders),
            offset=self._random.choice([0, 0, 0, 1]),
            limit=self._random.choice([None, None, 1, 2, 5]),
        )

    def _cursor(self, orders: list[str]) -> wire.Cursor | None:
        count = sum(not order.startswith("__name__") for order in orders)
        if not count or self._random.random() < 0.6:
            return None
        values = [self._random.choice(self._values) for _ in range(self._random.randint(1, count))]
        return cursor(*values, before=self._random.random() < 0.5)

    def _filter(self) -> wire.Filter:
        parts = [self._conjunction() for _ in range(self._random.choice([1, 1, 2, 3]))]
        return parts[0] if len(parts) == 1 else combined("or", parts)

    def _conjunction(self) -> wire.Filter:
        parts = [self._comparison(path) for path in self._random.sample(FIELDS, self._random.choice([1, 1, 2, 3]))]
        if self._random.random() < 0.3:
            parts.append(where("t", "array-contains", self._random.choice(self._elements)))
        elif self._random.random() < 0.2:
            parts.append(where("t", "array-contains-any", self._random.choices(self._elements, k=2)))
        return combined("and", parts)

    def _comparison(self, path: str) -> wire.Filter:
        operators = ["==", "==", "==", "==", "in", "<", "<=", ">", ">=", "is-null"]
        operator = self._random.choice(["!=", "not-in"] if self._random.random() < 0.04 else operators)
        match operator:
            case "is-null":
                return having(path, operator)
            case "in" | "not-in":
                return where(path, operator, self._random.choices(self._values, k=2))
            case _:
                return where(path, operator, self._random.choice(self._values))

    def _indexes(self, request: wire.RunQueryRequest) -> list[Index]:
        """An index with the order of a query, or the opposite one, behind some of what the query asks for."""
        try:
            asked = read_query(request.parent, request.structured_query)
        except ValidationError:
            return []
        part = self._random.choice(asked.alternatives or (Conjunction({}, (), {}),))
        fixed = [IndexField(field_path(path)) for path in part.equalities]
        head = self._some([*fixed, *(IndexField(field_path(path), "CONTAINS") for path, _ in part.contains[:1])], 2)
        opposite = self._random.random() < 0.5
        tail = [
            IndexField(field_path(order.path), "DESCENDING" if order.descending != opposite else "ASCENDING")
            for order in asked.orders
            if order.path not in {*part.equalities, DOCUMENT_ID}
        ]
        return [Index("c", (*head, *tail))] if head and tail else []


def histories() -> st.SearchStrategy[History]:
    """Make histories. They are too large for Hypothesis to choose each value."""
    return st.integers(0, 2**32).map(lambda number: Chooser(Random(number)).history())
