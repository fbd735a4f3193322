"""After which failures a request may be sent again."""

from __future__ import annotations

import grpc  # type: ignore[import-untyped]  # wrong on purpose
import pytest

from firestore_memory import Call, Options
from firestore_memory.rpc.faults import Replay, storage_error
from tests.faults.test_statuses import PASSING, REFUSING

RULES = {
    Replay.ALWAYS: PASSING,
    Replay.UNLESS_APPLIED: REFUSING,
    Replay.IN_TRANSACTION: PASSING - {"ABORTED"},
    Replay.COMMITTING_TRANSACTION: {"RESOURCE_EXHAUSTED"},
}
TOO_LARGE = "Received message larger than max (5000000 vs. 4194304)"


class Failure(grpc.RpcError):  # type: ignore[misc]  # gRPC has no types
    """A failed call."""

    def __init__(self, status: grpc.StatusCode, text: str = "") -> None:
        super().__init__()
        self.code = lambda: status
        self.details = lambda: text


@pytest.mark.parametrize("replay", Replay)
@pytest.mark.parametrize("status", grpc.StatusCode)
def test_the_rules(replay: Replay, status: grpc.StatusCode) -> None:
    error = storage_error(status.name, "", Call("get", None, None, Options()))
    expected = status.name in RULES[replay]
    assert replay.allows(Failure(status)) == replay.allows_after(error) == expected


@pytest.mark.parametrize("replay", Replay)
def test_what_is_too_large_stays_so(replay: Replay) -> None:
    assert not replay.allows(Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, TOO_LARGE))


@pytest.mark.parametrize("replay", Replay)
def test_other_exceptions_are_final(replay: Replay) -> None:
    assert not replay.allows(ValueError("the channel is closed"))
