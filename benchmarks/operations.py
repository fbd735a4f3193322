"""The operations that are measured, of both flavours, and how often each is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from benchmarks.results import Result, compared
from benchmarks.timing import Work, compare

MANY = 100
STREAMED = 1_000

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Contender(Protocol[T_co]):
    """A client that does each operation, at once or as an awaitable."""

    def set(self) -> T_co:
        """Store the next document."""

    def get(self) -> T_co:
        """Read one document."""

    def get_many(self) -> T_co:
        """Read the first `MANY` documents by their ids."""

    def stream(self) -> T_co:
        """Read the whole collection."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What is measured: a method, how often it is called in a round, and for how many documents a call is."""

    name: str
    method: Callable[[Contender[Any]], Callable[[], Any]]
    times: int
    documents: int


OPERATIONS = (
    Operation("set", lambda contender: contender.set, times=100, documents=1),
    Operation("get", lambda contender: contender.get, times=100, documents=1),
    Operation(f"get_many({MANY})", lambda contender: contender.get_many, times=1, documents=MANY),
    Operation(f"stream {STREAMED:,}", lambda contender: contender.stream, times=1, documents=STREAMED),
)


def compare_operations(
    contenders: Mapping[str, Contender[T]],
    repeat: Callable[[Callable[[], T]], Work],
    rounds: int,
    dimension: int,
    limits: Mapping[str, float],
) -> Iterator[Result]:
    """Measure each operation; its costs are per document.

    Args:
        contenders: The clients by name, on a collection of `STREAMED` documents.
        repeat: How an operation becomes work that can be repeated.
        rounds: How often each contender takes its turn.
        dimension: The length of the documents' embeddings, for the names of the results.
        limits: The largest share of Google's CPU time by the operation's first word.
    """
    for operation in OPERATIONS:
        work = {name: repeat(operation.method(contender)) for name, contender in contenders.items()}
        costs = compare(work, rounds, operation.times)
        costs = {name: cost.per(operation.documents) for name, cost in costs.items()}
        yield compared(f"{operation.name}, {dimension} dimensions", costs, limits.get(operation.name.split()[0]))
