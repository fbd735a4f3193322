"""Searches by vector: what is found at which distance, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal

import pytest

from firestore_memory import (
    AsyncMemoryClient,
    CorruptDocumentError,
    MemoryItem,
    MemoryItemFields,
    Nearest,
    ValidationError,
)
from tests.helpers.failures import fails
from tests.helpers.items import an_item
from tests.helpers.stored import put
from tests.helpers.stores import sends_nothing

F = MemoryItemFields
Measure = Literal["COSINE", "EUCLIDEAN", "DOT_PRODUCT"]
MEASURES: list[Measure] = ["COSINE", "EUCLIDEAN", "DOT_PRODUCT"]
DIMENSION = 768

VECTORS = {
    "east": [1.0, 0.0, 0.0],
    "far east": [5.0, 0.5, 0.0],
    "north east": [1.0, 1.0, 0.0],
    "north": [0.0, 3.0, 0.0],
    "up": [0.0, 0.0, 0.5],
    "west": [-2.0, 0.0, 0.1],
}
QUERY = [2.0, 0.5, 0.25]


def padded(vector: Sequence[float]) -> list[float]:
    """The vector among as many dimensions as an item's embedding has."""
    return [*vector, *[0.0] * (DIMENSION - len(vector))]


def distance(measure: Measure, one: Sequence[float], other: Sequence[float]) -> float:
    """What Firestore says the measures are."""
    product = math.sumprod(one, other) if hasattr(math, "sumprod") else sum(map(float.__mul__, one, other))
    match measure:
        case "COSINE":
            return 1 - product / (math.hypot(*one) * math.hypot(*other))
        case "EUCLIDEAN":
            return math.dist(one, other)
        case "DOT_PRODUCT":
            return product


def expected(measure: Measure, threshold: float | None = None) -> list[tuple[str, float]]:
    """All ids with their distances from `QUERY`, the nearest first."""
    sign = -1 if measure == "DOT_PRODUCT" else 1
    all_of_them = [(id, distance(measure, QUERY, vector)) for id, vector in VECTORS.items()]
    ordered = sorted(all_of_them, key=lambda pair: sign * pair[1])
    return [(id, far) for id, far in ordered if threshold is None or sign * far <= sign * threshold]


def found(results: Sequence[Nearest[MemoryItem]]) -> list[tuple[str, Any]]:
    return [(result.value.id, pytest.approx(result.distance)) for result in results]


@pytest.fixture
async def items(client: AsyncMemoryClient) -> list[MemoryItem]:
    """Items with embeddings, of Ada and of Bob, and some that no search finds."""
    made = [
        await client.memory_items.create(
            an_item(user_id="bob" if "east" in id else "ada", persona_active=id[:5], embedding=padded(vector)), id=id
        )
        for id, vector in VECTORS.items()
    ]
    await client.memory_items.create(an_item(), id="no vector")
    await client.memory_items.create(an_item(embedding=[1.0, 0.0]), id="another dimension")
    await client.memory_items.create(an_item(embedding=[]), id="empty")
    await put(client, "memories/array", user_id="ada", item_type="fact", embedding=padded([1.0]))
    return made


@pytest.mark.usefixtures("items")
@pytest.mark.parametrize("measure", MEASURES)
async def test_distances_and_order(client: AsyncMemoryClient, measure: Measure) -> None:
    results = await client.memory_items.find_nearest(F.embedding, padded(QUERY), limit=1_000, distance=measure)
    assert found(results) == expected(measure)


@pytest.mark.usefixtures("items")
@pytest.mark.parametrize("measure", MEASURES)
async def test_similarities(client: AsyncMemoryClient, measure: Measure) -> None:
    for result in await client.memory_items.find_nearest(F.embedding, padded(QUERY), limit=9, distance=measure):
        similarity = {"COSINE": 1 - result.distance, "EUCLIDEAN": None, "DOT_PRODUCT": result.distance}[measure]
        assert result.similarity == similarity


@pytest.mark.usefixtures("items")
@pytest.mark.parametrize(("measure", "threshold"), [("COSINE", 0.5), ("EUCLIDEAN", 3), ("DOT_PRODUCT", 1.5)])
async def test_thresholds(client: AsyncMemoryClient, measure: Measure, threshold: float) -> None:
    within = expected(measure, threshold)
    assert 0 < len(within) < len(VECTORS)
    results = await client.memory_items.find_nearest(
        F.embedding, padded(QUERY), limit=9, threshold=threshold, distance=measure
    )
    assert found(results) == within


