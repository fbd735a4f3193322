"""Changing the fields of documents by their paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime.embedded.semantics.keys import is_vector

if TYPE_CHECKING:
    from firestore_runtime.paths import FieldPath
    from firestore_runtime.wire import Document, MessageMap, Value


_KINDS_WITH_TIMES = {"timestamp_value", "array_value", "map_value"}


def field_at(document: Document, path: FieldPath) -> Value:
    """Return the value that a document has at a path, which is made if it has none.

    What is no map above the field becomes one. A value that was made must be given a type.
    """
    value = document.fields[path[0]]
    for key in path[1:]:
        if value.WhichOneof("value_type") != "map_value" or is_vector(value):
            value.ClearField("map_value")
            value.map_value.SetInParent()
        value = value.map_value.fields[key]
    return value


def delete_at(document: Document, path: FieldPath) -> None:
    """Delete the field of a document at a path, if it has one there. The maps above it stay, even if they are empty."""
    fields = document.fields
    for key in path[:-1]:
        value = fields.get(key)
        if value is None or is_vector(value):
            return
        fields = value.map_value.fields
    if path[-1] in fields:
        del fields[path[-1]]


def store(value: Value, target: Value) -> None:
    """Copy a value as Firestore stores it: times have microseconds, what is finer is cut off."""
    target.CopyFrom(value)
    _cut(target, target.WhichOneof("value_type"))


def cut_times(fields: MessageMap[Value]) -> None:
    """Cut the times in fields off at microseconds."""
    for value in fields.values():
        kind = value.WhichOneof("value_type")
        if kind in _KINDS_WITH_TIMES:
            _cut(value, kind)


def _cut(value: Value, kind: str | None) -> None:
    if kind == "timestamp_value":
        if rest := value.timestamp_value.nanos % 1_000:
            value.timestamp_value.nanos -= rest
    elif kind == "array_value":
        for element in value.array_value.values:
            _cut(element, element.WhichOneof("value_type"))
    elif kind == "map_value" and not is_vector(value):
        cut_times(value.map_value.fields)
