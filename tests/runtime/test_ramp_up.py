"""Firestore's rule for new traffic: 500 operations per second, half as many again every 5 minutes."""

from __future__ import annotations

import pytest

from firestore_runtime.bulk.ramp_up import RampUp, operations_per_second


@pytest.mark.parametrize(
    ("minutes", "rate"), [(0, 500), (4.99, 500), (5, 750), (10, 1_125), (15, 1_687.5), (60, 500 * 1.5**12)]
)
def test_the_rate_grows_every_five_minutes(minutes: float, rate: float) -> None:
    assert operations_per_second(minutes * 60) == rate


def test_the_rate_has_an_end() -> None:
    assert operations_per_second(1e9) == operations_per_second(100 * 60) > 1_000_000


def test_each_second_has_its_operations() -> None:
    ramp_up = RampUp()
    assert [ramp_up.delay(1_000, 500) for _ in range(4)] == [0, 1, 2, 3]
    assert ramp_up.delay(1_001.5, 250) == 2.5
    assert ramp_up.delay(1_004.5, 100) == 0


def test_what_was_not_used_is_not_saved_up() -> None:
    ramp_up = RampUp()
    assert [ramp_up.delay(0, 500), ramp_up.delay(100, 500), ramp_up.delay(100, 500)] == [0, 0, 1]


def test_an_hour_of_it() -> None:
    """As much as the rule allows, and no less, when there is always something to send."""
    ramp_up, now, sent = RampUp(), 0.0, 0
    while now < 3_600:
        now += ramp_up.delay(now, 500)
        sent += 500
    allowed = sum(300 * operations_per_second(step * 300) for step in range(12))
    assert sent == pytest.approx(allowed, rel=0.001)
