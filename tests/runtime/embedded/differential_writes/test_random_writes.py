"""Random writes leave in the embedded store what they leave in Firestore's emulator."""

from __future__ import annotations

import os
from uuid import uuid4

import pytest
from hypothesis import given, seed, settings

from firestore_memory import Backend, FirestoreBackend
from firestore_runtime.embedded import EmbeddedBackend
from tests.runtime.embedded.differential_writes.observing import Observer
from tests.runtime.embedded.differential_writes.plans import Commit
from tests.runtime.embedded.differential_writes.strategies import DOCUMENTS, HISTORIES

FIXED = settings(max_examples=60, derandomize=True, deadline=None)
CASES = int(os.environ.get("DIFFERENTIAL_CASES", "300"))
"""How many histories, of some commits each, the random test compares."""
SEED = int(os.environ.get("DIFFERENTIAL_SEED", int.from_bytes(os.urandom(4), "big")))


def check(emulator: Backend, embedded: Backend, history: list[Commit]) -> None:
    run = f"writes-{uuid4().hex}"
    expected, found = Observer(emulator, run, DOCUMENTS), Observer(embedded, run, DOCUMENTS)
    for commit in history:
        assert found.send(commit) == expected.send(commit)


@FIXED
@given(HISTORIES)
def test_random_writes(emulator: FirestoreBackend, embedded: EmbeddedBackend, history: list[Commit]) -> None:
    """The examples are always the same."""
    check(emulator, embedded, history)


@pytest.mark.slow
def test_many_random_writes(emulator: FirestoreBackend, embedded: EmbeddedBackend) -> None:
    """The examples are always others, unless DIFFERENTIAL_SEED repeats those of another run."""
    print(f"DIFFERENTIAL_SEED={SEED}")

    @seed(SEED)
    @settings(FIXED, max_examples=CASES, derandomize=False, database=None)
    @given(HISTORIES)
    def compare(history: list[Commit]) -> None:
        check(emulator, embedded, history)

    compare()
