"""Writes that wait to be sent, and how many of them fit into one request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

import pydantic

from firestore_runtime import wire
from firestore_runtime.bulk.outcomes import WriteOutcome, restated
from firestore_runtime.codecs.decoding import read_timestamp
from firestore_runtime.errors import ValidationError
from firestore_runtime.paths import document_id

if TYPE_CHECKING:
    from datetime import datetime

    from firestore_runtime.errors import StorageError
    from firestore_runtime.options import Call
    from firestore_runtime.wire import BatchWriteRequest, Write, WriteResult

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)
ModelT_co = TypeVar("ModelT_co", bound=pydantic.BaseModel, covariant=True)

MAX_WRITES = 500
MAX_BYTES = 3_670_016
"""3.5 MiB: Firestore takes 10 MiB, but the emulator only 4, and larger requests are not faster."""

_FRAMING = 6
"""Bytes that the message of a request needs around each write: a tag and a length."""


def checked_concurrency(count: object) -> int:
    """Return `count` if so many requests can be on their way at once.

    Raises:
        ValidationError: It is not a positive integer.
    """
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValidationError(f"max_concurrency must be a positive integer, not {count!r}")
    return count


@dataclass(slots=True, eq=False)
class QueuedWrite(Generic[ModelT_co]):
    """A write that waits to be sent.

    Attributes:
        write: The write.
        call: What it is, for its outcome.
        model: What is to be created or set.
        created: Makes the model that a create returns.
        position: Which one it is of those that belong together.
        may_have_applied: Whether an attempt at it failed and may have been applied all the same.
        size: Bytes that it takes in a request.
    """

    write: Write
    call: Call
    model: ModelT_co | None = None
    created: Callable[[WriteResult], ModelT_co] | None = None
    position: int = 0
    may_have_applied: bool = False
    size: int = field(init=False)

    @property
    def name(self) -> str:
        """The full name of the document."""
        return self.write.delete or self.write.update.name

    @property
    def document_id(self) -> str:
        """The id of the document."""
        return document_id(self.name)

    def __post_init__(self) -> None:
        """Measure the write."""
        self.size = self.write.ByteSize() + _FRAMING

    def written(self, result: WriteResult) -> WriteOutcome[ModelT_co]:
        """Return the outcome of success."""
        model = self.created(result) if self.created else None
        time = read_timestamp(result.update_time) if result.HasField("update_time") else None
        return self._outcome(model=model, update_time=None if self.write.delete else time)

    def failed(self, error: StorageError) -> WriteOutcome[ModelT_co]:
        """Return the outcome of a failure, which may be that of a request that held other writes, too."""
        return self._outcome(model=self.model, error=error if error.document_id else restated(error, self.call))

    def _outcome(
        self,
        *,
        model: ModelT_co | None,
        update_time: datetime | None = None,
        error: StorageError | None = None,
    ) -> WriteOutcome[ModelT_co]:
        call = self.call
        return WriteOutcome(call.operation, call.collection, call.document_id, model, update_time, error)


Make: TypeAlias = Callable[["Write"], QueuedWrite[ModelT]]
"""Fills a message of a request."""


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
        return len(self.writes) >= MAX_WRITES

    def make(self, make: Make[ModelT]) -> QueuedWrite[ModelT]:
        """Make a write at the end of the request, so that it need not be copied. It must be kept or taken out next."""
        try:
            return make(self.request.writes.add())
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
        """Keep the write just made."""
        self.writes.append(queued)
        self.names.add(queued.name)
        self._bytes += queued.size

    def take_out(self, queued: QueuedWrite[ModelT]) -> None:
        """Take the write just made out of the request."""
        made, queued.write = queued.write, wire.Write()
        queued.write.CopyFrom(made)
        del self.request.writes[-1]

    def request_for(self, writes: list[QueuedWrite[ModelT]]) -> BatchWriteRequest:
        """Return the request, or one for some of its writes."""
        if len(writes) == len(self.writes):
            return self.request
        request = wire.BatchWriteRequest(database=self.request.database)
        request.writes.extend(queued.write for queued in writes)
        return request

    def put(self, queued: QueuedWrite[ModelT]) -> None:
        """Add a write that was taken out of another request."""
        self.request.writes.append(queued.write)
        self.keep(queued)
