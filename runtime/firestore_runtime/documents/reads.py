"""Reading stored documents as models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

import pydantic

from firestore_runtime.codecs.decoding import read_timestamp
from firestore_runtime.errors import CorruptDocumentError
from firestore_runtime.paths import document_id, relative_path
from firestore_runtime.values import DocumentPath

if TYPE_CHECKING:
    from datetime import datetime

    from firestore_runtime.collections.reference import CollectionReference
    from firestore_runtime.options import Call
    from firestore_runtime.wire import Document

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)

OnCorrupt: TypeAlias = Literal["raise", "skip"] | Callable[[CorruptDocumentError], None]
"""The handling of a document among many that does not fit the model; after a callback, the read continues."""


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[ModelT]):
    """A document as of the time when it was read.

    Attributes:
        value: The model.
        id: The document's id.
        path: The document's path below the root of its database.
        create_time: When the document was created.
        update_time: When the document was last changed; see `Options.if_updated_at`.
    """

    value: ModelT
    id: str
    path: DocumentPath
    create_time: datetime
    update_time: datetime


def read_model(reference: CollectionReference[ModelT], document: Document, call: Call) -> ModelT:
    """Return the model of a stored document.

    Raises:
        CorruptDocumentError: The document does not fit the model.
    """
    try:
        data = reference.schema.decode(document.fields, reference.context)
        id_field = reference.schema.id_field
        if id_field and data.get(id_field.key) is None:
            data[id_field.key] = document_id(document.name)
        return reference.schema.model.model_validate(data, by_alias=True, by_name=False)
    except (ValueError, OverflowError) as error:
        raise _corrupt(document, error, call) from error


def read_snapshot(reference: CollectionReference[ModelT], document: Document, call: Call) -> Snapshot[ModelT]:
    """Return a stored document with its times.

    Raises:
        CorruptDocumentError: The document does not fit the model.
    """
    return Snapshot(
        value=read_model(reference, document, call),
        id=document_id(document.name),
        path=DocumentPath(relative_path(document.name)),
        create_time=read_timestamp(document.create_time),
        update_time=read_timestamp(document.update_time),
    )


def read_or_report(
    reference: CollectionReference[ModelT], document: Document, call: Call, on_corrupt: OnCorrupt
) -> ModelT | None:
    """Return the model of a stored document, or None if it does not fit and `on_corrupt` lets it pass.

    Raises:
        CorruptDocumentError: The document does not fit the model, and `on_corrupt` is `"raise"`.
    """
    try:
        return read_model(reference, document, call)
    except CorruptDocumentError as error:
        if on_corrupt == "raise":
            raise
        if on_corrupt != "skip":
            on_corrupt(error)
        return None


def _corrupt(document: Document, error: Exception, call: Call) -> CorruptDocumentError:
    details = error.errors(include_url=False) if isinstance(error, pydantic.ValidationError) else []
    fields = tuple(".".join(str(part) for part in detail["loc"]) for detail in details)
    reasons = "; ".join(f"{field}: {detail['msg']}" for field, detail in zip(fields, details, strict=True))
    path = relative_path(document.name)
    corrupt = CorruptDocumentError(
        f"the stored document {path} does not fit its model: {reasons or error}",
        operation=call.operation,
        collection=call.collection,
        document_id=document_id(document.name),
    )
    corrupt.path = path
    corrupt.fields = fields
    return corrupt
