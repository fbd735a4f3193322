"""Writing many documents at once, against Google's `batch()` and its BulkWriter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from google.cloud.firestore import Client
from google.cloud.firestore_v1.bulk_writer import BulkWriter, BulkWriterOptions

from benchmarks.database import new_project
from benchmarks.documents import Documents, make_documents
from benchmarks.results import GOOGLE, OURS, Cost, Result, Table, compared
from benchmarks.timing import compare, repeated
from firestore_memory import MemoryClient

_VECTORS = 500
_FITTING = 250
"""How many documents with vectors the emulator takes in one of Google's commits, which never split themselves: 500 are
4.5 MB, more than the 4 MiB of its gRPC. Where 500 fit into one, the work of the client is the same."""
_SMALL = 10_000
_UNLIMITED = 1_000_000_000


def compare_many(rounds: int) -> Table:
    """Measure the ways to write many documents; the whole work, not per document."""
    return Table("Writing many documents", tuple(_results(rounds)))


def _results(rounds: int) -> Iterator[Result]:
    with new_project() as project, MemoryClient.connect(f"firestore://{project}") as ours:
        google = Client(project=project)
        vectors = make_documents(_VECTORS, 768)
        costs = _contest(rounds, lambda: _set_many(ours, vectors), lambda: _batches(google, vectors))
        yield compared(f"set_many({_VECTORS}), 768 dimensions", costs, 0.05, 0.15)
        small = make_documents(_SMALL, 0)
        costs = _contest(rounds, lambda: _bulk_writer(ours, small), lambda: _google_bulk_writer(google, small))
        yield compared(f"bulk_writer, {_SMALL:,} small ones", costs, None, 0.5)


def _contest(rounds: int, ours: Callable[[], object], google: Callable[[], object]) -> Mapping[str, Cost]:
    return compare({OURS: repeated(ours), GOOGLE: repeated(google)}, rounds, 1)


def _set_many(client: MemoryClient, documents: Documents) -> None:
    client.memory_items.set_many(documents.items)


def _batches(client: Client, documents: Documents) -> None:
    collection = client.collection("memories")
    for start in range(0, len(documents.dictionaries), _FITTING):
        batch = client.batch()
        for data in documents.dictionaries[start : start + _FITTING]:
            batch.set(collection.document(data["id"]), data)
        batch.commit()


def _bulk_writer(client: MemoryClient, documents: Documents) -> None:
    with client.bulk_writer(throttle=False) as writer:
        for item in documents.items:
            writer.set(client.memory_items, item)


def _google_bulk_writer(client: Client, documents: Documents) -> None:
    """Both of its limits on the rate are off."""
    collection = client.collection("memories")
    options = BulkWriterOptions(initial_ops_per_second=_UNLIMITED, max_ops_per_second=_UNLIMITED)
    writer = BulkWriter(client, options)
    for data in documents.dictionaries:
        writer.set(collection.document(data["id"]), data)
    writer.close()  # type: ignore[no-untyped-call]  # Google's class has no types
