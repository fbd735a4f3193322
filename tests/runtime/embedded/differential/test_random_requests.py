"""Random queries, aggregations and searches find in the embedded store what they find in Firestore's emulator."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from firestore_memory import FirestoreBackend
from firestore_runtime.embedded import EmbeddedBackend, candidates
from tests.runtime.embedded.differential.outcomes import outcome, store
from tests.runtime.embedded.differential.requests import Example, examples

CASES = int(os.environ.get("DIFFERENTIAL_CASES", "300"))
"""How many requests the random test compares."""
SEED = int.from_bytes(os.urandom(4), "big")
PER_ROUND = 100

ROUND = settings(
    max_examples=10,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    print_blob=True,
    suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow, HealthCheck.large_base_example],
)
"""After ten examples Hypothesis begins to vary those that it had, and most requests would repeat others. It need not
search for a simpler example than the one that fails, which takes minutes: the request that fails is simple enough."""


@pytest.fixture(scope="module")
def emulator(emulator_host: str) -> Iterator[FirestoreBackend]:
    """The emulator, under the name of the embedded database, so that both take the same messages."""
    backend = FirestoreBackend.connect("embedded")
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedBackend]:
    """The store that is tested."""
    backend = EmbeddedBackend(strict_indexes=False)
    yield backend
    backend.close()


Check = Callable[[Example], None]


@pytest.fixture
def check(emulator: FirestoreBackend, embedded: EmbeddedBackend) -> Check:
    """Compares the two stores, and the ways in which one of them finds something."""

    def compare(example: Example) -> None:
        store(emulator, example.documents)
        store(embedded, example.documents)
        for request in example.requests:
            expected = outcome(emulator, request)
            assert outcome(embedded, request) == expected, request
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(candidates, "_FEW", 1)  # so that an index is made
                assert outcome(embedded, request) == expected, f"found by an index: {request}"

    return compare


def compare_many(check: Check, first_seed: int, cases: int) -> None:
    for number in range(first_seed, first_seed + -(-cases // PER_ROUND)):
        seed(number)(ROUND(given(examples())(check)))()


def test_random_requests(check: Check) -> None:
    """The examples are always the same."""
    compare_many(check, 0, 300)


@pytest.mark.slow
def test_many_random_requests(check: Check) -> None:
    """The examples are always others."""
    print(f"seed: {SEED}")
    compare_many(check, SEED, CASES)
