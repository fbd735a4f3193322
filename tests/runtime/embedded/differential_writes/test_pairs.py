"""All pairs of writes of one document in one commit, of which many contradict each other."""

from __future__ import annotations

from itertools import product
from uuid import uuid4

import pytest

from firestore_memory import FirestoreBackend
from firestore_runtime.embedded import EmbeddedBackend
from tests.runtime.embedded.differential_writes.observing import Observer
from tests.runtime.embedded.differential_writes.plans import Commit, Condition, Delete, Planned, Update

CONDITIONS: list[Condition] = [None, True, False, "current", "former"]


def writes_of(number: int) -> list[Planned]:
    """Writes that leave something else than those of another number."""
    updates: list[Planned] = [Update("a", {"n": number}, None, (), condition) for condition in CONDITIONS]
    return updates + [Delete("a", None, condition) for condition in CONDITIONS]


@pytest.mark.parametrize("versions", [0, 1, 2])
def test_pairs(emulator: FirestoreBackend, embedded: EmbeddedBackend, versions: int) -> None:
    """Of a document that does not exist, has been created, or has been updated."""
    for first, second in product(writes_of(3), writes_of(4)):
        run = f"pairs-{uuid4().hex}"
        expected, found = Observer(emulator, run, ["a"]), Observer(embedded, run, ["a"])
        history = [Commit((Update("a", {"n": number}, None, (), None),)) for number in range(versions)]
        for commit in (*history, Commit((first, second))):
            assert found.send(commit) == expected.send(commit), (first, second)
