"""Documents as dictionaries: for shapes that no model describes, such as those that older programs have stored.

A time without an offset is in UTC, as Google's own client has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from firestore_runtime import wire
from firestore_runtime.codecs.context import ENCODING_ERRORS, Context
from firestore_runtime.codecs.decoding import decode_any, read_timestamp
from firestore_runtime.errors import ValidationError
from firestore_runtime.fields.changes import Change
from firestore_runtime.limits import check_key
from firestore_runtime.naive_datetimes import encode_any
from firestore_runtime.paths import document_id, field_path
from firestore_runtime.wire.sizes import check_document_size

if TYPE_CHECKING:
    from datetime import datetime

    from firestore_runtime.wire import Document, Write

Operator: TypeAlias = Literal["==", "<", "<=", ">", ">="]
UntypedChange: TypeAlias = Change[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class UntypedDocument:
    """A document as it is stored.

    Attributes:
        id: Its id.
        data: Its fields: vectors are `Vector`, times aware datetimes in UTC.
        update_time: When it was changed last.
        message: The document itself.
    """

    id: str
    data: dict[str, Any]
    update_time: datetime
    message: Document = field(repr=False, compare=False)

    def differences(self, write: Write) -> set[str]:
        """Return the fields that a write which replaces the document would change."""
        own, other = _as_bytes(self.message), _as_bytes(write.update)
        return {key for key in {*own, *other} if own.get(key) != other.get(key)}


@dataclass(frozen=True, slots=True)
class Condition:
    """A field, by its path as Firestore spells it, and what it is compared with; null and NaN equal themselves."""

    field_path: str
    operator: Operator
    value: object


def _as_bytes(document: Document) -> dict[str, bytes]:
    """Something to compare fields by: in Python 1 equals True, and NaN does not equal itself."""
    return {key: value.SerializeToString(deterministic=True) for key, value in document.fields.items()}


def read_untyped(document: Document, context: Context) -> UntypedDocument:
    """Read a document."""
    data = {key: decode_any(value, context) for key, value in document.fields.items()}
    return UntypedDocument(document_id(document.name), data, read_timestamp(document.update_time), document)


def untyped_write(name: str, data: Mapping[str, object], changes: Iterable[UntypedChange], context: Context) -> Write:
    """Make the write that creates or replaces a document.

    Args:
        name: The full name of the document.
        data: Its fields.
        changes: What the server makes of fields then, such as its own time.
        context: Where it lies.

    Raises:
        ValidationError: A value cannot be stored, or the document is too large.
    """
    write = wire.Write(update=wire.Document(name=name))
    for key, item in data.items():
        try:
            encode_any(write.update.fields[check_key(key)], item, context)
        except ENCODING_ERRORS as error:
            raise ValidationError(f"{key}: {error}") from error
    for change in changes:
        try:
            change.write(write, context)
        except ENCODING_ERRORS as error:
            raise ValidationError(f"{field_path(change.path)}: {error}") from error
    check_document_size(write.update)
    return write


def if_unchanged(write: Write, document: UntypedDocument | None) -> Write:
    """Return a write that is applied only if its document still is as it was read, or still does not exist."""
    if document is None:
        write.current_document.exists = False
    else:
        write.current_document.update_time.CopyFrom(document.message.update_time)
    return write
