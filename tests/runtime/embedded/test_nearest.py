"""Searches by a vector: what they find is what plain Python computes, also after changes by anybody."""

from __future__ import annotations

import math
import sys
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firestore_memory import ConfigurationError, ValidationError
from firestore_runtime import wire
from firestore_runtime.embedded import EmbeddedBackend, candidates, vector_tables
from firestore_runtime.embedded.documents import Documents
from tests.runtime.embedded.asking import all_documents, path_of, put, query, remove
from tests.runtime.embedded.messages import CALL, ROOT, Vector, combined, value_of, where

Found = list[tuple[str, float]]
"""Paths and distances."""

EUCLIDEAN, COSINE, DOT_PRODUCT = MEASURES = [1, 2, 3]
ELEMENTS = [0.0, 1.0, -1.0, 2.0, 3.0, -5.0]
"""Whole numbers, so that many distances are equal and all of them exact up to the last step."""
FIXED = settings(deadline=None, database=None, derandomize=True)


def search(
    vector: Vector,
    measure: int = EUCLIDEAN,
    *,
    limit: int = 1_000,
    threshold: float | None = None,
    where: wire.Filter | None = None,
    group: bool = False,
    parent: str = ROOT,
    path: str = "v",
    select: tuple[str, ...] = (),
) -> wire.RunQueryRequest:
    request = query("c", where=where, group=group, parent=parent)
    for field in select:
        request.structured_query.select.fields.add().field_path = field
    message = request.structured_query.find_nearest
    message.vector_field.field_path = path
    message.query_vector.CopyFrom(value_of(vector))
    message.distance_measure = measure
    message.limit.value = limit
    message.distance_result_field = "far"
    if threshold is not None:
        message.distance_threshold.value = threshold
    return request


def found(backend: EmbeddedBackend, request: wire.RunQueryRequest) -> Found:
    documents = [response.document for response in backend.run_query(request, CALL)]
    return [(path_of(document), document.fields["far"].double_value) for document in documents]


def distance(measure: int, one: Vector, other: Vector) -> float:
    """Python's idea of the distance; NaN if there is none."""
    pairs = list(zip(one.elements, other.elements, strict=True))
    product = sum(x * y for x, y in pairs)
    match measure:
        case 1:
            return math.sqrt(sum((x - y) ** 2 for x, y in pairs))
        case 2:
            squares = [sum(x * x for x in vector.elements) for vector in (one, other)]
            return 1.0 - product / math.sqrt(squares[0] * squares[1]) if all(squares) else math.nan
        case _:
            return product


def expected(vectors: dict[str, Vector], request: wire.RunQueryRequest, wanted: Vector) -> Found:
    """What a search for a vector finds among these documents."""
    message = request.structured_query.find_nearest
    sign = -1 if message.distance_measure == DOT_PRODUCT else 1
    hits = [
        (path, distance(message.distance_measure, vector, wanted))
        for path, vector in vectors.items()
        if len(vector.elements) == len(wanted.elements)
    ]
    hits = [hit for hit in hits if not math.isnan(hit[1])]
    if message.HasField("distance_threshold"):
        hits = [hit for hit in hits if sign * hit[1] <= sign * message.distance_threshold.value]
    return sorted(hits, key=lambda hit: (sign * hit[1], hit[0].split("/")))[: message.limit.value]


# Whatever is stored


