"""A batch on its way: what is sent next, and what each answer means for each write."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

import pydantic

from firestore_runtime.errors import (
    AlreadyExistsError,
    ConflictError,
    QuotaExceededError,
    StorageError,
    ValidationError,
)
from firestore_runtime.policy.replays import is_repeatable
from firestore_runtime.policy.statuses import status_error

if TYPE_CHECKING:
    from firestore_runtime.bulk.outcomes import WriteOutcome
    from firestore_runtime.bulk.queued_writes import QueuedWrite
    from firestore_runtime.wire import BatchWriteResponse, WriteResult

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)

Outcomes: TypeAlias = list[tuple["QueuedWrite[ModelT]", "WriteOutcome[ModelT]"]]
"""Writes that have an outcome."""

_REFUSALS = (ConflictError, QuotaExceededError)
"""The failures that may pass and that prove that nothing was applied: ABORTED and RESOURCE_EXHAUSTED."""


class Delivery(Generic[ModelT]):
    """The writes of a batch, until each has an outcome.

    Args:
        writes: The writes, each to another document.

    Attributes:
        outcomes: The writes that have one.
        broken: Why a request failed for good whatever it held, so that others are useless, too.
    """

    def __init__(self, writes: list[QueuedWrite[ModelT]]) -> None:
        self._groups = deque([writes])
        self._again: list[tuple[QueuedWrite[ModelT], StorageError]] = []
        self.outcomes: Outcomes[ModelT] = []
        self._lost_creates: list[tuple[QueuedWrite[ModelT], AlreadyExistsError]] = []
        self.broken: StorageError | None = None

    def next(self) -> list[QueuedWrite[ModelT]]:
        """Return the writes of the next request; none if all have been sent as often as it takes."""
        if self._groups:
            return self._groups.popleft()
        writes, self._again = [queued for queued, _ in self._again], []
        return writes

    @property
    def setback(self) -> StorageError | None:
        """Why the writes that come next are sent again; None if they need not wait."""
        return self._again[-1][1] if self._again and not self._groups else None

    def answered(self, writes: list[QueuedWrite[ModelT]], response: BatchWriteResponse) -> None:
        """Take note of a response, which has a status for each write."""
        for queued, result, status in zip(writes, response.write_results, response.status, strict=True):
            error = status_error(status, queued.call)
            if error is None:
                self.written(queued, result)
            else:
                self._failed(queued, error)

    def refused(self, writes: list[QueuedWrite[ModelT]], error: StorageError) -> None:
        """Take note that a request failed as a whole.

        A request that is not valid may be so because of one write: halves are sent, until it stands alone.
        """
        if isinstance(error, ValidationError) and len(writes) > 1:
            middle = len(writes) // 2
            self._groups += (writes[:middle], writes[middle:])
            return
        for queued in writes:
            self._failed(queued, error)
        if not error.retryable and not isinstance(error, ValidationError):
            self.broken = error

    def written(self, queued: QueuedWrite[ModelT], result: WriteResult) -> None:
        """Take note that a write was made."""
        self.outcomes.append((queued, queued.written(result)))

    def failed(self, queued: QueuedWrite[ModelT], error: StorageError) -> None:
        """Take note that a write failed for good."""
        self.outcomes.append((queued, queued.failed(error)))

    def take_lost_creates(self) -> list[tuple[QueuedWrite[ModelT], AlreadyExistsError]]:
        """Return the creates that found their document existing, perhaps made by themselves, and their errors."""
        lost, self._lost_creates = self._lost_creates, []
        return lost

    def give_up(self) -> None:
        """Take note that what waits to be sent again will not be: there is no time left."""
        for queued, error in self._again:
            self.failed(queued, error)
            if error.document_id is None:
                self.broken = error
        self._again = []

    def _failed(self, queued: QueuedWrite[ModelT], error: StorageError) -> None:
        applied = not isinstance(error, _REFUSALS)
        if isinstance(error, AlreadyExistsError) and queued.may_have_applied:
            self._lost_creates.append((queued, error))
        elif error.retryable and (not applied or is_repeatable(queued.message)):
            queued.may_have_applied = queued.may_have_applied or applied
            self._again.append((queued, error))
        else:
            self.failed(queued, error)
