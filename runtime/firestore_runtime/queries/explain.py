"""The server's explanation of how it runs a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firestore_runtime.wire import ExplainMetrics


@dataclass(frozen=True, slots=True)
class Explanation:
    """The plan of a query, and the cost of running it.

    Attributes:
        indexes_used: The indexes, as the server describes them: text by property, such as `query_scope`.
        results_returned: The number of documents found; None unless the query was run.
        read_operations: The number of reads billed; None unless the query was run.
        duration: Seconds that the server took; None unless the query was run.
    """

    indexes_used: tuple[dict[str, str], ...]
    results_returned: int | None
    read_operations: int | None
    duration: float | None


def read_explanation(metrics: ExplainMetrics) -> Explanation:
    """Return the explanation in a server's message."""
    indexes = tuple(
        {key: value.string_value for key, value in index.fields.items()} for index in metrics.plan_summary.indexes_used
    )
    if not metrics.HasField("execution_stats"):
        return Explanation(indexes, None, None, None)
    stats = metrics.execution_stats
    duration = stats.execution_duration.seconds + stats.execution_duration.nanos / 1e9
    return Explanation(indexes, stats.results_returned, stats.read_operations, duration)
