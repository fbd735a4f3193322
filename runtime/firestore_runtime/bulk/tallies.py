"""Gathering the outcomes of writes: all of them in order, or only their numbers and the first failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import pydantic

from firestore_runtime.bulk.outcomes import WriteOutcome, WriteProgress, WriteReport, failure
from firestore_runtime.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from firestore_runtime.bulk.batches import QueuedWrite
    from firestore_runtime.bulk.deliveries import Outcomes
    from firestore_runtime.bulk.outcomes import OnError
    from firestore_runtime.options import Call
    from firestore_runtime.wire import Write

GivenT = TypeVar("GivenT")
ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)

MAX_FAILURES = 1_000
"""How many failures are remembered where nobody waits for each outcome, so that memory stays flat."""


class Gathering(Generic[GivenT, ModelT]):
    """The outcomes of all that was given, in that order.

    Args:
        make: Makes the write of what is given.
    """

    def __init__(self, make: Callable[[GivenT, Write], QueuedWrite[ModelT]]) -> None:
        self._make = make
        self._count = 0
        self._outcomes: dict[int, WriteOutcome[ModelT]] = {}

    def make(self, given: GivenT, write: Write) -> QueuedWrite[ModelT]:
        """Make the next write.

        Raises:
            StorageError: It cannot be made, which is its outcome.
        """
        position = self._count
        self._count += 1
        try:
            queued = self._make(given, write)
        except StorageError as error:
            self._outcomes[position] = WriteOutcome(error.operation, error.collection, error.document_id, error=error)
            raise
        queued.position = position
        return queued

    def add(self, outcomes: Outcomes[ModelT]) -> None:
        """Add outcomes of writes that were sent."""
        for queued, outcome in outcomes:
            self._outcomes[queued.position] = outcome

    def report(self, call: Call, on_error: OnError) -> WriteReport[ModelT]:
        """Return the report, when each write has an outcome.

        Raises:
            BulkWriteError: Some failed, and `on_error` is `"raise"`.
        """
        outcomes = [self._outcomes[position] for position in range(self._count)]
        progress = WriteProgress().after(outcomes)
        report = WriteReport(outcomes, progress.written, progress.failed)
        if report.failures and on_error == "raise":
            raise failure(report, call)
        return report


class Tally:
    """The number of outcomes, and the first that failed."""

    def __init__(self) -> None:
        self.progress = WriteProgress()
        self._failed: list[WriteOutcome[pydantic.BaseModel]] = []

    def add(self, outcomes: Outcomes[pydantic.BaseModel]) -> None:
        """Add outcomes of writes that were sent."""
        found = [outcome for _, outcome in outcomes]
        self.progress = self.progress.after(found)
        failed = [outcome for outcome in found if outcome.error]
        self._failed += failed[: MAX_FAILURES - len(self._failed)]

    def raise_for_errors(self, call: Call) -> None:
        """Raise an error if a write has failed since the last time that one was raised.

        Raises:
            BulkWriteError: There are failures.
        """
        if self._failed:
            failed, self._failed = self._failed, []
            raise failure(WriteReport(failed, self.progress.written, self.progress.failed), call)
