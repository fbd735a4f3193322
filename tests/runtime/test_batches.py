"""How many writes fit into one request."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firestore_memory import MemoryItem, Options, ValidationError
from firestore_runtime.bulk.batches import MAX_BYTES, Batch, in_batches
from firestore_runtime.bulk.queued_writes import GivenWrite, QueuedWrite
from firestore_runtime.limits import MAX_BATCH_WRITES
from firestore_runtime.options import Call
from firestore_runtime.wire import Document, Write

DATABASE = "projects/p/databases/d"
CALL = Call("set_many", "memory_items", None, Options())


def a_write(document_id: str, size: int = 10) -> QueuedWrite[MemoryItem]:
    write = Write(update=Document(name=f"{DATABASE}/documents/memories/{document_id}"))
    write.update.fields["text"].string_value = "x" * size
    return GivenWrite(write, CALL.about(document_id))


def batches_of(writes: Iterable[QueuedWrite[MemoryItem]]) -> list[Batch[MemoryItem]]:
    return list(in_batches(DATABASE, writes))


def test_by_count() -> None:
    batches = batches_of(a_write(str(number)) for number in range(2 * MAX_BATCH_WRITES + 1))
    assert [len(batch.writes) for batch in batches] == [MAX_BATCH_WRITES, MAX_BATCH_WRITES, 1]
    assert [batch.is_full for batch in batches] == [True, True, False]


def test_by_document() -> None:
    batches = batches_of([a_write("a"), a_write("b"), a_write("a"), a_write("c")])
    assert [[write.document_id for write in batch.writes] for batch in batches] == [["a", "b"], ["a", "c"]]


def test_what_is_too_large_for_any_request_stands_alone() -> None:
    batches = batches_of([a_write("a"), a_write("b", MAX_BYTES), a_write("c")])
    assert [[write.document_id for write in batch.writes] for batch in batches] == [["a"], ["b"], ["c"]]


def test_a_write_is_made_in_the_request() -> None:
    batch: Batch[MemoryItem] = Batch(DATABASE)
    write = a_write("a")
    batch.fill_in(write)
    batch.keep(write)
    assert list(batch.request.writes) == [a_write("a").message]
    write.message.update.fields["text"].string_value = "the very same message"
    assert batch.request.writes[0].update.fields["text"].string_value == "the very same message"


def test_a_write_that_does_not_fit_is_taken_out_of_the_request() -> None:
    (batch,) = batches_of([a_write("a")])
    again = a_write("a")
    batch.fill_in(again)
    assert not batch.fits(again)
    batch.take_out(again)
    assert len(batch.request.writes) == 1
    assert again.message == a_write("a").message


class HalfAWrite(QueuedWrite[MemoryItem]):
    def _fill(self, message: Write) -> None:
        message.update.name = "half"
        raise ValidationError("the rest is missing")


def test_a_write_that_cannot_be_made_leaves_nothing_behind() -> None:
    batch: Batch[MemoryItem] = Batch(DATABASE)
    with pytest.raises(ValidationError, match="the rest is missing"):
        batch.fill_in(HalfAWrite(CALL))
    assert len(batch.request.writes) == 0


def test_some_writes_of_a_request() -> None:
    (batch,) = batches_of(a_write(f"{number}") for number in range(3))
    assert batch.request_for(batch.writes) is batch.request
    some = batch.request_for(batch.writes[1:])
    assert some.database == DATABASE
    assert list(some.writes) == [queued.message for queued in batch.writes[1:]]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # which large documents are on a busy machine
@given(st.lists(st.integers(0, 900_000), min_size=1, max_size=20))
def test_by_size(sizes: list[int]) -> None:
    writes = [a_write(str(number), size) for number, size in enumerate(sizes)]
    batches = batches_of(writes)
    assert [write for batch in batches for write in batch.writes] == writes
    for batch in batches:
        assert list(batch.request.writes) == [write.message for write in batch.writes]
        assert batch.request.ByteSize() <= MAX_BYTES + len(DATABASE) + 2
    for one, other in pairwise(batches):
        assert sum(write.size for write in one.writes) + other.writes[0].size > MAX_BYTES