async def test_the_whole_model_comes_back(client: AsyncMemoryClient, items: list[MemoryItem]) -> None:
    [result] = await client.memory_items.find_nearest(F.embedding, padded(VECTORS["up"]), limit=1)
    assert result == Nearest(next(item for item in items if item.id == "up"), 0.0, 1.0)


@pytest.mark.usefixtures("items")
async def test_limits(client: AsyncMemoryClient) -> None:
    for limit in (1, 3):
        results = await client.memory_items.find_nearest(F.embedding, padded(QUERY), limit=limit)
        assert found(results) == expected("COSINE")[:limit]


@pytest.mark.usefixtures("items")
async def test_filters(client: AsyncMemoryClient) -> None:
    ada = client.memory_items.where(F.user_id == "ada")
    results = await ada.find_nearest(F.embedding, padded(QUERY), limit=9)
    assert [result.value.id for result in results] == ["north", "up", "west"]
    both = ada.where((F.persona_active == "west") | (F.persona_active == "north"))
    results = await both.find_nearest(F.embedding, padded(QUERY), limit=9, distance="EUCLIDEAN")
    assert [result.value.id for result in results] == ["north", "west"]
    assert await ada.where(F.persona_active == "east").find_nearest(F.embedding, padded(QUERY), limit=9) == []


async def test_other_numbers(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(embedding=padded([1.0, 2.0])), id="a")
    ones = padded([1, 2])
    vectors: list[Any] = [tuple(ones), [Fraction(1), *ones[1:]], [1, 2, *[0] * 766], (one for one in ones)]
    for vector in vectors:
        [result] = await client.memory_items.find_nearest(F.embedding, vector, limit=1, distance="EUCLIDEAN")
        assert result.distance == 0


# What the schema says


@pytest.fixture
def photos(gadgets_client: Any) -> Any:
    """A collection whose fields are searched by different measures."""
    return gadgets_client.photos(album="summer")


async def test_the_measure_is_that_of_the_schema(photos: Any, gadgets: Any) -> None:
    fields = gadgets.PhotoFields
    photo = gadgets.Photo(name="a", look=[3, 4], meaning=[1, 2, 0, 0], mood=[0, 2, 0])
    await photos.create(photo)
    [look] = await photos.find_nearest(fields.look, [0, 0], limit=1)
    [meaning] = await photos.find_nearest(fields.meaning, [1, 1, 1, 1], limit=1)
    [mood] = await photos.find_nearest(fields.mood, [1, 0, 0], limit=1)
    assert [near.distance for near in (look, meaning, mood)] == [5, 3, 1]
    assert [near.similarity for near in (look, meaning, mood)] == [None, 3, 0]
    assert look.value == meaning.value == mood.value == photo


@sends_nothing
async def test_a_vector_inside_of_another_model(photos: Any, gadgets: Any) -> None:
    with pytest.raises(gadgets.ValidationError, match=r"frame\.tint: a vector of 3 elements, .* declares 2"):
        await photos.find_nearest(gadgets.PhotoFields.frame.tint, [1, 0, 0], limit=1)


async def test_a_field_called_distance_is_left_alone(photos: Any, gadgets: Any) -> None:
    await photos.create(gadgets.Photo(name="a", look=[3, 4], distance=99.5))
    [result] = await photos.find_nearest(gadgets.PhotoFields.look, [0, 0], limit=9)
    assert (result.distance, result.value.distance) == (5, 99.5)


async def test_a_collection_group(gadgets_client: Any, gadgets: Any) -> None:
    for album, look in (("summer", [0, 1]), ("winter", [0, 3])):
        await gadgets_client.photos(album=album).create(gadgets.Photo(name=album, look=look))
    results = await gadgets_client.photos.group.find_nearest(gadgets.PhotoFields.look, [0, 0], limit=9)
    assert [(result.value.name, result.distance) for result in results] == [("summer", 1), ("winter", 3)]


# Documents that do not fit


async def test_documents_that_do_not_fit(photos: Any, gadgets: Any, gadgets_client: Any) -> None:
    fields = gadgets.PhotoFields
    await photos.create(gadgets.Photo(name="a", look=[0, 2]))
    bad = {"__type__": "__vector__", "value": [0.0, 1.0]}
    await put(gadgets_client, "albums/summer/photos/b", name=7, look=bad)
    with pytest.raises(gadgets.CorruptDocumentError, match="photos/b"):
        await photos.find_nearest(fields.look, [0, 0], limit=9)
    told: list[CorruptDocumentError] = []
    for results in (
        await photos.find_nearest(fields.look, [0, 0], limit=9, on_corrupt="skip"),
        await photos.find_nearest(fields.look, [0, 0], limit=9, on_corrupt=told.append),
        await photos.all(on_corrupt="skip").find_nearest(fields.look, [0, 0], limit=9),
    ):
        assert [(result.value.name, result.distance) for result in results] == [("a", 2)]
    assert [error.path for error in told] == ["albums/summer/photos/b"]


