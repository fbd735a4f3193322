"""What a migration has done or found, for people and for machines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from firestore_runtime.rollout.copies import Fate, Outcome, Route

Work: TypeAlias = Literal["copy", "plan", "verify"]

_SAMPLES = 3
_PROBLEMS = 20

_DIFFERENT: dict[Fate, str] = {"created": "missing", "replaced": "different", "newer": "newer", "failed": "failed"}
"""What it says about two sides if a copy would still be made."""


@dataclass(slots=True)
class RouteReport:
    """What has been done or found on one route.

    Attributes:
        layout: The shape of the older documents.
        source: The path of the collection that documents came from.
        target: The path of the collection that they went to.
        documents: How many documents have been looked at.
        counts: How many documents had which fate. If sides were compared: how many are `equal`, `missing` in the
            target, `different` there, `newer` there, or `extra` there, with no document that they come from.
        samples: Some ids, and the fields that were written.
        problems: Some of the documents that could not be converted, or that differ, with the reason.
    """

    layout: str
    source: str
    target: str
    documents: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    samples: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, route: Route) -> RouteReport:
        """Make the report of a route on which nothing has happened."""
        return cls(route.layout.name, route.source, route.target)

    def add(self, document_id: str, outcome: Outcome, work: Work) -> None:
        """Take into account what has become of a document."""
        if outcome.fate == "absent":
            return
        found = _DIFFERENT.get(outcome.fate)
        if outcome.fate == "failed" or (work == "verify" and found):
            self.add_problem(found or outcome.fate, document_id, outcome.fields, outcome.reason)
            return
        self._count(outcome.fate)
        if work != "verify" and outcome.fields and len(self.samples) < _SAMPLES:
            self.samples.append({"id": document_id, "fate": outcome.fate, "fields": list(outcome.fields)})

    def add_problem(self, what: str, document_id: str, fields: tuple[str, ...] = (), reason: str = "") -> None:
        """Count what is wrong with a document, and keep it if there are not too many of them."""
        self._count(what)
        if len(self.problems) < _PROBLEMS:
            self.problems.append({"id": document_id, "what": what, "fields": list(fields), "reason": reason})

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


OnProgress: TypeAlias = Callable[[RouteReport, int, int], None]
"""Is told the report of a route, how many documents have been looked at there, and how many there were."""


@dataclass(slots=True)
class MigrationReport:
    """What a migration has done or found.

    Attributes:
        work: What it was to do.
        direction: `forward` to the current collections, or `back`.
        routes: What has happened on each route.
        seconds: How long it took, earlier runs that it went on with not counted.
        documents: How many documents it has looked at in that time.
    """

    work: Work
    direction: str
    routes: list[RouteReport]
    seconds: float = 0.0
    documents: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether no document failed, and both sides are equal if they were compared."""
        wrong = {"extra", *_DIFFERENT.values()} if self.work == "verify" else {"failed"}
        return not any(wrong & route.counts.keys() for route in self.routes)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        per_second = round(self.documents / self.seconds, 1) if self.seconds else 0.0
        return {
            "work": self.work,
            "direction": self.direction,
            "clean": self.is_clean,
            "routes": [asdict(route) for route in self.routes],
            "documents": self.documents,
            "seconds": round(self.seconds, 3),
            "documents_per_second": per_second,
        }
