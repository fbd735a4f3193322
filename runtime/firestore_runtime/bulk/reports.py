"""The results of many writes: all outcomes in order, or only their numbers and the first failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import pydantic

from firestore_runtime.bulk.outcomes import WriteOutcome, WriteProgress, WriteReport, failure

if TYPE_CHECKING:
    from firestore_runtime.bulk.deliveries import Outcomes
    from firestore_runtime.bulk.outcomes import OnError
    from firestore_runtime.bulk.queued_writes import QueuedWrite
    from firestore_runtime.errors import StorageError
    from firestore_runtime.options import Call

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)

MAX_FAILURES = 1_000
"""The number of failures kept where nobody waits for each outcome, so that memory stays flat."""


class ReportBuilder(Generic[ModelT]):
    """Builds the report on many writes: an outcome for each, in the order in which they were given."""

    def __init__(self) -> None:
        self._count = 0
        self._outcomes: dict[int, WriteOutcome[ModelT]] = {}

    def expect(self, queued: QueuedWrite[ModelT]) -> None:
        """Take note of the next write, before it is sent."""
        queued.position = self._count
        self._count += 1

    def refused(self, queued: QueuedWrite[ModelT], error: StorageError) -> None:
        """Take note that a write cannot be made."""
        outcome: WriteOutcome[ModelT] = WriteOutcome(error.operation, error.collection, error.document_id, error=error)
        self._outcomes[queued.position] = outcome

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
