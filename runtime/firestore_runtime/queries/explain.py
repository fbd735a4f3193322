"""How the server runs a query, by its own account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firestore_runtime.wire import ExplainMetrics


@dataclass(frozen=True, slots=True)
class Explanation:
    """The plan of a query, and what running it took.

    Attributes:
        indexes_used: The indexes, as the server describes them: text by property, such as `query_scope`.
        results_returned: How many documents it found; None unless it was run.
        read_operations: How many reads are billed for it; None unless it was run.
        duration: Seconds that the server took; None unless it was run.
    """

    indexes_used: tuple[dict[str, str], ...]
    results_returned: int | None
    read_operations: int | None
    duration: float | None


def read_explanation(metrics: ExplainMetrics) -> Explanation:
    """Read what the server says."""
    indexes = tuple(
        {key: value.string_value for key, value in index.fields.items()} for index in metrics.plan_summary.indexes_used
    )
    if not metrics.HasField("execution_stats"):
        return Explanation(indexes, None, None, None)
    stats = metrics.execution_stats
    duration = stats.execution_duration.seconds + stats.execution_duration.nanos / 1e9
    return Explanation(indexes, stats.results_returned, stats.read_operations, duration)