# What is refused

GOOD: dict[str, Any] = {"field": F.embedding, "vector": padded(QUERY), "limit": 5}
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no vector field": ({"field": F.user_id}, "user_id"),
    "a field of no declared type": ({"field": F.metadata["colour"]}, "metadata.colour"),
    "a name": ({"field": "embedding"}, "'embedding'"),
    "too short": ({"vector": [1.0] * 767}, "embedding: a vector of 767 elements, where the schema declares 768"),
    "too long": ({"vector": [1.0] * 769}, "embedding: a vector of 769 elements, where the schema declares 768"),
    "far too long": ({"vector": [1.0] * 2_049}, "embedding: a vector of 2,049 elements; Firestore allows 2,048"),
    "empty": ({"vector": []}, "embedding: the vector is empty"),
    "no list": ({"vector": 1.5}, "embedding: a vector"),
    "None": ({"vector": None}, "embedding: a vector"),
    "a text": ({"vector": "hello"}, "embedding: a vector"),
    "texts": ({"vector": ["1"] * 768}, "embedding: element 0 of the vector is not a number: '1'"),
    "booleans": ({"vector": padded([1.0, True])}, "embedding: element 1 of the vector is not a number: True"),
    "NaN": ({"vector": padded([1.0, math.nan])}, "embedding: element 1 of the vector is nan"),
    "infinity": ({"vector": padded([1.0, 0.0, -math.inf])}, "embedding: element 2 of the vector is -inf"),
    "too large": ({"vector": padded([1.0, 10**400])}, "embedding: element 1 of the vector does not fit into 64 bits"),
    "zeros": ({"vector": padded([])}, "embedding: a vector of zeros"),
    "limit 0": ({"limit": 0}, "embedding: limit must be an integer from 1 to 1,000, not 0"),
    "limit -1": ({"limit": -1}, "1,000"),
    "limit 1001": ({"limit": 1_001}, "embedding: limit must be an integer from 1 to 1,000, not 1001"),
    "limit True": ({"limit": True}, "1,000"),
    "limit 2.0": ({"limit": 2.0}, "1,000"),
    "limit None": ({"limit": None}, "1,000"),
    "threshold NaN": ({"threshold": math.nan}, "embedding: threshold must be a finite number, not nan"),
    "threshold infinite": ({"threshold": math.inf}, "embedding: threshold"),
    "threshold True": ({"threshold": True}, "embedding: threshold"),
    "threshold text": ({"threshold": "0.5"}, "embedding: threshold"),
    "distance unknown": ({"distance": "MANHATTAN"}, "COSINE, DOT_PRODUCT, not 'MANHATTAN'"),
    "distance empty": ({"distance": ""}, "embedding: distance"),
    "distance a list": ({"distance": ["COSINE"]}, "embedding: distance"),
}


@sends_nothing
@pytest.mark.parametrize(("changes", "message"), BAD.values(), ids=BAD)
async def test_what_is_refused(client: AsyncMemoryClient, changes: dict[str, Any], message: str) -> None:
    arguments = {**GOOD, **changes}
    with fails(ValidationError, message, operation="find_nearest"):
        await client.memory_items.find_nearest(arguments.pop("field"), arguments.pop("vector"), **arguments)


async def test_zeros_have_other_distances(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(embedding=padded([3.0, 4.0])), id="a")
    for measure, far in (("EUCLIDEAN", 5), ("DOT_PRODUCT", 0)):
        arguments: dict[str, Any] = {"limit": 1, "distance": measure}
        [result] = await client.memory_items.find_nearest(F.embedding, padded([]), **arguments)
        assert result.distance == far


@sends_nothing
async def test_no_order_and_no_limit_besides(client: AsyncMemoryClient) -> None:
    ordered = client.memory_items.order_by(F.user_id.asc())
    queries = ordered, client.memory_items.all().limit(3), ordered.start_at("a"), ordered.end_before("b")
    for query in queries:
        with fails(ValidationError, "order_by", "limit", operation="find_nearest"):
            await query.find_nearest(F.embedding, padded(QUERY), limit=5)
