"""Fields of documents by their paths."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from firestore_runtime import wire
from firestore_runtime.embedded.semantics.keys import is_vector
from firestore_runtime.errors import ValidationError
from firestore_runtime.limits import MAX_DEPTH, MAX_FIELD_NAME_BYTES
from firestore_runtime.paths import DOCUMENT_ID, split_field_path

if TYPE_CHECKING:
    from firestore_runtime.paths import FieldPath
    from firestore_runtime.wire import Document, Value

_SEGMENT = r"(?:[A-Za-z_][A-Za-z_0-9]*|`(?:[^`\\]|\\.)+`)"
_PATH = re.compile(rf"{_SEGMENT}(?:\.{_SEGMENT})*", re.DOTALL)
_RESERVED = re.compile(r"__.*__", re.DOTALL)


@lru_cache(maxsize=4096)
def read_path(text: str) -> FieldPath:
    """Return the path of a field from what a message says.

    Raises:
        ValidationError: It is no path, has a reserved name in it, or is too long.
    """
    if not _PATH.fullmatch(text):
        raise ValidationError(
            f"{text[:100]!r} is no path of a field: quote what is no identifier, as in `pen-name`.first"
        )
    path = split_field_path(text)
    if len(text.encode()) > MAX_FIELD_NAME_BYTES:
        raise ValidationError(f"the path {text[:60]!r}… of a field has more than {MAX_FIELD_NAME_BYTES:,} bytes")
    if len(path) > MAX_DEPTH:
        raise ValidationError(f"the path {text[:60]!r}… of a field has more than {MAX_DEPTH} keys")
    if path != DOCUMENT_ID and any(map(_RESERVED.fullmatch, path)):
        raise ValidationError(f"the path {text!r} of a field has a reserved name in it: '__…__' is not allowed")
    return path


def value_at(document: Document, path: FieldPath) -> Value | None:
    """Return the value that a document has at a path, or None if it has none there.

    The path of the document's id gives a reference to the document. Vectors are stored as maps, but have no fields.
    """
    if path == DOCUMENT_ID:
        return wire.Value(reference_value=document.name)
    value = document.fields.get(path[0])
    for key in path[1:]:
        if value is None or is_vector(value):
            return None
        value = value.map_value.fields.get(key)
    return value
