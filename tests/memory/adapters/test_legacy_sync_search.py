"""Searches by vector among records: complete and exact, whether embeddings are stored as arrays, as vectors or both."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy
import pytest

from firestore_memory import MemoryClient, Vector
from firestore_memory.adapters.legacy_sync import FirestoreMemoryManager
from firestore_runtime._sync.untyped import UntypedCollection
from firestore_runtime.options import Options

DIMENSION = 768  # of the declared index, without which a strict store searches no vectors


@pytest.fixture
def manager(client: MemoryClient) -> FirestoreMemoryManager:
    manager = FirestoreMemoryManager.from_client(client)
    manager.initialize()
    return manager


@pytest.fixture
def documents(client: MemoryClient) -> UntypedCollection:
    return UntypedCollection(client.backend, "memory_records", Options())


def put(documents: UntypedCollection, record_id: str, embedding: object, **fields: object) -> None:
    given = {"record_id": record_id, "context": "u", "persona": "p", "content": "t", "embedding": embedding}
    documents.set(record_id, {**given, "timestamp": datetime(2024, 1, 1, tzinfo=UTC), "metadata": {}, **fields})


def padded(*elements: float) -> list[float]:
    return [*elements, *[0.0] * (DIMENSION - len(elements))]


def ids(manager: FirestoreMemoryManager, query: Sequence[float], **options: Any) -> list[str]:
    return [found.record_id for found in manager.semantic_search("u", query, **options)]


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    norms = math.hypot(*one) * math.hypot(*other)
    return sum(a * b for a, b in zip(one, other, strict=True)) / norms if norms else 0.0


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0], ids=["arrays", "both", "vectors"])
def test_it_is_exact(share: float, manager: FirestoreMemoryManager, documents: UntypedCollection) -> None:
    chance = random.Random(7)
    vectors = {f"r{at:02}": padded(*(chance.uniform(-1, 1) for _ in range(6))) for at in range(40)}
    for at, (record_id, vector) in enumerate(vectors.items()):
        put(documents, record_id, Vector(vector) if at < share * len(vectors) else vector)
    query = padded(*(chance.uniform(-1, 1) for _ in range(6)))
    expected = sorted(vectors, key=lambda record_id: -cosine(query, vectors[record_id]))
    assert ids(manager, query) == expected[:5]
    assert ids(manager, query, top_k=1) == expected[:1]
    assert ids(manager, query, top_k=30) == expected[:30]  # more than point in its direction
    assert ids(manager, query, top_k=2_000) == expected
    assert ids(manager, query, top_k=-38) == expected[:2]
    assert ids(manager, query, top_k=0) == []
    assert manager._records is not None
    assert manager._records._dual_store.old._search.without_index == set()  # a strict store had all indexes


def test_only_what_has_a_vector_of_the_same_length_is_found(
    manager: FirestoreMemoryManager, documents: UntypedCollection
) -> None:
    put(documents, "fits", [1, 2.5])
    put(documents, "vector", Vector([2.0, 1.0]))
    put(documents, "zero", [0.0, 0.0])
    put(documents, "zero-vector", Vector([0.0, 0.0]))
    put(documents, "against", [-1.0, -1.0])
    for at, other in enumerate([None, [], [1.0], [1.0, 1.0, 1.0], Vector([1.0] * 3), "text", ["a", "b"], {"a": 1}]):
        put(documents, f"other{at}", other)
    put(documents, "malformed", [1.0, 1.0], content=None)
    put(documents, "malformed-vector", Vector([1.0, 1.0]), content=None)
    put(documents, "elsewhere", [1.0, 1.0], context="v")
    expected = ["vector", "fits", "zero", "zero-vector", "against"]
    assert ids(manager, [1.0, 1.0], top_k=10) == expected
    assert ids(manager, [1.0, 1.0], top_k=4) == expected[:4]
    assert ids(manager, [1.0, 1.0], top_k=1) == expected[:1]
    assert sorted(ids(manager, [0.0, 0.0], top_k=10)) == sorted(expected)


def test_equal_ones_are_ordered_by_id(manager: FirestoreMemoryManager, documents: UntypedCollection) -> None:
    for record_id in ("d", "b", "a", "c", "ä", "Z"):
        put(documents, record_id, [1.0, 0.0])
    assert ids(manager, [2.0, 0.0]) == ["Z", "a", "b", "c", "d"]


def test_it_is_limited_to_a_persona_and_a_collection(
    client: MemoryClient, manager: FirestoreMemoryManager, documents: UntypedCollection
) -> None:
    for record_id, persona in (("a", "Cherry"), ("b", "Sophia"), ("c", "Cherry")):
        put(documents, record_id, padded(1.0), persona=persona)
        put(documents, f"{record_id}-vector", Vector(padded(1.0, 0.1)), persona=persona)
    put(UntypedCollection(client.backend, "others", Options()), "x", padded(1.0))
    query = padded(1.0)
    assert ids(manager, query, persona="Cherry") == ["a", "c", "a-vector", "c-vector"]
    assert ids(manager, query, persona="Cherry", top_k=2) == ["a", "c"]
    assert ids(manager, query, persona="", top_k=2) == ["a", "b"]
    assert ids(manager, query, collection="others") == ["x"]
    assert [each.record_id for each in manager.semantic_search("u", query, "Sophia", 1, "memory_records")] == ["b"]


@pytest.mark.parametrize("query", [[], ()])
def test_an_empty_vector_is_refused(query: Sequence[float], manager: FirestoreMemoryManager) -> None:
    with pytest.raises(ValueError, match=r"^Query embedding cannot be empty$"):
        manager.semantic_search("u", query)


@pytest.mark.parametrize("element", [math.nan, math.inf, "1", None])
def test_so_is_one_of_what_is_no_number(element: Any, manager: FirestoreMemoryManager) -> None:
    with pytest.raises(ValueError, match="embedding: element 1 of the vector"):
        manager.semantic_search("u", [1.0, element])


def test_arrays_of_numpy_do(manager: FirestoreMemoryManager, documents: UntypedCollection) -> None:
    put(documents, "a", [1.0, 0.0])
    array: Any = numpy.array([1.0, 0.5], dtype="float32")  # which callers pass, whatever the types say
    assert ids(manager, array) == ["a"]
