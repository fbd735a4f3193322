"""Collections of documents as dictionaries: the same queries and batches as those of models."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from math import nan

import pytest

from firestore_memory import Options, ValidationError
from firestore_runtime._sync.untyped import UntypedCollection
from firestore_runtime.documents.untyped import Condition, Operator, if_unchanged
from firestore_runtime.embedded import DeclaredIndexes, EmbeddedBackend
from firestore_runtime.values import Vector


@pytest.fixture
def notes() -> Iterator[UntypedCollection]:
    backend = EmbeddedBackend(None, indexes=DeclaredIndexes.of_package("firestore_memory"), strict_indexes=False)
    yield UntypedCollection(backend, "boards/b1/notes", Options())
    backend.close()


@pytest.mark.parametrize(
    ("operator", "value", "ids"),
    [
        ("==", 1, ["a"]),
        ("==", None, ["c"]),
        ("==", nan, ["d"]),
        ("<", 2, ["a"]),
        ("<=", 2, ["a", "b"]),
        (">", 1, ["b"]),
        (">=", 1, ["a", "b"]),
    ],
)
def test_conditions(notes: UntypedCollection, operator: Operator, value: object, ids: list[str]) -> None:
    for document_id, stored in {"a": 1, "b": 2.0, "c": None, "d": nan}.items():
        notes.set(document_id, {"count": {"so far": stored}})
    found = notes.query([Condition("count.`so far`", operator, value)])
    assert [document.id for document in found] == ids


def test_a_naive_time_is_in_utc(notes: UntypedCollection) -> None:
    notes.set("a", {"at": datetime(2026, 1, 1)})
    (found,) = notes.query([Condition("at", "==", datetime(2026, 1, 1, tzinfo=UTC))])
    assert found.data == {"at": datetime(2026, 1, 1, tzinfo=UTC)}


def test_what_cannot_be_compared_with(notes: UntypedCollection) -> None:
    with pytest.raises(ValidationError, match="text == <object"):
        list(notes.query([Condition("text", "==", object())]))


def test_order_limit_ids_and_count(notes: UntypedCollection) -> None:
    for number, document_id in enumerate("abcd"):
        notes.set(document_id, {"rank": -number})
    assert [document.id for document in notes.query((), [("rank", "asc")], 2)] == ["d", "c"]
    assert notes.ids(None, 3) == ["a", "b", "c"]
    assert notes.ids("b", 3) == ["c", "d"]
    assert notes.count() == 4


def test_nearest(notes: UntypedCollection) -> None:
    notes.set("right", {"of": 1, "at": Vector([1.0, 0.0])})
    notes.set("up", {"of": 1, "at": Vector([0.0, 1.0])})
    notes.set("else", {"of": 2, "at": Vector([1.0, 0.0])})
    found = notes.nearest("at", [0.9, 0.1], 5, [Condition("of", "==", 1)])
    assert [document.id for document in found] == ["right", "up"]


def test_writes_of_one_document_are_applied_in_their_order(notes: UntypedCollection) -> None:
    writes = [
        notes.set_write("a", {"n": 1}),
        if_unchanged(notes.set_write("a", {"n": 2}), None),
        notes.delete_write("b"),
    ]
    outcomes = notes.write_many(writes)
    assert [type(error).__name__ for error in outcomes] == ["NoneType", "AlreadyExistsError", "NoneType"]
    found = notes.get("a")
    assert found is not None
    assert found.data == {"n": 1}
