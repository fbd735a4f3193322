"""Writes that wait to be sent: each fills a message of a request, and knows what its outcome is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

import pydantic

from firestore_runtime.bulk.outcomes import WriteOutcome, restated
from firestore_runtime.codecs.decoding import read_timestamp
from firestore_runtime.paths import document_id

if TYPE_CHECKING:
    from datetime import datetime

    from firestore_runtime.errors import StorageError
    from firestore_runtime.options import Call
    from firestore_runtime.wire import Write, WriteResult

ModelT_co = TypeVar("ModelT_co", bound=pydantic.BaseModel, covariant=True)

_FRAMING = 6
"""Bytes that the message of a request needs around each write: a tag and a length."""


class QueuedWrite(ABC, Generic[ModelT_co]):
    """A write that waits to be sent.

    It makes itself in a message that is part of a request already: put in afterwards, the message would be copied,
    which costs more than all the rest of a write.

    Args:
        call: What it is, for its outcome.

    Attributes:
        call: What it is, for its outcome.
        model: What is created or set, once that has its id.
        message: The write, once it is filled in.
        size: Bytes that it takes in a request, then.
        position: Which one it is of those that belong together.
        may_have_applied: Whether an attempt at it failed and may have been applied all the same.
    """

    __slots__ = ("call", "may_have_applied", "message", "model", "position", "size")

    message: Write
    size: int

    def __init__(self, call: Call) -> None:
        self.call = call
        self.model: ModelT_co | None = None
        self.position = 0
        self.may_have_applied = False

    @property
    def name(self) -> str:
        """The full name of the document."""
        return self.message.delete or self.message.update.name

    @property
    def document_id(self) -> str:
        """The id of the document."""
        return document_id(self.name)

    def fill(self, message: Write) -> None:
        """Make an empty message the write.

        Raises:
            StorageError: There is no valid id, or a value cannot be stored.
        """
        with self.call:
            self._fill(message)
        self.hold(message)

    def hold(self, message: Write) -> None:
        """Take a message for the write."""
        self.message = message
        self.size = message.ByteSize() + _FRAMING

    @abstractmethod
    def _fill(self, message: Write) -> None:
        """Make an empty message the write."""

    def written(self, result: WriteResult) -> WriteOutcome[ModelT_co]:
        """Return the outcome of success."""
        time = read_timestamp(result.update_time) if result.HasField("update_time") else None
        return self._outcome(model=self._created(result), update_time=None if self.message.delete else time)

    def failed(self, error: StorageError) -> WriteOutcome[ModelT_co]:
        """Return the outcome of a failure, which may be that of a request that held other writes, too."""
        return self._outcome(model=self.model, error=error if error.document_id else restated(error, self.call))

    def _created(self, result: WriteResult) -> ModelT_co | None:
        """Return what was created, if this creates something."""
        return None

    def _outcome(
        self,
        *,
        model: ModelT_co | None,
        update_time: datetime | None = None,
        error: StorageError | None = None,
    ) -> WriteOutcome[ModelT_co]:
        call = self.call
        return WriteOutcome(call.operation, call.collection, call.document_id, model, update_time, error)


class GivenWrite(QueuedWrite[ModelT_co]):
    """A write that is there already, and is copied.

    Args:
        message: The write.
        call: What it is, for its outcome.
    """

    __slots__ = ()

    def __init__(self, message: Write, call: Call) -> None:
        super().__init__(call)
        self.hold(message)

    def _fill(self, message: Write) -> None:
        message.CopyFrom(self.message)


class DeleteByName(QueuedWrite[ModelT_co]):
    """Deletes a document that was found.

    Args:
        name: The full name of the document.
        call: What it belongs to.
    """

    __slots__ = ("_name",)

    def __init__(self, name: str, call: Call) -> None:
        super().__init__(call.about(document_id(name)))
        self._name = name

    def _fill(self, message: Write) -> None:
        message.delete = self._name
