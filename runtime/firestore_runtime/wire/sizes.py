"""Sizes of documents in bytes, as Firestore counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime.errors import ValidationError
from firestore_runtime.limits import MAX_DOCUMENT_BYTES

if TYPE_CHECKING:
    from firestore_runtime.wire import Document, MessageMap, Value

_DOCUMENT_OVERHEAD = 32
_NAME_OVERHEAD = 16
_SCALAR_BYTES = {"null_value": 1, "boolean_value": 1, "geo_point_value": 16}
_NUMBER_BYTES = 8


def check_document_size(document: Document) -> None:
    """Refuse a document that is larger than 1 MiB by Firestore's way of counting.

    Raises:
        ValidationError: It is.
    """
    # At worst, the point (0, 0), a value takes 4 bytes in the message and counts 16.
    if document.ByteSize() * 4 <= MAX_DOCUMENT_BYTES:
        return
    size = document_size(document)
    if size > MAX_DOCUMENT_BYTES:
        raise ValidationError(f"the document has {size:,} bytes; Firestore allows {MAX_DOCUMENT_BYTES:,}")


def document_size(document: Document) -> int:
    """Count the bytes of a document as Firestore does (https://firebase.google.com/docs/firestore/storage-size)."""
    path = document.name.partition("/documents/")[2]
    name = _NAME_OVERHEAD + sum(_text_size(segment) for segment in path.split("/"))
    return _DOCUMENT_OVERHEAD + name + _fields_size(document.fields)


def _text_size(text: str) -> int:
    return len(text.encode()) + 1


def _fields_size(fields: MessageMap[Value]) -> int:
    return sum(_text_size(key) + _value_size(value) for key, value in fields.items())


def _value_size(value: Value) -> int:
    kind = value.WhichOneof("value_type") or "null_value"
    match kind:
        case "string_value":
            return _text_size(value.string_value)
        case "bytes_value":
            return len(value.bytes_value)
        case "reference_value":
            path = value.reference_value.partition("/documents/")[2]
            return _NAME_OVERHEAD + sum(_text_size(segment) for segment in path.split("/"))
        case "array_value":
            return sum(_value_size(element) for element in value.array_value.values)
        case "map_value":
            return _fields_size(value.map_value.fields)
        case _:
            return _SCALAR_BYTES.get(kind, _NUMBER_BYTES)
