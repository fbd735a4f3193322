"""Explanations of queries, in the words of Firestore's own."""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING

from firestore_runtime import wire

if TYPE_CHECKING:
    from firestore_runtime.embedded.engine import Engine
    from firestore_runtime.embedded.scans import IndexFields
    from firestore_runtime.wire import ExplainMetrics, RunQueryRequest, RunQueryResponse

_SECOND = 1_000_000_000
_KINDS = {"ASCENDING": "ASC", "DESCENDING": "DESC", "CONTAINS": "CONTAINS"}
_WHOLE_COLLECTION = "(__name__ ASC)"


def explain(engine: Engine, request: RunQueryRequest, timeout: float) -> RunQueryResponse:
    """Explain a query, and run it first if that is wanted.

    Args:
        engine: The store.
        request: The query.
        timeout: Seconds to wait for others that write, if it makes an index.
    """
    response = wire.RunQueryResponse()
    metrics = response.explain_metrics
    if request.explain_options.analyze:
        _analyze(engine, request, timeout, metrics)
    is_group = any(selector.all_descendants for selector in request.structured_query.from_)
    scope = "Collection Group" if is_group else "Collection"
    for properties in [_properties(fields) for fields in engine.indexes_used(request)] or [_WHOLE_COLLECTION]:
        index = metrics.plan_summary.indexes_used.add()
        index.fields["query_scope"].string_value = scope
        index.fields["properties"].string_value = properties
    return response


def _analyze(engine: Engine, request: RunQueryRequest, timeout: float, metrics: ExplainMetrics) -> None:
    started = perf_counter_ns()
    found = sum(1 for _ in engine.query(request, timeout))
    stats = metrics.execution_stats
    stats.results_returned = stats.read_operations = found
    stats.execution_duration.seconds, stats.execution_duration.nanos = divmod(perf_counter_ns() - started, _SECOND)


def _properties(fields: IndexFields) -> str:
    return f"({', '.join(f'{field.path} {_KINDS[field.kind]}' for field in fields)}, __name__ ASC)"