class World:
    """Documents with vectors in three collections of one file, which two clients change.

    Args:
        file: The file.
        random: What chooses.
    """

    def __init__(self, file: Path, random: Random) -> None:
        self._clients = [EmbeddedBackend(file, strict_indexes=False) for _ in range(2)]
        self._random = random
        self._stored: dict[str, dict[str, Any]] = {}

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def change(self) -> None:
        paths = [f"{parent}c/{number}" for parent in ("", "d/1/", "d/2/") for number in range(8)]
        written = {path: self._document() for path in self._random.sample(paths, 5)}
        put(self._random.choice(self._clients), written)
        deleted = self._random.sample(paths, 2)
        remove(self._random.choice(self._clients), deleted)
        self._stored |= written
        for path in deleted:
            self._stored.pop(path, None)

    def check(self) -> None:
        """Search in each way, by either client."""
        for above, kind in product(["", "d/1/", None], [None, 1, 2]):
            group, wanted = above is None, self._vector(dimension=2)
            request = search(
                wanted,
                self._random.choice(MEASURES if any(wanted.elements) else [EUCLIDEAN, DOT_PRODUCT]),
                limit=self._random.choice([1, 3, 1_000]),
                threshold=self._random.choice([None, None, 0.0, 0.5, 2.0, -1.0]),
                where=where("kind", "==", kind) if kind else None,
                group=group,
                parent=f"{ROOT}/{above}".rstrip("/") if above else ROOT,
            )
            vectors = {
                path: fields["v"]
                for path, fields in self._stored.items()
                if (group or path.startswith(f"{above}c/")) and kind in (None, fields["kind"])
            }
            vectors = {path: vector for path, vector in vectors.items() if isinstance(vector, Vector)}
            assert found(self._random.choice(self._clients), request) == expected(vectors, request, wanted)

    def _document(self) -> dict[str, Any]:
        value = self._vector(self._random.choice([2, 2, 2, 2, 1, 3]))
        others: list[Any] = [None, [1.0, 2.0], {"value": [1.0, 2.0]}, "v", 1.0]
        return {"kind": self._random.choice([1, 2]), "v": self._random.choice([value] * 9 + others)}

    def _vector(self, dimension: int) -> Vector:
        return Vector(tuple(self._random.choice(ELEMENTS) for _ in range(dimension)))


def test_random_searches(tmp_path: Path) -> None:
    numbers = iter(range(1_000_000))

    @settings(FIXED, max_examples=30)
    @given(st.integers(0, 2**32))
    def compare(seed: int) -> None:
        world = World(tmp_path / f"{next(numbers)}.db", Random(seed))
        try:
            for _ in range(4):
                world.change()
                world.check()
        finally:
            world.close()

    compare()


def test_many_documents(backend: EmbeddedBackend) -> None:
    """More than are computed at once. Equal distances are ordered by the names, also where a limit cuts."""
    random = Random(1)
    vectors = {
        f"c/{number}": Vector(tuple(random.choices(ELEMENTS, k=3))) for number in random.sample(range(9_999), 1_300)
    }
    put(backend, {path: {"v": vector, "kind": 1} for path, vector in vectors.items()})
    wanted = Vector((1.0, 2.0, -1.0))
    for measure in MEASURES:
        for limit in (1, 10, 100, 1_000):
            for filters in (None, where("kind", "==", 1)):
                request = search(wanted, measure, limit=limit, where=filters)
                assert found(backend, request) == expected(vectors, request, wanted)


# Which documents


def test_what_is_no_such_vector(backend: EmbeddedBackend) -> None:
    others = {"array": [1.0, 2.0], "map": {"value": [1.0, 2.0]}, "short": Vector((1.0,)), "null": None, "text": "v"}
    put(backend, {f"c/{name}": {"v": value} for name, value in {**others, "long": Vector((1.0, 2.0, 3.0))}.items()})
    put(backend, {"c/none": {}, "c/deep": {"m": {"v": Vector((1.0, 2.0))}}, "c/here": {"v": Vector((1.0, 2.0))}})
    wanted = Vector((1.0, 2.0))
    assert found(backend, search(wanted)) == [("c/here", 0.0)]
    assert found(backend, search(wanted, where=where("m", "==", {"v": wanted}))) == []
    assert found(backend, search(wanted, path="m.v")) == [("c/deep", 0.0)]
    assert found(backend, search(Vector((1.0,)))) == [("c/short", 0.0)]
    assert found(backend, search(Vector((0.0,) * 7))) == []


def test_an_order_only_leaves_out(backend: EmbeddedBackend) -> None:
    """What lacks the ordered field is not found; the order itself is that of the distances."""
    put(backend, {f"c/{number}": {"v": Vector((float(number),)), "a": -number} for number in range(3)})
    put(backend, {"c/x": {"v": Vector((0.5,))}})
    request = search(Vector((0.0,)))
    request.structured_query.order_by.add().field.field_path = "a"
    assert found(backend, request) == [("c/0", 0.0), ("c/1", 1.0), ("c/2", 2.0)]


