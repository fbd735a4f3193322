"""What a record's metadata may hold: whatever Google's client takes, stored as that client stores it."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pydantic
import pytest
from google.api_core.exceptions import GoogleAPICallError
from google.cloud import firestore
from google.cloud.firestore_v1.vector import Vector as GoogleVector

from firestore_memory import FirestoreBackend, MemoryClient, MemoryRecord
from firestore_memory.adapters.legacy_sync import FirestoreMemoryManager
from tests.memory.adapters.golden import fetch, stored_problem

MOMENT = datetime(2024, 5, 6, 7, 8, 9, 123456)


class Text(enum.StrEnum):
    A = "a"


class Plain(enum.Enum):
    A = "a"


class Number(enum.IntEnum):
    ONE = 1


class Inner(pydantic.BaseModel):
    name: str = "inner"
    when: datetime = MOMENT
    parts: list[dict[str, int]] = [{"a": 1}]


STORABLE: dict[str, object] = {
    "text": "naïve 🎼 \x00 e\u0301",
    "numbers": [0, 2**63 - 1, -(2**63), 1.5, 2.0, -0.0, float("nan"), float("inf")],
    "scalars": [True, False, None, b"\x00\xff"],
    "naive": MOMENT,
    "aware": MOMENT.replace(tzinfo=timezone(timedelta(hours=5, minutes=30))),
    "tuple": (1, "a"),
    "set": {"only"},
    "frozenset": frozenset({1}),
    "text enum": Text.A,
    "integer enum": Number.ONE,
    "maps": {"a.b": {"c d": {"ключ": []}}, "empty": {}},
    "model": Inner(),
    "models": [{"in": Inner()}],
    "google point": firestore.GeoPoint(1.5, -2.5),
    "google vector": GoogleVector([1.0, 2.0]),
    "not reserved": {"_a": 1, "__a": 2},
}
REFUSED: dict[str, object] = {
    "too large": 2**63,
    "too small": -(2**63) - 1,
    "decimal": Decimal("1.5"),
    "date": date(2024, 1, 1),
    "time": time(1),
    "duration": timedelta(1),
    "enum": Plain.A,
    "object": object(),
    "surrogate": "\ud800",
    "in a list": [object()],
    "deleted": {"inner": firestore.DELETE_FIELD},
    "nested array": [[1]],
    "nested array, deeper": {"a": [{"b": [(1,)]}]},
    "too long": "x" * 1_100_000,
}


@pytest.fixture
def google(project: str) -> Iterator[firestore.Client]:
    manager = FirestoreMemoryManager(project)
    manager.initialize()
    assert manager._client is not None
    yield manager._client
    manager.close()


@pytest.fixture
def manager(google: firestore.Client) -> FirestoreMemoryManager:
    manager = FirestoreMemoryManager.from_client(MemoryClient(FirestoreBackend.from_client(google)))
    manager.initialize()
    return manager


def record(value: object) -> MemoryRecord:
    return MemoryRecord(
        record_id="a", context="c", persona="p", content="t", timestamp=MOMENT, metadata={"k": 0, "value": value}
    )


def by_google(google: firestore.Client, value: object) -> Any:
    """Store it as the older manager did."""
    return google.document("memory_records/theirs").set({**record(value).model_dump(), "record_id": "a"})


@pytest.mark.parametrize("value", STORABLE.values(), ids=STORABLE)
def test_it_is_stored_as_googles_client_stores_it(
    value: object, google: firestore.Client, manager: FirestoreMemoryManager
) -> None:
    by_google(google, value)
    manager.save_record(record(value))
    backend = FirestoreBackend.from_client(google)
    theirs, ours = fetch(backend, "memory_records/theirs"), fetch(backend, "memory_records/a")
    assert theirs is not None
    assert stored_problem(theirs, ours) is None


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_where_googles_client_or_the_server_refuses_it(
    value: object, google: firestore.Client, manager: FirestoreMemoryManager
) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011  # whatever it is
        by_google(google, value)
    by_server = isinstance(theirs.value, GoogleAPICallError)
    words = "Failed to save record a to Firestore: " if by_server else "Unexpected error saving record: "
    with pytest.raises(RuntimeError) as ours:
        manager.save_record(record(value))
    assert str(ours.value).startswith(words)


@pytest.mark.parametrize("key", ["", 5])
def test_keys_of_maps_are_texts(key: Any, google: firestore.Client, manager: FirestoreMemoryManager) -> None:
    with pytest.raises((TypeError, ValueError)):
        by_google(google, {"inner": {key: 1}})
    odd = record(0)
    odd.metadata[key] = 1
    with pytest.raises(RuntimeError, match="Unexpected error saving record: a key of a map must be a string"):
        manager.save_record(odd)


def test_references_are_stored_as_such(google: firestore.Client, manager: FirestoreMemoryManager) -> None:
    other = google.document("c/d")
    manager.save_record(record(other))
    assert google.document("memory_records/a").get().get("metadata.value") == other
    assert manager.get_record("a").metadata["value"] == "c/d"


def test_transforms_are_left_to_the_server(google: firestore.Client, manager: FirestoreMemoryManager) -> None:
    given = {
        "at": firestore.SERVER_TIMESTAMP,
        "sum": firestore.Increment(3),
        "most": firestore.Maximum(2.5),
        "least": firestore.Minimum(-1),
        "union": firestore.ArrayUnion(["a", "b"]),
        "rest": firestore.ArrayRemove(["a"]),
        "inner": {"dotted.key": firestore.Increment(1), "plain": 1},
    }
    manager.save_record(record(given))
    by_google(google, given)
    ours, theirs = (google.document(f"memory_records/{name}").get().to_dict() for name in ("a", "theirs"))
    assert ours is not None
    assert theirs is not None
    assert abs(ours["metadata"]["value"].pop("at") - datetime.now(UTC)) < timedelta(minutes=5)
    theirs["metadata"]["value"].pop("at")
    assert ours == theirs


@pytest.mark.parametrize("path", ["a b", "a-b", "a.", ".a", "1a", "a..b", "`a", "a/b"])
def test_a_path_that_is_none_is_refused_as_by_googles_client(
    path: str, google: firestore.Client, manager: FirestoreMemoryManager
) -> None:
    with pytest.raises(ValueError, match=r".") as theirs:
        google.collection("c").where(path, "==", 1)  # as the older manager did (B31)
    with pytest.raises(RuntimeError) as ours:
        manager.query_records({path: 1})
    assert str(ours.value) == f"Unexpected error querying records: {theirs.value}"
