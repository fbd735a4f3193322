"""The outcomes of writes that were sent together: each write has its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

import pydantic

from firestore_runtime.errors import StorageError

if TYPE_CHECKING:
    from datetime import datetime

    from firestore_runtime.options import Call

ModelT_co = TypeVar("ModelT_co", bound=pydantic.BaseModel, covariant=True)

OnError: TypeAlias = Literal["raise", "report"]
"""The way to report failures among many writes: as a `BulkWriteError` at the end, or only as outcomes."""

_MESSAGE = "{failed:,} of {all:,} writes failed; the first one: {first}"


@dataclass(frozen=True, slots=True)
class WriteOutcome(Generic[ModelT_co]):
    """The outcome of one write.

    Attributes:
        operation: The method that was called, such as `"create_many"`.
        collection: The collection of the document, by its name in the client.
        document_id: The document's id; None if it had no valid one.
        model: The created model with its id and the fields that the server set; or the model that the server refused to
            create or set.
        update_time: The time of the write; None if it failed, and for a delete.
        error: The reason why it failed; None if it was written.
    """

    operation: str | None
    collection: str | None
    document_id: str | None
    model: ModelT_co | None = None
    update_time: datetime | None = None
    error: StorageError | None = None


@dataclass(frozen=True, slots=True)
class WriteReport(Generic[ModelT_co]):
    """The outcomes of many writes.

    Attributes:
        outcomes: The outcomes of all writes, in input order.
        written: The number of writes that succeeded.
        failures: The number of writes that failed.
    """

    outcomes: Sequence[WriteOutcome[ModelT_co]]
    written: int
    failures: int

    @property
    def models(self) -> list[ModelT_co]:
        """The created models, with their ids and the fields that the server set."""
        return [outcome.model for outcome in self.succeeded if outcome.model is not None]

    @property
    def succeeded(self) -> list[WriteOutcome[ModelT_co]]:
        """The outcomes of the writes that succeeded."""
        return [outcome for outcome in self.outcomes if outcome.error is None]

    @property
    def failed(self) -> list[WriteOutcome[ModelT_co]]:
        """The outcomes of the writes that failed."""
        return [outcome for outcome in self.outcomes if outcome.error is not None]


class BulkWriteError(StorageError):
    """Some of many writes failed; the others succeeded.

    Attributes:
        report: The outcome of each write; after a `bulk_writer`, of the first 1,000 that failed.
    """

    report: WriteReport[pydantic.BaseModel]


@dataclass(frozen=True, slots=True)
class WriteProgress:
    """The progress of many writes.

    Attributes:
        written: The number of writes that have succeeded so far.
        failed: The number of writes that have failed for good.
    """

    written: int = 0
    failed: int = 0

    def after(self, outcomes: Iterable[WriteOutcome[ModelT_co]]) -> WriteProgress:
        """Return the progress with these outcomes counted as well."""
        errors = [outcome.error is not None for outcome in outcomes]
        return WriteProgress(self.written + errors.count(False), self.failed + errors.count(True))


def restated(error: StorageError, call: Call) -> StorageError:
    """Return an error of many writes as the error of one."""
    own = type(error)(
        error.message,
        operation=call.operation,
        collection=call.collection,
        document_id=call.document_id,
        retryable=error.retryable,
    )
    own.__cause__ = error
    return own


def failure(report: WriteReport[ModelT_co], call: Call) -> BulkWriteError:
    """Return the error for a report with failures."""
    errors = [outcome.error for outcome in report.failed if outcome.error is not None]
    total = report.written + report.failures
    error = BulkWriteError(
        _MESSAGE.format(failed=report.failures, all=total, first=errors[0]),
        operation=call.operation,
        collection=call.collection,
        retryable=all(error.retryable for error in errors),
    )
    error.report = report
    return error
