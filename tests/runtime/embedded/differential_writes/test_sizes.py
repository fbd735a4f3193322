"""Documents may have a mebibyte, as Firestore counts, and not a byte more."""

from __future__ import annotations

from uuid import uuid4

import pytest

from firestore_memory import FirestoreBackend
from firestore_runtime.embedded import EmbeddedBackend
from firestore_runtime.limits import MAX_DOCUMENT_BYTES
from firestore_runtime.wire.sizes import document_size
from tests.runtime.embedded.differential_writes.observing import Observer
from tests.runtime.embedded.differential_writes.plans import Commit, Condition, Transform, Update
from tests.runtime.embedded.messages import document_of

_BIG = "a" * 600_000


@pytest.mark.parametrize("excess", [0, 1])
@pytest.mark.parametrize("is_batch", [False, True])
def test_sizes(emulator: FirestoreBackend, embedded: EmbeddedBackend, is_batch: bool, excess: int) -> None:
    run = f"sizes-{uuid4().hex}"
    rest = MAX_DOCUMENT_BYTES - document_size(document_of(f"{run}/a", {"a": _BIG, "b": ""})) + excess
    union = Transform("b", "append_missing_elements", ["b" * rest])
    missing: Condition = True
    history = [
        Update("a", {"a": _BIG, "b": "b" * rest}, None, (), None),
        Update("b", {"a": _BIG}, None, (), None),
        Update("b", {"b": "b" * rest}, ("b",), (), None),
        Update("b", {}, ("b",), (union,), None),
        Update("c", {"a": _BIG, "b": "b" * rest}, None, (), missing),
    ]
    expected, found = Observer(emulator, run, ["a", "b", "c"]), Observer(embedded, run, ["a", "b", "c"])
    answers = []
    for write in history:
        commit = Commit((write,), is_batch)
        seen = found.send(commit)
        assert seen == expected.send(commit)
        answers.append(seen.answer)
    refused = [3] if is_batch else "ValidationError"
    assert [answer == refused for answer in answers] == [excess == 1, False, excess == 1, excess == 1, False]
