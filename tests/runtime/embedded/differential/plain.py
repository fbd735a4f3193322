"""A `Store` in memory that knows no indexes: it looks through all documents for each query."""

from __future__ import annotations

from collections.abc import Iterator

from firestore_runtime import wire
from firestore_runtime.embedded.semantics.aggregates import aggregate, read_aggregation
from firestore_runtime.embedded.semantics.queries import Query, read_query, run
from firestore_runtime.options import Call


class PlainBackend:
    """Documents by their names."""

    def __init__(self) -> None:
        self._documents: dict[str, wire.Document] = {}

    def batch_write(self, request: wire.BatchWriteRequest, call: Call) -> wire.BatchWriteResponse:
        self._documents |= {write.update.name: write.update for write in request.writes}
        return wire.BatchWriteResponse()

    def run_query(self, request: wire.RunQueryRequest, call: Call) -> Iterator[wire.RunQueryResponse]:
        query = read_query(request.parent, request.structured_query)
        for document in run(query, self._below(query), ordered=False):
            response = wire.RunQueryResponse()
            response.document.CopyFrom(document)
            yield response

    def run_aggregation(
        self, request: wire.RunAggregationQueryRequest, call: Call
    ) -> Iterator[wire.RunAggregationQueryResponse]:
        aggregation = read_aggregation(request.parent, request.structured_aggregation_query)
        response = wire.RunAggregationQueryResponse()
        found = run(aggregation.query, self._below(aggregation.query), ordered=False)
        response.result.CopyFrom(aggregate(aggregation, found))
        yield response

    def _below(self, query: Query) -> Iterator[wire.Document]:
        for name, document in self._documents.items():
            parent, collection_id, _ = name.rsplit("/", 2)
            is_below = parent == query.parent or (query.all_descendants and parent.startswith(f"{query.parent}/"))
            if is_below and query.collection_id in ("", collection_id):
                yield document
