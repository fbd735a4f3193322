"""The part of a document that a query asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime import wire
from firestore_runtime.embedded.semantics.lookup import read_path, value_at
from firestore_runtime.paths import DOCUMENT_ID

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firestore_runtime.paths import FieldPath
    from firestore_runtime.wire import Document, Projection, Value


def read_projection(projection: Projection) -> tuple[FieldPath, ...]:
    """Return the fields that are asked for.

    Raises:
        ValidationError: One is no path of a field.
    """
    return tuple(read_path(field.field_path) for field in projection.fields)


def projected(document: Document, fields: Iterable[FieldPath]) -> Document:
    """Return a document with nothing but some fields of another one; what it lacks is left out."""
    part = wire.Document(name=document.name)
    part.create_time.CopyFrom(document.create_time)
    part.update_time.CopyFrom(document.update_time)
    for path in fields:
        if path != DOCUMENT_ID and (value := value_at(document, path)) is not None:
            _place(part, path).CopyFrom(value)
    return part


def _place(document: Document, path: FieldPath) -> Value:
    """The value at a path, which is made together with the maps above it."""
    value = document.fields[path[0]]
    for key in path[1:]:
        value = value.map_value.fields[key]
    return value
