"""Applying writes to documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime import wire
from firestore_runtime.embedded.semantics.edits import cut_times, delete_at, field_at, store
from firestore_runtime.embedded.semantics.lookup import read_path, value_at
from firestore_runtime.embedded.semantics.transforms import apply_transform
from firestore_runtime.errors import AlreadyExistsError, ConflictError, NotFoundError
from firestore_runtime.wire.sizes import check_document_size

if TYPE_CHECKING:
    from firestore_runtime.wire import Document, Precondition, Timestamp, Write, WriteResult


def written_name(write: Write) -> str:
    """Return the name of the document that a write is about."""
    return write.update.name if write.WhichOneof("operation") == "update" else write.delete


class PendingDocument:
    """A document to which the writes of one commit are applied. They count as one change of it.

    Args:
        before: The document as it is stored, or None if there is none. It is left as it is.
        time: The time of the commit.
    """

    def __init__(self, before: Document | None, time: Timestamp) -> None:
        self.before = before
        self._former = before  # None once it is deleted: what comes then is a new document
        self._after = before
        self._time = time
        self._results: list[WriteResult] = []

    def apply(self, write: Write) -> WriteResult:
        """Apply a write that `check_write` has accepted, and return its result, which `finish` completes.

        Raises:
            AlreadyExistsError: There is a document, and the write demands that there is none.
            NotFoundError: The write demands that there is one.
            ConflictError: The document was updated at another time than the write demands.
        """
        self._check(write.current_document)
        result = wire.WriteResult()
        self._results.append(result)
        if write.WhichOneof("operation") == "delete":
            self._former = self._after = None
            return result
        document = _merged(write, self._after) if write.HasField("update_mask") else _replacement(write)
        for transform in write.update_transforms:
            result.transform_results.append(apply_transform(transform, document, self._time))
        self._after = document
        return result

    def finish(self) -> Document | None:
        """Return the document as it is to be stored, or None if it is deleted, and complete the results.

        If the writes have changed nothing it is the same object as before, with its old update time.

        Raises:
            ValidationError: It is too large.
        """
        after = self._after
        if after is not None and after is not self.before:
            after = self._after = self._stamped(after)
        if after is not None:
            for result in self._results:
                result.update_time.CopyFrom(after.update_time)
        return after

    def _check(self, precondition: Precondition) -> None:
        kind = precondition.WhichOneof("condition_type")
        if kind == "exists" and precondition.exists and self._after is None:
            raise NotFoundError("the document does not exist")
        if kind == "exists" and not precondition.exists and self._after is not None:
            raise AlreadyExistsError("a document with this id exists already")
        if kind == "update_time" and (self.before is None or self.before.update_time != precondition.update_time):
            raise ConflictError("the document was updated at another time, or does not exist", retryable=False)

    def _stamped(self, after: Document) -> Document:
        check_document_size(after)
        if self._former is None:
            after.create_time.CopyFrom(self._time)
        else:
            after.create_time.CopyFrom(self._former.create_time)
            after.update_time.CopyFrom(self._former.update_time)
            if _are_same(self._former, after):
                return self._former
        after.update_time.CopyFrom(self._time)
        return after


def _replacement(write: Write) -> Document:
    document = wire.Document()
    document.CopyFrom(write.update)
    cut_times(document.fields)
    return document


def _merged(write: Write, current: Document | None) -> Document:
    """Change the fields that the mask names: those that the write has no value of are deleted."""
    document = wire.Document(name=write.update.name)
    if current is not None:
        document.CopyFrom(current)
    for text in write.update_mask.field_paths:
        path = read_path(text)
        value = value_at(write.update, path)
        if value is None:
            delete_at(document, path)
        else:
            store(value, field_at(document, path))
    return document


def _are_same(one: Document, other: Document) -> bool:
    """Whether two documents are the same: here 1 is not 1.0, nor 0.0 -0.0, but NaN is NaN."""
    return one.SerializeToString(deterministic=True) == other.SerializeToString(deterministic=True)
