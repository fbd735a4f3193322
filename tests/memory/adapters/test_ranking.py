"""Which documents a search by vector keeps."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime

import pytest

from firestore_memory import Vector
from firestore_runtime.documents.untyped import UntypedDocument
from firestore_runtime.rollout.ranking import Ranking, may_search_by_index, similarity
from firestore_runtime.wire import Document


def document(document_id: str, embedding: object) -> UntypedDocument:
    return UntypedDocument(document_id, {"embedding": embedding}, datetime(2024, 1, 1, tzinfo=UTC), Document())


def ranking(top_k: int | None, query: list[float] | None = None) -> Ranking[str]:
    return Ranking(query or [1.0, 0.0], top_k, lambda found: None if found.id.startswith("bad") else found.id)


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        ([2.0, 0.0], 1.0),
        (Vector([0.0, 3.0]), 0.0),
        ([-1, 0], -1.0),
        ([0.0, 0.0], 0.0),
        ([1.0], None),
        ([], None),
        (None, None),
        ("ab", None),
        ({"a": 1, "b": 2}, None),
        (["a", "b"], None),
        ([None, 1.0], None),
        ([math.nan, 1.0], None),
        ([math.inf, 1.0], None),
        ([10**400, 1], None),
    ],
)
def test_similarity(vector: object, expected: float | None) -> None:
    assert similarity([1.0, 0.0], vector) == expected


def test_it_keeps_the_best_of_many_and_little_more() -> None:
    chance = random.Random(3)
    vectors = {f"{at:04}": [chance.choice([1.0, -1.0, 0.5]), chance.choice([0.0, 1.0])] for at in range(3_000)}
    found = ranking(10)
    names = list(vectors)
    chance.shuffle(names)
    for name in names:
        found.offer_one(document(name, vectors[name]), vectors[name])
        assert len(found._found) < 100
    expected = sorted(vectors, key=lambda name: (-(similarity([1.0, 0.0], vectors[name]) or 0), name))
    assert found.best() == expected[:10]


def test_what_cannot_be_read_takes_nobodys_place() -> None:
    found = ranking(1)
    found.offer([document("bad", [1.0, 0.0]), document("good", [0.5, 0.5])], "embedding")
    assert found.best() == ["good"]


@pytest.mark.parametrize(("top_k", "expected"), [(0, []), (2, ["a", "b"]), (None, ["a", "b", "c"]), (-1, ["a", "b"])])
def test_how_many(top_k: int | None, expected: list[str]) -> None:
    found = ranking(top_k)
    found.offer([document("c", [0.1, 1.0]), document("b", [0.5, 1.0]), document("a", [1.0, 0.0])], "embedding")
    assert found.best() == expected


def test_it_is_settled_only_by_enough_that_point_the_same_way() -> None:
    found = ranking(2)
    found.offer([document("a", [1.0, 0.0])], "embedding")
    assert not found.is_settled
    found.offer([document("b", [1.0, 1.0])], "embedding")
    assert found.is_settled
    across = ranking(1)
    across.offer([document("a", [0.0, 1.0])], "embedding")
    assert not across.is_settled


@pytest.mark.parametrize(
    ("query", "top_k", "expected"),
    [
        ([1.0], 1, True),
        ([1.0], 1_000, True),
        ([1.0], 1_001, False),
        ([1.0], 0, False),
        ([1.0], -1, False),
        ([1.0], None, False),
        ([0.0, 0.0], 1, False),
        ([], 1, False),
        ([1.0] * 2_048, 1, True),
        ([1.0] * 2_049, 1, False),
        ([math.inf], 1, False),
    ],
)
def test_what_an_index_can_search_for(query: list[float], top_k: int | None, expected: bool) -> None:
    assert may_search_by_index(query, top_k) is expected
