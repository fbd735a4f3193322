"""Writes of models to one collection that are to be sent together with others."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import pydantic

from firestore_runtime.bulk.outcomes import restated
from firestore_runtime.bulk.queued_writes import QueuedWrite
from firestore_runtime.documents.writes import (
    create_write,
    created_model,
    delete_write,
    set_write,
    update_write,
    with_id,
)
from firestore_runtime.errors import ValidationError
from firestore_runtime.options import Call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firestore_runtime.collections.reference import CollectionReference
    from firestore_runtime.errors import StorageError
    from firestore_runtime.fields.changes import Change
    from firestore_runtime.options import Options
    from firestore_runtime.wire import Write, WriteResult

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


@dataclass(slots=True)
class Entry:
    """One of many things that were given to be written.

    Attributes:
        model: The model, if it is one.
        document_id: The id of its document, if it was given.
        error: Why it cannot be written.
    """

    model: object = None
    document_id: str | None = None
    error: StorageError | None = None

    def check(self, call: Call) -> None:
        """Refuse to write it, if there is a reason.

        Raises:
            StorageError: The reason.
        """
        if self.error:
            raise restated(self.error, call)


def entry_of(given: object) -> Entry:
    """Take apart what was given: a model, or its id with the model behind it."""
    if isinstance(given, tuple) and len(given) == 2:
        return Entry(model=given[1], document_id=given[0])
    return Entry(model=given)


def check_many(items: object) -> None:
    """Refuse a single thing where many are needed.

    Raises:
        ValidationError: It is not iterable, or is by accident.
    """
    if isinstance(items, (str, bytes, Mapping, pydantic.BaseModel)) or not isinstance(items, (Iterable, AsyncIterable)):
        raise ValidationError(f"many are needed here, such as a list, not {type(items).__name__}")


@dataclass(frozen=True, slots=True)
class Destination(Generic[ModelT]):
    """The target of writes: a collection, and the operation that they belong to.

    Attributes:
        reference: The collection.
        options: What applies to its calls.
        operation: The operation, for outcomes.
    """

    reference: CollectionReference[ModelT]
    options: Options
    operation: str

    def call(self, document_id: str | None) -> Call:
        """Describe the call that a write is."""
        return Call(self.operation, self.reference.schema.name, document_id, self.options)

    def call_for(self, entry: Entry) -> Call:
        """Describe the call that the write of an entry is."""
        document_id, id_field = entry.document_id, self.reference.schema.id_field
        if document_id is None and id_field:
            document_id = getattr(entry.model, id_field.name, None) or None
        return self.call(document_id)


class CreateWrite(QueuedWrite[ModelT]):
    """Creates a document."""

    __slots__ = ("_destination", "_entry")

    def __init__(self, destination: Destination[ModelT], entry: Entry) -> None:
        super().__init__(destination.call_for(entry))
        self._destination = destination
        self._entry = entry

    def _fill(self, message: Write) -> None:
        self._entry.check(self.call)
        reference, options = self._destination.reference, self._destination.options
        document_id, model = with_id(reference, self._entry.model, self._entry.document_id, generate=True)
        create_write(reference, model, document_id, options.if_updated_at, message)
        self.model, self.call = model, self.call.about(document_id)

    def _created(self, result: WriteResult) -> ModelT | None:
        if self.model is None:
            return None
        return created_model(self._destination.reference, self.model, self.message, result)


class SetWrite(QueuedWrite[ModelT]):
    """Creates a document or replaces it."""

    __slots__ = ("_destination", "_entry")

    def __init__(self, destination: Destination[ModelT], entry: Entry) -> None:
        super().__init__(destination.call_for(entry))
        self._destination = destination
        self._entry = entry

    def _fill(self, message: Write) -> None:
        self._entry.check(self.call)
        reference, options = self._destination.reference, self._destination.options
        document_id, model = with_id(reference, self._entry.model, self._entry.document_id, generate=False)
        set_write(reference, model, document_id, options.if_updated_at, message)
        self.model, self.call = model, self.call.about(document_id)


class UpdateWrite(QueuedWrite[ModelT]):
    """Changes fields of a document.

    Args:
        destination: Where it goes.
        document_id: The id of the document.
        changes: What changes.
        patch: New values of fields, by their Python names.
    """

    __slots__ = ("_changes", "_destination", "_document_id", "_patch")

    def __init__(
        self,
        destination: Destination[ModelT],
        document_id: str,
        changes: Sequence[Change[ModelT]],
        patch: Mapping[str, object],
    ) -> None:
        super().__init__(destination.call(document_id))
        self._destination = destination
        self._document_id = document_id
        self._changes = changes
        self._patch = patch

    def _fill(self, message: Write) -> None:
        reference, options = self._destination.reference, self._destination.options
        update_write(reference, self._document_id, self._changes, self._patch, options.if_updated_at, message)


class DeleteWrite(QueuedWrite[ModelT]):
    """Deletes a document."""

    __slots__ = ("_destination", "_document_id")

    def __init__(self, destination: Destination[ModelT], document_id: str) -> None:
        super().__init__(destination.call(document_id))
        self._destination = destination
        self._document_id = document_id

    def _fill(self, message: Write) -> None:
        delete_write(self._destination.reference, self._document_id, self._destination.options.if_updated_at, message)