def test_vectors_without_a_direction(backend: EmbeddedBackend) -> None:
    put(backend, {"c/zero": {"v": Vector((0.0, -0.0))}, "c/one": {"v": Vector((0.0, 2.0))}})
    wanted, zero = Vector((0.0, 1.0)), Vector((0.0, 0.0))
    assert found(backend, search(wanted)) == [("c/one", 1.0), ("c/zero", 1.0)]
    assert found(backend, search(wanted, COSINE)) == [("c/one", 0.0)]
    assert found(backend, search(wanted, DOT_PRODUCT)) == [("c/one", 2.0), ("c/zero", 0.0)]
    assert found(backend, search(zero, COSINE)) == []
    assert found(backend, search(zero, DOT_PRODUCT)) == [("c/one", 0.0), ("c/zero", 0.0)]


def test_infinite_elements(backend: EmbeddedBackend) -> None:
    """No distance is also none that is warned of."""
    put(
        backend,
        {
            "c/inf": {"v": Vector((math.inf, 1.0))},
            "c/huge": {"v": Vector((1e200, 1e200))},
            "c/1": {"v": Vector((1.0, 0.0))},
        },
    )
    for filters in (None, where("v", "!=", 1)):
        wanted = Vector((0.0, 1.0))
        assert found(backend, search(wanted, where=filters))[0] == ("c/1", math.sqrt(2))
        assert ("c/1", 1.0) in found(backend, search(wanted, COSINE, where=filters))
        assert found(backend, search(wanted, DOT_PRODUCT, where=filters)) == [("c/huge", 1e200), ("c/1", 0.0)]


@pytest.mark.parametrize("element", [1, 1.5, math.nan, "1", None])
def test_elements_that_are_no_numbers(backend: EmbeddedBackend, element: Any) -> None:
    """Firestore takes no integers either; the SDK makes floating-point numbers of them."""
    vector = Vector((1.0, element))
    if element == 1.5:
        put(backend, {"c/1": {"v": vector}})
        assert found(backend, search(vector)) == [("c/1", 0.0)]
        return
    with pytest.raises(ValidationError):
        put(backend, {"c/1": {"v": vector}})
    with pytest.raises(ValidationError):
        found(backend, search(vector))


def test_what_comes_back(backend: EmbeddedBackend) -> None:
    """The document, with the distance in it; if only some fields are wanted, the distance must be among them."""
    put(backend, {"c/1": {"v": Vector((1.0, 2.0)), "far": "a text", "a": 1}})
    [document] = [one.document for one in backend.run_query(search(Vector((1.0, 0.0))), CALL)]
    assert {*document.fields} == {"v", "far", "a"}
    assert document.fields["far"].double_value == 2.0
    [some] = [one.document for one in backend.run_query(search(Vector((1.0, 0.0)), select=("a", "far")), CALL)]
    assert {*some.fields} == {"a", "far"}
    assert some.fields["far"].double_value == 2.0
    [others] = [one.document for one in backend.run_query(search(Vector((1.0, 0.0)), select=("a",)), CALL)]
    assert {*others.fields} == {"a"}
    [stored] = all_documents(backend)
    assert stored.fields["far"].string_value == "a text"


def test_filters(backend: EmbeddedBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "_FEW", 1)
    vectors = {f"c/{number}": Vector((float(number), 1.0)) for number in range(20)}
    put(backend, {path: {"v": vector, "a": at % 2, "b": at % 3} for at, (path, vector) in enumerate(vectors.items())})
    wanted = Vector((7.5, 1.0))
    filters = {
        (1,): where("a", "==", 1),
        (0,): combined("and", [where("a", "==", 0), where("b", ">=", 1)]),
        (0, 1): combined("or", [where("a", "==", 1), where("b", "==", 2)]),
    }
    for condition in filters.values():
        request = search(wanted, where=condition, limit=4)
        matching = {path_of(one.document) for one in backend.run_query(query("c", where=condition), CALL)}
        assert 4 < len(matching) < 20
        some = {path: vector for path, vector in vectors.items() if path in matching}
        assert found(backend, request) == expected(some, request, wanted)
        assert backend.engine.indexes_used(request)


