"""The operations that are measured, for both flavours: how often, and how they should compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.documents import DIMENSIONS, Documents, make_documents
from benchmarks.effort import Effort
from benchmarks.results import Result, compared
from benchmarks.timing import Work, compare

MANY = 100
STREAMED = 1_000


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        name: What it does.
        times: How often it is done in a round.
        documents: How many documents it is about; costs are per document.
        work: The work of each contender.
    """

    name: str
    times: int
    documents: int
    work: dict[str, Work]


def compare_operations(
    operations: Callable[[Documents], list[Operation]], limits: dict[tuple[str, int], float], effort: Effort
) -> Iterator[Result]:
    """Measure the operations on documents with and without embeddings."""
    for dimension in DIMENSIONS:
        for operation in operations(make_documents(STREAMED, dimension)):
            costs = compare(operation.work, effort.rounds, operation.times)
            costs = {contender: cost.per(operation.documents) for contender, cost in costs.items()}
            name = f"{operation.name}, {dimension} dimensions"
            yield compared(name, costs, limits.get((operation.name, dimension)))
