"""Searches by vector: MemoryClient against google.cloud.firestore.Client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.cloud.firestore import Client, CollectionReference
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.vector import Vector

from benchmarks.database import new_project
from benchmarks.documents import from_dictionary, make_documents
from benchmarks.results import GOOGLE, GOOGLE_PYDANTIC, OURS, Table, compared
from benchmarks.timing import compare, repeated
from firestore_memory import MemoryClient, MemoryItem, MemoryItemFields

_SEARCHED = 2_000
_FOUND = 10
_DIMENSION = 768
_DISTANCE = "distance"


def compare_nearest(rounds: int) -> Table:
    """Measure a search for the nearest of many documents; its costs are those of the whole search."""
    documents = make_documents(_SEARCHED, _DIMENSION)
    vector, space = documents.items[0].embedding or [], documents.namespace
    with new_project() as project, MemoryClient.connect(f"firestore://{project}", namespace=space) as ours:
        ours.memory_items.set_many(documents.items)
        work = _searches(ours, Client(project=project).collection(documents.path), vector)
        costs = compare({name: repeated(search) for name, search in work.items()}, rounds, times=1)
    name = f"find_nearest {_FOUND} of {_SEARCHED:,}, {_DIMENSION} dimensions"
    return Table("Searches by vector, each in all", (compared(name, costs, None),))


def _searches(ours: MemoryClient, google: CollectionReference, vector: list[float]) -> dict[str, Callable[[], object]]:
    def by_google() -> list[dict[str, Any]]:
        query = google.find_nearest(
            "embedding", Vector(vector), _FOUND, DistanceMeasure.COSINE, distance_result_field=_DISTANCE
        )
        return [data for snapshot in query.get() if (data := snapshot.to_dict())]

    def by_google_and_pydantic() -> list[tuple[MemoryItem, float]]:
        return [(from_dictionary(data), data[_DISTANCE]) for data in by_google()]

    return {
        OURS: lambda: ours.memory_items.find_nearest(MemoryItemFields.embedding, vector, limit=_FOUND),
        GOOGLE: by_google,
        GOOGLE_PYDANTIC: by_google_and_pydantic,
    }
