"""Searches by meaning of the adapter of records, which the older one answered with nothing, on any store."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy
import pytest

from firestore_memory import AsyncMemoryClient, Vector
from firestore_memory.adapters.legacy import MemoryItem, PersonaConfig
from firestore_memory.adapters.legacy_adapter import FirestoreMemoryAdapter
from firestore_runtime._async.untyped import AsyncUntypedCollection
from firestore_runtime.options import Options

NOW = datetime.now(UTC)


@pytest.fixture
async def adapter(async_client: AsyncMemoryClient) -> FirestoreMemoryAdapter:
    adapter = FirestoreMemoryAdapter.from_client(async_client)
    await adapter.initialize()
    return adapter


@pytest.fixture
async def vectors(async_client: AsyncMemoryClient) -> FirestoreMemoryAdapter:
    """An adapter on the same store that stores embeddings as vectors."""
    adapter = FirestoreMemoryAdapter.from_client(async_client, store_vectors=True)
    await adapter.initialize()
    return adapter


def item(item_id: str, embedding: Any, **fields: object) -> MemoryItem:
    given = {"id": item_id, "user_id": "u", "item_type": "note", "embedding": embedding}
    return MemoryItem.model_validate({**given, **fields})


def long(x: float, y: float) -> list[float]:
    """A vector of 768 dimensions, for which an index is declared."""
    return [x, y, *[0.0] * 766]


async def ids(found: Any) -> list[str | None]:
    return [each.id for each in await found]


@pytest.mark.parametrize("stored", ["arrays", "vectors", "both"])
async def test_a_search_is_complete_and_excludes_what_has_expired(
    stored: str, adapter: FirestoreMemoryAdapter, vectors: FirestoreMemoryAdapter
) -> None:
    for at in range(12):
        as_vector = stored == "vectors" or (stored == "both" and at % 2 == 0)
        await (vectors if as_vector else adapter).add_memory_item(item(f"i{at:02}", long(1.0, at / 10)))
    await adapter.add_memory_item(item("other", long(1.0, 0.0), user_id="v"))
    order = [f"i{at:02}" for at in range(12)]
    assert await ids(adapter.semantic_search("u", long(1.0, 0.0))) == order[:5]
    past = NOW - timedelta(seconds=5)
    await adapter.add_memory_item(item("best", long(2.0, 0.0), expiration=past))
    await vectors.add_memory_item(item("best_vector", long(3.0, 0.0), metadata={"expiration": past}))
    assert await ids(adapter.semantic_search("u", long(1.0, 0.0), top_k=3)) == order[:3]
    assert await ids(adapter.semantic_search("u", long(1.0, 0.0), top_k=None)) == order
    assert await ids(adapter.semantic_search("u", long(1.0, 0.0), top_k=-10)) == order[:2]
    assert await ids(adapter.semantic_search("u", long(1.0, 0.0), top_k=0)) == []
    assert await ids(adapter.semantic_search("w", long(1.0, 0.0))) == []


async def test_vectors_are_searched_by_their_index(
    async_client: AsyncMemoryClient,
    adapter: FirestoreMemoryAdapter,
    vectors: FirestoreMemoryAdapter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for at in range(12):
        persona = "Cherry" if at % 2 else None
        await vectors.add_memory_item(item(f"i{at:02}", long(1.0, at / 10), persona_active=persona))
    returned = 0
    run_query = async_client.backend.run_query

    async def counted(*arguments: Any) -> AsyncIterator[Any]:
        nonlocal returned
        async for response in run_query(*arguments):
            returned += response.HasField("document")
            yield response

    monkeypatch.setattr(async_client.backend, "run_query", counted)
    assert await ids(adapter.semantic_search("u", long(1.0, 0.0), top_k=2)) == ["i00", "i01"]
    assert returned == 2
    cherry = PersonaConfig(name="Cherry", description="")
    assert await ids(adapter.semantic_search("u", long(1.0, 0.0), cherry, top_k=2)) == ["i01", "i03"]
    assert returned == 4


async def test_it_finds_what_a_comparison_of_all_finds(
    adapter: FirestoreMemoryAdapter, vectors: FirestoreMemoryAdapter
) -> None:
    chance = random.Random(7)
    written = {f"i{at:02}": [chance.choice([-1.0, 0.0, 0.5, 2.0]) for _ in range(3)] for at in range(30)}
    for item_id, embedding in written.items():
        await chance.choice([adapter, vectors]).add_memory_item(item(item_id, embedding))
    for _ in range(5):
        query = [chance.uniform(-1, 1) for _ in range(3)]

        def similarity(item_id: str, query: list[float] = query) -> float:
            vector = written[item_id]
            norm = sum(x * x for x in vector) ** 0.5 * sum(x * x for x in query) ** 0.5
            return round(sum(x * y for x, y in zip(vector, query, strict=True)) / norm, 12) if norm else 0.0

        expected = sorted(written, key=lambda item_id: (-similarity(item_id), item_id))
        found = await ids(adapter.semantic_search("u", query, top_k=11))
        assert [similarity(str(each)) for each in found] == [similarity(each) for each in expected[:11]]


async def test_equally_near_ones_are_ordered_by_id_and_what_does_not_fit_is_left_out(
    async_client: AsyncMemoryClient, adapter: FirestoreMemoryAdapter, vectors: FirestoreMemoryAdapter
) -> None:
    await adapter.add_memory_item(item("b", [2.0, 0.0]))
    await vectors.add_memory_item(item("a", [1.0, 0.0]))
    await adapter.add_memory_item(item("c", [1, 0]))
    await adapter.add_memory_item(item("zero", [0.0, 0.0]))
    await adapter.add_memory_item(item("against", [-1.0, 0.0]))
    for name, embedding in (("shorter", [1.0]), ("none", None), ("empty", [])):
        await adapter.add_memory_item(item(name, embedding))
    documents = AsyncUntypedCollection(async_client.backend, "memory_records", Options())
    await documents.set("odd", {"context": "u", "embedding": [1.0, 0.0]})
    await documents.set("odd-vector", {"context": "u", "embedding": Vector([1.0, 0.0])})
    await documents.set("text", {"context": "u", "embedding": "1"})
    found = await ids(adapter.semantic_search("u", [3.0, 0.0], top_k=9))
    assert found == ["a", "b", "c", "zero", "against"]


async def test_a_search_may_be_of_one_persona(adapter: FirestoreMemoryAdapter) -> None:
    for item_id, name in (("a", "Cherry"), ("b", "Sophia"), ("c", None)):
        await adapter.add_memory_item(item(item_id, [1.0, 0.0], persona_active=name))
    sophia, nobody = (PersonaConfig(name=name, description="") for name in ("Sophia", ""))
    assert await ids(adapter.semantic_search("u", [1.0, 0.0], sophia)) == ["b"]
    assert await ids(adapter.semantic_search("u", [1.0, 0.0], persona_context=nobody)) == ["a", "b", "c"]


async def test_nothing_is_near_to_an_empty_vector_and_others_must_be_of_numbers(
    adapter: FirestoreMemoryAdapter,
) -> None:
    await adapter.add_memory_item(item("a", numpy.array([1.0, 0.0])))
    empty: list[Any] = [[], (), None, numpy.array([])]
    for query in empty:
        assert await adapter.semantic_search("u", query) == []
    others: list[Any] = [[float("nan")], ["1"], [None], 5]
    for query in others:
        with pytest.raises(RuntimeError, match=r"^Failed to perform semantic search: "):
            await adapter.semantic_search("u", query)
    array: Any = numpy.array([1.0, 0.5], dtype="float32")  # which callers pass, whatever the types say
    assert await ids(adapter.semantic_search("u", array)) == ["a"]
