"""Batches: as many writes as fit into one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import pydantic

from firestore_runtime import wire
from firestore_runtime.errors import ValidationError
from firestore_runtime.limits import MAX_BATCH_WRITES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firestore_runtime.bulk.queued_writes import QueuedWrite
    from firestore_runtime.wire import BatchWriteRequest

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)

MAX_BYTES = 3_670_016
"""3.5 MiB: Firestore takes 10 MiB, but the emulator only 4, and larger requests are not faster."""


def checked_concurrency(count: object) -> int:
    """Return `count` if so many requests can be on their way at once.

    Raises:
        ValidationError: It is not a positive integer.
    """
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValidationError(f"max_concurrency must be a positive integer, not {count!r}")
    return count


class Batch(Generic[ModelT]):
    """The writes of one request, of which no two are to the same document.

    Args:
        database: The name of the database.

    Attributes:
        request: The request.
        writes: What is in it.
        names: The names of the documents.
    """

    def __init__(self, database: str) -> None:
        self.request = wire.BatchWriteRequest(database=database)
        self.writes: list[QueuedWrite[ModelT]] = []
        self.names: set[str] = set()
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        """Whether it takes no other write, whatever its size."""
        return len(self.writes) >= MAX_BATCH_WRITES

    def fill_in(self, queued: QueuedWrite[ModelT]) -> None:
        """Let a write fill in a message at the end of the request. It must be kept or taken out next.

        Raises:
            StorageError: It cannot be made; nothing of it stays.
        """
        try:
            queued.fill(self.request.writes.add())
        except BaseException:
            del self.request.writes[-1]
            raise

    def fits(self, queued: QueuedWrite[ModelT]) -> bool:
        """Whether there is room for a write, and no other to its document.

        A write that is too large for any request has one for itself: the server decides.
        """
        too_large = self._bytes + queued.size > MAX_BYTES
        return not self.writes or not (self.is_full or too_large or queued.name in self.names)

    def keep(self, queued: QueuedWrite[ModelT]) -> None:
        """Keep the write just filled in."""
        self.writes.append(queued)
        self.names.add(queued.name)
        self._bytes += queued.size

    def take_out(self, queued: QueuedWrite[ModelT]) -> None:
        """Take the write just filled in out of the request."""
        message = wire.Write()
        message.CopyFrom(queued.message)
        queued.message = message
        del self.request.writes[-1]

    def put(self, queued: QueuedWrite[ModelT]) -> None:
        """Add a write that was taken out of another request."""
        self.request.writes.append(queued.message)
        self.keep(queued)

    def request_for(self, writes: list[QueuedWrite[ModelT]]) -> BatchWriteRequest:
        """Return the request, or one for some of its writes."""
        if len(writes) == len(self.writes):
            return self.request
        request = wire.BatchWriteRequest(database=self.request.database)
        request.writes.extend(queued.message for queued in writes)
        return request


def in_batches(database: str, writes: Iterable[QueuedWrite[ModelT]]) -> Iterator[Batch[ModelT]]:
    """Yield batches of writes that have their messages, in the same order."""
    batch: Batch[ModelT] = Batch(database)
    for queued in writes:
        if not batch.fits(queued):
            yield batch
            batch = Batch(database)
        batch.put(queued)
    if batch.writes:
        yield batch
