"""What a process has seen while its documents move: counted by collection and operation."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import pydantic

Finding: TypeAlias = Literal["equal", "different", "undecided", "failed", "delivered", "undelivered"]


@dataclass(frozen=True, slots=True)
class Tally:
    """What this process has seen of one operation on one collection.

    Attributes:
        equal: How many reads found the same in both shapes.
        different: How many found something else among the current documents, which nobody was changing meanwhile.
        undecided: How many could not tell, since the documents changed again and again.
        failed: How many could not read the current documents.
        delivered: How many writes have reached the second store, if there are two.
        undelivered: How many have not at their time; they wait in the outbox of the first one.
    """

    equal: int = 0
    different: int = 0
    undecided: int = 0
    failed: int = 0
    delivered: int = 0
    undelivered: int = 0


class Findings:
    """Counts what has been found; any thread may."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: Counter[tuple[str, str, Finding]] = Counter()

    def count(self, collection: str, operation: str, finding: Finding) -> None:
        """Count what has been found."""
        with self._lock:
            self._found[collection, operation, finding] += 1

    def tallies(self) -> dict[tuple[str, str], Tally]:
        """Return what has been found, by collection and operation."""
        with self._lock:
            found = dict(self._found)
        tallies: dict[tuple[str, str], Tally] = {}
        for (collection, operation, finding), number in found.items():
            tally = tallies.get((collection, operation), Tally())
            tallies[collection, operation] = replace(tally, **{finding: number})
        return tallies

    def clear(self) -> None:
        """Forget what has been found."""
        with self._lock:
            self._found.clear()


def is_same(one: object, other: object) -> bool:
    """Whether two reads gave the same: models are, if the same fields are set to the same values."""
    return _comparable(one) == _comparable(other)


def _comparable(value: object) -> object:
    match value:
        case pydantic.BaseModel():
            return _comparable(value.model_dump(exclude_unset=True))
        case dict():
            return sorted((key, _comparable(item)) for key, item in value.items())
        case list() | tuple():
            return [_comparable(item) for item in value]
        case _:
            return type(value), repr(value)  # NaN is the same as NaN, and 1 not as 1.0 or True
