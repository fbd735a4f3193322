"""The embedder that comes along: the real one, with its real weights and without a network."""

from __future__ import annotations

import math
import socket
import sys
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, ConfigurationError, MemoryItemFields, WordLlamaEmbedder
from tests.helpers.items import an_item

F = MemoryItemFields
TEXTS = [
    "The cat sleeps on the sofa all day.",
    "Quarterly revenue rose by ten percent.",
    "The train to Lisbon leaves at noon.",
    "She likes her coffee black, without sugar.",
]


@pytest.fixture(scope="module")
def embedder() -> WordLlamaEmbedder:
    """The embedder, loaded where no connection can be opened."""

    def refuse(*_: object) -> None:
        raise AssertionError("it asks for a network")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        return WordLlamaEmbedder()


def test_vectors(embedder: WordLlamaEmbedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert [len(vector) for vector in vectors] == [embedder.dimension] * len(TEXTS) == [256] * len(TEXTS)
    assert {type(element) for vector in vectors for element in vector} == {float}
    assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1] * len(TEXTS), abs=1e-5)
    assert embedder.embed(TEXTS[:1]) == [pytest.approx(vectors[0], abs=1e-5)]
    assert embedder.embed([]) == []


async def test_search_by_meaning(client: AsyncMemoryClient, embedder: WordLlamaEmbedder) -> None:
    memories = client.with_options(embedder=embedder).memory_items
    await memories.create_many([an_item(text_content=text) for text in TEXTS])
    for question, expected in (
        ("When does my railway journey start?", "The train to Lisbon leaves at noon."),
        ("What does the kitten do?", "The cat sleeps on the sofa all day."),
        ("Did the company earn more money?", "Quarterly revenue rose by ten percent."),
        ("How do I make an espresso for her?", "She likes her coffee black, without sugar."),
    ):
        [near] = await memories.search(question, F.user_id == "ada", limit=1)
        assert near.value.text_content == expected
        assert near.similarity is not None
        assert 0.1 < near.similarity < 1


async def test_zeros_change_no_distance(client: AsyncMemoryClient, embedder: WordLlamaEmbedder) -> None:
    memories = client.with_options(embedder=embedder).memory_items
    await memories.create(an_item(text_content=TEXTS[0]))
    one, other = embedder.embed([TEXTS[0], TEXTS[2]])
    product = sum(a * b for a, b in zip(one, other, strict=True))
    expected: dict[Any, float] = {
        "COSINE": 1 - product / (math.hypot(*one) * math.hypot(*other)),
        "EUCLIDEAN": math.dist(one, other),
        "DOT_PRODUCT": product,
    }
    for measure, distance in expected.items():
        [near] = await memories.search(TEXTS[2], distance=measure)
        assert near.distance == pytest.approx(distance, abs=1e-5)


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wordllama", None)  # what Python takes for "there is none"
    with pytest.raises(ConfigurationError, match="pip install wordllama"):
        WordLlamaEmbedder()
