"""What a benchmark finds: costs of contenders that did the same work, and ratios with the limits set for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

OURS = "firestore_memory"
GOOGLE = "google"
GOOGLE_PYDANTIC = "google + pydantic"


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of processor time of this process, and of time on the clock."""

    cpu: float
    wall: float

    def per(self, count: int) -> Cost:
        """The cost of one of `count` equal parts."""
        return Cost(self.cpu / count, self.wall / count)


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of the times, each for itself."""
    return Cost(median(cost.cpu for cost in costs), median(cost.wall for cost in costs))


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that matters, and the most it should be where there is a limit."""

    label: str
    value: float
    limit: float | None = None
    unit: str = "\N{MULTIPLICATION SIGN}"

    @property
    def is_met(self) -> bool | None:
        """Whether the limit is kept; None if there is none."""
        return None if self.limit is None else self.value <= self.limit


@dataclass(frozen=True, slots=True)
class Result:
    """One line of a table: a piece of work, what it cost each contender, and what follows."""

    name: str
    costs: Mapping[str, Cost]
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The results of one benchmark."""

    title: str
    results: tuple[Result, ...]


def compared(name: str, costs: Mapping[str, Cost], limit: float | None, wall_limit: float | None = None) -> Result:
    """The result for contenders of which one is ours and one is Google's; limits are on our share of its times."""
    ours, google = costs[OURS], costs[GOOGLE]
    measures = (Measure("CPU", ours.cpu / google.cpu, limit), Measure("wall", ours.wall / google.wall, wall_limit))
    return Result(name, costs, measures)
