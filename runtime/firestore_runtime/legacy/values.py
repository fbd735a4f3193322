"""What the older managers could store and ask for: whatever Google's client takes, which is more than this package.

Sets are stored as arrays, models as maps, Google's own geopoints, references and vectors as such; its transforms
(`SERVER_TIMESTAMP`, `Increment` and so on) are left to the server. What Google's client refused by itself raises the
same built-in exception here, before anything is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from datetime import datetime
from typing import Any, TypeAlias

import pydantic
from google.cloud import firestore
from google.cloud.firestore_v1.field_path import FieldPath as GoogleFieldPath
from google.cloud.firestore_v1.vector import Vector as GoogleVector

from firestore_runtime.documents.untyped import UntypedChange
from firestore_runtime.fields.changes import (
    ArrayTransform,
    NumericTransform,
    SetServerTimestamp,
)
from firestore_runtime.limits import new_document_id
from firestore_runtime.naive_datetimes import encode_any
from firestore_runtime.paths import FieldPath
from firestore_runtime.values import DocumentPath, GeoPoint, Vector

_Transform: TypeAlias = "Callable[[FieldPath, Any], UntypedChange]"  # of Google's classes, which share no base
_Given: TypeAlias = Mapping[Any, object]  # whose keys need not be the strings that they should be


def as_stored(data: Mapping[str, object]) -> tuple[dict[str, object], list[UntypedChange]]:
    """Return the fields of a document, and what the server makes of others, for `UntypedCollection.set`.

    Raises:
        TypeError: A value has a type that Firestore does not know.
        ValueError: A value or a key cannot be written.
    """
    changes: list[UntypedChange] = []
    return _map(data, (), changes), changes


def as_operand(value: object) -> object:
    """Return a value to compare with.

    Raises:
        TypeError: It has a type that Firestore does not know.
        ValueError: It cannot be written.
    """
    return _converted(value, (), None)


def checked_path(path: str) -> str:
    """Return the path of a field, as Firestore spells it, if it is one.

    Raises:
        ValueError: A key in it is not quoted with backticks that must be, such as one with spaces or dashes.
    """
    GoogleFieldPath.from_api_repr(path)
    return path


def checked_collection(collection: str) -> str:
    """Return the path of a collection if it is one.

    Raises:
        ValueError: It is that of a document.
    """
    if collection.count("/") % 2:
        raise ValueError("A collection must have an odd number of path elements")
    return collection


def located(collection: str, document_id: object) -> tuple[str, str]:
    """Return the path of the collection and the id of a document: slashes in its id lead to a collection further down.

    That is where documents with such ids lie. New ones are refused (`placed`). The id None stands for one that
    no document has.

    Raises:
        ValueError: The segments do not alternate between collections and documents.
        TypeError: The id is no string.
    """
    checked_collection(collection)
    if document_id is None:
        return collection, new_document_id()
    if not isinstance(document_id, str):
        raise TypeError(f"the id of a document must be a string, not {type(document_id).__name__}: {document_id!r}")
    if document_id.count("/") % 2:
        raise ValueError("A document must have an even number of path elements")
    path, _, last = f"{collection}/{document_id}".rpartition("/")
    return path, last


def placed(collection: str, document_id: object) -> tuple[str, str]:
    """Return the path of the collection and the id of a document that is to be written.

    Raises:
        ValueError: As by `located`, or the id has slashes: no query of its collection would find the document.
        TypeError: The id is no string.
    """
    path, last = located(collection, document_id)
    if path != collection:
        raise ValueError(f"the id {document_id!r} has slashes, which would put the document into another collection")
    return path, last


def is_empty(vector: object) -> bool:
    """Whether there is nothing in a vector; an array of NumPy's has no truth value of its own."""
    return len(vector) == 0 if isinstance(vector, Sized) else not vector


def _map(data: _Given, path: FieldPath, changes: list[UntypedChange] | None) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, item in data.items():
        if not isinstance(key, str) or not key:
            raise ValueError(f"a key of a map must be a string that is not empty, not {key!r}")
        make = _TRANSFORMS.get(type(item))
        if make is not None and changes is not None:
            changes.append(make((*path, key), item))
        else:
            found[key] = _converted(item, (*path, key), changes)
    return found


def _converted(value: object, path: FieldPath, changes: list[UntypedChange] | None) -> object:
    if type(value) in _AS_THEY_ARE:
        return value
    match value:
        case str():
            value.encode()  # what is not Unicode fails here
            return value
        case int():
            if not -(2**63) <= value < 2**63:
                raise ValueError(f"Value out of range: {value}")
            return value
        case pydantic.BaseModel():
            return _map(value.model_dump(), path, changes)
        case dict():
            return _map(value, path, changes)
        case list() | tuple() | set() | frozenset():
            return [_converted(item, path, None) for item in value]  # arrays take no transforms
        case GoogleVector():
            return Vector(value)
        case firestore.GeoPoint():
            return GeoPoint(value.latitude, value.longitude)
        case firestore.DocumentReference():
            return DocumentPath(value._document_path)
        case float() | bytes() | datetime():
            return value
        case _:
            raise TypeError("Cannot convert to a Firestore Value", value, "Invalid type", type(value))


_AS_THEY_ARE = {type(None), bool, float, bytes, datetime, DocumentPath, GeoPoint, Vector}


def _array(kind: Any) -> _Transform:  # a literal, which a type of one cannot pass on
    return lambda path, given: ArrayTransform(path, kind, [as_operand(item) for item in given.values], encode_any)


def _number(kind: Any) -> _Transform:  # as above
    return lambda path, given: NumericTransform(path, kind, as_operand(given.value), encode_any)


def _sentinel(path: FieldPath, given: object) -> UntypedChange:
    if given is not firestore.SERVER_TIMESTAMP:
        raise ValueError("Cannot apply DELETE_FIELD in a set request without specifying 'merge=True'")
    return SetServerTimestamp(path)


_TRANSFORMS: dict[type, _Transform] = {
    type(firestore.SERVER_TIMESTAMP): _sentinel,
    firestore.ArrayUnion: _array("append_missing_elements"),
    firestore.ArrayRemove: _array("remove_all_from_array"),
    firestore.Increment: _number("increment"),
    firestore.Maximum: _number("maximum"),
    firestore.Minimum: _number("minimum"),
}
"""Google's transforms, and how each becomes a change of the field at a path."""