# Changes


def test_only_what_has_changed_is_read(backend: EmbeddedBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    put(backend, {f"c/{number:02}": {"v": Vector((float(number), 0.0))} for number in range(30)})
    loaded: list[int] = []
    load = Documents.load

    def counted(self: Documents, number: int) -> wire.Document:
        loaded.append(number)
        return load(self, number)

    monkeypatch.setattr(Documents, "load", counted)
    request = search(Vector((0.0, 0.0)), limit=2)
    assert [path for path, _ in found(backend, request)] == ["c/00", "c/01"]
    assert len(loaded) == 30 + 2
    loaded.clear()
    assert [path for path, _ in found(backend, request)] == ["c/00", "c/01"]
    assert len(loaded) == 2
    put(backend, {"other/1": {"v": Vector((0.0, 0.0))}})
    loaded.clear()
    found(backend, request)
    assert len(loaded) == 2
    put(backend, {"c/00": {"v": Vector((9.0, 0.0))}, "c/30": {"v": Vector((0.5, 0.0))}, "c/02": {}})
    remove(backend, ["c/01", "c/03"])
    loaded.clear()
    assert found(backend, request) == [("c/30", 0.5), ("c/04", 4.0)]
    assert len(loaded) == 3 + 2


def test_a_document_in_place_of_a_deleted_one(backend: EmbeddedBackend) -> None:
    """It may get the number of the deleted one."""
    wanted = Vector((0.0, 0.0))
    put(backend, {"c/a": {"v": Vector((1.0, 0.0))}, "c/b": {"v": Vector((2.0, 0.0))}})
    for length in (3.0, 4.0, 5.0):
        assert len(found(backend, search(wanted))) == 2
        remove(backend, ["c/b"])
        put(backend, {"c/b": {"v": Vector((length, 0.0))}})
        assert found(backend, search(wanted)) == [("c/a", 1.0), ("c/b", length)]


def test_more_tables_than_are_kept(backend: EmbeddedBackend) -> None:
    assert vector_tables._MAX_TABLES < 20
    put(backend, {f"d/{number}/c/1": {"v": Vector((float(number), 0.0))} for number in range(20)})
    for _ in range(2):
        for number in range(20):
            request = search(Vector((0.0, 0.0)), parent=f"{ROOT}/d/{number}")
            assert found(backend, request) == [(f"d/{number}/c/1", float(number))]
    tables = backend.engine._reader._tables
    assert tables is not None
    assert len(tables._tables) == vector_tables._MAX_TABLES


def test_the_state_of_a_transaction(tmp_path: Path) -> None:
    one, other = (EmbeddedBackend(tmp_path / "store.db", strict_indexes=False) for _ in range(2))
    wanted = Vector((0.0, 0.0))
    put(one, {"c/a": {"v": Vector((1.0, 0.0))}, "c/b": {"v": Vector((2.0, 0.0))}})
    before = [("c/a", 1.0), ("c/b", 2.0)]
    inside = search(wanted)
    inside.transaction = one.begin(wire.BeginTransactionRequest(), CALL).transaction
    assert found(one, inside) == before
    put(other, {"c/a": {"v": Vector((3.0, 0.0))}, "c/c": {"v": Vector((0.5, 0.0))}})
    remove(one, ["c/b"])
    for _ in range(2):
        assert found(one, inside) == before
        assert found(one, search(wanted)) == [("c/c", 0.5), ("c/a", 3.0)]
        assert found(other, search(wanted)) == [("c/c", 0.5), ("c/a", 3.0)]
    one.rollback(wire.RollbackRequest(transaction=inside.transaction), CALL)
    assert found(one, search(wanted)) == [("c/c", 0.5), ("c/a", 3.0)]
    one.close()
    other.close()


def test_without_numpy(backend: EmbeddedBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("nearest", "vector_tables"):
        monkeypatch.delitem(sys.modules, f"firestore_runtime.embedded.{module}")
    monkeypatch.setitem(sys.modules, "numpy", None)
    put(backend, {"c/1": {"v": Vector((1.0,))}})
    with pytest.raises(ConfigurationError, match="pip install numpy"):
        found(backend, search(Vector((1.0,))))
