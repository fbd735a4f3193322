"""Queries of few large and of many small documents, and counts: MemoryClient against google.cloud.firestore.Client."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from google.cloud.firestore import Client, CollectionReference, Query

from benchmarks.database import new_project
from benchmarks.documents import from_dictionary, make_documents
from benchmarks.results import GOOGLE, GOOGLE_PYDANTIC, OURS, Result, Table, compared
from benchmarks.timing import compare, repeated
from firestore_memory import MemoryClient, MemoryItemFields

_SIZES = ((100, 768, 0.10), (10_000, 0, None))
"""Documents, their dimensions, and the part of Google's CPU time that ours may take."""


def compare_queries(rounds: int) -> Table:
    """Measure an ordered query of all documents, and their count; the costs are those of the whole query."""
    return Table("Queries, each in all", tuple(_results(rounds)))


def _results(rounds: int) -> Iterator[Result]:
    for size, dimension, limit in _SIZES:
        documents = make_documents(size, dimension)
        space = documents.namespace
        with new_project() as project, MemoryClient.connect(f"firestore://{project}", namespace=space) as ours:
            ours.memory_items.set_many(documents.items)
            google = Client(project=project).collection(documents.path)
            costs = compare({name: repeated(work) for name, work in _reads(ours, google).items()}, rounds, times=1)
            yield compared(f"query of {size:,}, {dimension} dimensions", costs, limit)
            costs = compare({name: repeated(work) for name, work in _counts(ours, google).items()}, rounds, times=1)
            yield compared(f"count of {size:,}", costs, None)


def _reads(ours: MemoryClient, google: CollectionReference) -> dict[str, Callable[[], object]]:
    newest_first = google.order_by("timestamp", direction=Query.DESCENDING)
    return {
        OURS: lambda: ours.memory_items.order_by(MemoryItemFields.timestamp.desc()).list(),
        GOOGLE: lambda: [snapshot.to_dict() for snapshot in newest_first.stream()],
        GOOGLE_PYDANTIC: lambda: [from_dictionary(snapshot.to_dict() or {}) for snapshot in newest_first.stream()],
    }


def _counts(ours: MemoryClient, google: CollectionReference) -> dict[str, Callable[[], object]]:
    count = google.count()  # type: ignore[no-untyped-call]  # Google's aggregations have no types
    return {OURS: ours.memory_items.all().count, GOOGLE: count.get}
