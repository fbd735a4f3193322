"""After which failures a request may be sent again."""

from __future__ import annotations

import grpc  # type: ignore[import-untyped]  # wrong on purpose
import pytest

from firestore_memory import Call, Options
from firestore_runtime.grpc.failures import closed_error
from firestore_runtime.policy.replays import Replay
from firestore_runtime.policy.statuses import storage_error
from tests.runtime.faults.test_statuses import PASSING, REFUSING

RULES = {
    Replay.ALWAYS: PASSING,
    Replay.UNLESS_APPLIED: REFUSING,
    Replay.IN_TRANSACTION: PASSING - {"ABORTED"},
    Replay.COMMITTING_TRANSACTION: {"RESOURCE_EXHAUSTED"},
}
TOO_LARGE = "Received message larger than max (5000000 vs. 4194304)"
CALL = Call("get", None, None, Options())


@pytest.mark.parametrize("replay", Replay)
@pytest.mark.parametrize("status", grpc.StatusCode)
def test_the_rules(replay: Replay, status: grpc.StatusCode) -> None:
    assert replay.allows(storage_error(status.name, "", CALL)) == (status.name in RULES[replay])


@pytest.mark.parametrize("replay", Replay)
def test_what_is_too_large_stays_so(replay: Replay) -> None:
    assert not replay.allows(storage_error("RESOURCE_EXHAUSTED", TOO_LARGE, CALL))


@pytest.mark.parametrize("replay", Replay)
def test_a_closed_client_stays_closed(replay: Replay) -> None:
    assert not replay.allows(closed_error(CALL))
