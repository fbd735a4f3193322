"""Writes to one collection that are to be sent together with others."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

import pydantic

from firestore_runtime.bulk.batches import QueuedWrite
from firestore_runtime.bulk.outcomes import restated
from firestore_runtime.documents.writes import (
    create_write,
    created_model,
    delete_write,
    set_write,
    update_write,
    with_id,
)
from firestore_runtime.errors import StorageError, ValidationError
from firestore_runtime.options import Call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firestore_runtime.collections.reference import CollectionReference
    from firestore_runtime.fields.changes import Change
    from firestore_runtime.options import Options
    from firestore_runtime.wire import Write

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
class WriteMaker(Generic[ModelT]):
    """Makes the writes of one operation on one collection, in messages that are part of a request already.

    Every method raises a `ValidationError` if there is no valid id, or a value cannot be stored.

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

    def create(self, entry: Entry, write: Write) -> QueuedWrite[ModelT]:
        """Make `write` one that creates a document."""
        with self._call_for(entry) as call:
            document_id, model = with_id(self.reference, entry.model, entry.document_id, generate=True)
            create_write(self.reference, model, document_id, self.options.if_updated_at, write)
            created = partial(created_model, self.reference, model, write)
            return QueuedWrite(write, call.about(document_id), model, created)

    def set(self, entry: Entry, write: Write) -> QueuedWrite[ModelT]:
        """Make `write` one that creates a document or replaces it."""
        with self._call_for(entry) as call:
            document_id, model = with_id(self.reference, entry.model, entry.document_id, generate=False)
            set_write(self.reference, model, document_id, self.options.if_updated_at, write)
            return QueuedWrite(write, call.about(document_id), model)

    def update(
        self, document_id: str, changes: Sequence[Change[ModelT]], patch: Mapping[str, object], write: Write
    ) -> QueuedWrite[ModelT]:
        """Make `write` one that changes fields of a document."""
        with self._call_for(Entry(document_id=document_id)) as call:
            update_write(self.reference, document_id, changes, patch, self.options.if_updated_at, write)
            return QueuedWrite(write, call)

    def delete(self, document_id: str, write: Write) -> QueuedWrite[ModelT]:
        """Make `write` one that deletes a document."""
        with self._call_for(Entry(document_id=document_id)) as call:
            delete_write(self.reference, document_id, self.options.if_updated_at, write)
            return QueuedWrite(write, call)

    def _call_for(self, entry: Entry) -> Call:
        document_id, id_field = entry.document_id, self.reference.schema.id_field
        if document_id is None and id_field:
            document_id = getattr(entry.model, id_field.name, None) or None
        call = self.call(document_id)
        if entry.error:
            raise restated(entry.error, call)
        return call
