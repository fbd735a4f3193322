"""What an answer to a request means for each of its writes."""

from __future__ import annotations

import pytest

from firestore_memory import (
    AlreadyExistsError,
    ConflictError,
    MemoryItem,
    NotFoundError,
    OperationError,
    Options,
    QuotaExceededError,
    StorageConnectionError,
    StorageError,
    StoragePermissionError,
    ValidationError,
)
from firestore_runtime.bulk.deliveries import Delivery
from firestore_runtime.bulk.queued_writes import GivenWrite, QueuedWrite
from firestore_runtime.options import Call
from firestore_runtime.wire import BatchWriteResponse, Document, Write, WriteResult

CALL = Call("set_many", "memory_items", None, Options())
OK, UNKNOWN, NOT_FOUND, EXISTS, DENIED, EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE = 0, 2, 5, 6, 7, 8, 10, 13, 14


def a_set(document_id: str) -> QueuedWrite[MemoryItem]:
    return GivenWrite(Write(update=Document(name=f"c/{document_id}")), CALL.about(document_id))


def a_create(document_id: str) -> QueuedWrite[MemoryItem]:
    queued = a_set(document_id)
    queued.message.current_document.exists = False
    return queued


def an_increment(document_id: str) -> QueuedWrite[MemoryItem]:
    queued = a_set(document_id)
    queued.message.update_transforms.add().increment.integer_value = 1
    return queued


def a_response(*codes: int) -> BatchWriteResponse:
    response = BatchWriteResponse()
    for code in codes:
        response.write_results.add()
        response.status.add().code = code
    return response


def errors(delivery: Delivery[MemoryItem]) -> dict[str, type]:
    return {queued.document_id: type(outcome.error) for queued, outcome in delivery.outcomes}


def test_only_what_failed_is_sent_again() -> None:
    delivery = Delivery([a_set("a"), a_set("b"), a_set("c"), a_set("d")])
    delivery.answered(delivery.next(), a_response(OK, ABORTED, NOT_FOUND, UNAVAILABLE))
    assert errors(delivery) == {"a": type(None), "c": NotFoundError}
    assert isinstance(delivery.setback, StorageConnectionError)
    again = delivery.next()
    assert [queued.document_id for queued in again] == ["b", "d"]
    assert [queued.may_have_applied for queued in again] == [False, True]
    assert delivery.setback is None
    delivery.answered(again, a_response(OK, OK))
    assert delivery.next() == []
    assert errors(delivery) == {"a": type(None), "b": type(None), "c": NotFoundError, "d": type(None)}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (UNKNOWN, OperationError),
        (NOT_FOUND, NotFoundError),
        (EXISTS, AlreadyExistsError),
        (DENIED, StoragePermissionError),
    ],
)
def test_final_statuses(code: int, error: type[StorageError]) -> None:
    delivery = Delivery([a_create("a")])
    delivery.answered(delivery.next(), a_response(code))
    assert errors(delivery) == {"a": error}
    assert delivery.next() == []
    assert delivery.broken is None


@pytest.mark.parametrize("code", [EXHAUSTED, ABORTED])
def test_refused_increments_are_sent_again(code: int) -> None:
    delivery = Delivery([an_increment("a")])
    delivery.answered(delivery.next(), a_response(code))
    assert [queued.document_id for queued in delivery.next()] == ["a"]


@pytest.mark.parametrize("code", [INTERNAL, UNAVAILABLE])
def test_increments_that_may_have_been_applied_are_not(code: int) -> None:
    delivery = Delivery([an_increment("a")])
    delivery.answered(delivery.next(), a_response(code))
    assert delivery.next() == []
    assert len(errors(delivery)) == 1


def test_a_create_that_finds_its_document_is_a_lost_one_if_it_may_have_been_applied() -> None:
    delivery = Delivery([a_create("a"), a_create("b")])
    delivery.answered(delivery.next(), a_response(UNAVAILABLE, ABORTED))
    delivery.answered(delivery.next(), a_response(EXISTS, EXISTS))
    ((lost, error),) = delivery.take_lost_creates()
    assert lost.document_id == "a"
    assert errors(delivery) == {"b": AlreadyExistsError}
    delivery.written(lost, WriteResult())
    assert errors(delivery) == {"a": type(None), "b": AlreadyExistsError}
    assert delivery.take_lost_creates() == []
    assert error.document_id == "a"


def test_a_request_that_is_not_valid_is_halved_until_the_write_stands_alone() -> None:
    delivery = Delivery([a_set(f"{number}") for number in range(7)])
    requests = 0
    while writes := delivery.next():
        requests += 1
        assert delivery.setback is None
        if any(queued.document_id == "5" for queued in writes):
            delivery.refused(writes, ValidationError("bad"))
        else:
            delivery.answered(writes, a_response(*[OK] * len(writes)))
    assert requests <= 7
    failed = [outcome for _, outcome in delivery.outcomes if outcome.error]
    assert [outcome.document_id for outcome in failed] == ["5"]
    assert str(failed[0].error) == "memory_items.set_many('5'): bad"
    assert len(delivery.outcomes) == 7
    assert delivery.broken is None


def test_a_failed_request_is_sent_again() -> None:
    delivery = Delivery([a_set("a"), an_increment("b"), a_set("c")])
    delivery.refused(delivery.next(), StorageConnectionError("gone"))
    assert errors(delivery) == {"b": StorageConnectionError}
    assert [queued.document_id for queued in delivery.next()] == ["a", "c"]
    assert delivery.broken is None


@pytest.mark.parametrize("refusal", [QuotaExceededError("too many"), ConflictError("contention")])
def test_a_refused_request_is_sent_again_with_all_that_it_held(refusal: StorageError) -> None:
    delivery = Delivery([a_set("a"), an_increment("b")])
    delivery.refused(delivery.next(), refusal)
    assert [queued.document_id for queued in delivery.next()] == ["a", "b"]


def test_a_request_that_fails_for_good_ends_everything() -> None:
    denied = StoragePermissionError("denied")
    delivery = Delivery([a_set("a"), a_set("b")])
    delivery.refused(delivery.next(), denied)
    assert errors(delivery) == {"a": StoragePermissionError, "b": StoragePermissionError}
    assert delivery.broken is denied
    assert [outcome.error and outcome.error.document_id for _, outcome in delivery.outcomes] == ["a", "b"]


def test_when_the_time_is_over() -> None:
    gone = StorageConnectionError("gone")
    delivery = Delivery([a_set("a")])
    delivery.refused(delivery.next(), gone)
    delivery.give_up()
    assert delivery.next() == []
    assert delivery.broken is gone
    one = Delivery([a_set("a")])
    one.answered(one.next(), a_response(ABORTED))
    one.give_up()
    assert errors(one) == {"a": ConflictError}
    assert one.broken is None
