"""The notation of documents' values in JSON, both ways, without loss.

What JSON has is written as it is: an integer without a point, a double with a point or an exponent. Any other value is
an object with one key, which names its type: `{"$bytes": "AAE="}`. A map that looks like one is in another one,
`{"$map": {"$bytes": 1}}`.
"""

from __future__ import annotations

import json
import math
import re
from base64 import b64decode, b64encode
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeGuard

from firestore_runtime.codecs.context import ENCODING_ERRORS, Context
from firestore_runtime.codecs.decoding import decode_any
from firestore_runtime.codecs.untyped import encode_any
from firestore_runtime.collections.reference import namespace_segments
from firestore_runtime.values import DocumentPath, GeoPoint, Vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firestore_runtime.wire import Value

_EXAMPLES = {
    "$bytes": '{"$bytes": "AAE="}',
    "$double": '{"$double": "NaN"}, or "Infinity" or "-Infinity"',
    "$geopoint": '{"$geopoint": [52.5, 13.4]}, degrees of latitude and longitude',
    "$map": '{"$map": {"$key": "a map whose only key begins with a dollar sign"}}',
    "$reference": '{"$reference": "books/b1"}, the path of a document',
    "$timestamp": '{"$timestamp": "2024-01-01T12:00:00Z"}',
    "$vector": '{"$vector": [0.1, 0.2]}',
}
"""Every type that JSON lacks, as it is written."""

_FULL_NAME = re.compile(r"projects/[^/]+/databases/[^/]+/documents/.")
_FULL_NAMES = Context("", "")
"""Reads and writes references as full names."""


class Notation:
    """Writes and reads the values of a database's documents, in a namespace or outside of any.

    Paths are relative to the namespace, so that what is read in another one means the documents there. A path that
    begins with a slash leads from a namespace to what lies outside of it. A document of another database has its full
    name as its path.

    Args:
        database: `projects/P/databases/D`.
        namespace: The namespace, if any.
    """

    def __init__(self, database: str, namespace: str | None) -> None:
        self._root = f"{database}/documents/"
        self._base = "/".join([f"{database}/documents", *namespace_segments(namespace), ""])

    def path(self, name: str) -> str:
        """The path of a document, from its full name."""
        if name.startswith(self._base):
            return name.removeprefix(self._base)
        return f"/{name.removeprefix(self._root)}" if name.startswith(self._root) else name

    def name(self, path: str) -> str:
        """The full name of a document, from its path."""
        if path.startswith("/"):
            return self._root + path.removeprefix("/")
        return path if _FULL_NAME.match(path) else self._base + path

    def to_json(self, value: Value) -> object:
        """Return a value as what `json.dumps` writes; the keys of maps are sorted."""
        return self._json_of(decode_any(value, _FULL_NAMES))

    def write(self, value: Value, given: object) -> None:
        """Fill a value with what `json.loads` read.

        Raises:
            ValueError: It is no value, or none that Firestore can store. Other `ENCODING_ERRORS` mean the same.
        """
        encode_any(value, self._item_of(given), _FULL_NAMES)

    def _json_of(self, item: object) -> object:
        match item:
            case float():
                return item if math.isfinite(item) else {"$double": json.dumps(item)}
            case DocumentPath():
                return {"$reference": self.path(item)}
            case datetime():
                return {"$timestamp": item.isoformat().replace("+00:00", "Z")}
            case bytes():
                return {"$bytes": b64encode(item).decode()}
            case GeoPoint():
                return {"$geopoint": [item.latitude, item.longitude]}
            case Vector():
                return {"$vector": item if _are_plain(item) else [self._json_of(element) for element in item]}
            case list():
                return [self._json_of(element) for element in item]
            case dict():
                written = {key: self._json_of(item[key]) for key in sorted(item)}
                return {"$map": written} if _is_typed(written) else written
            case _:
                return item

    def _item_of(self, given: object) -> object:
        match given:
            case dict() if _is_typed(given):
                return self._typed(*next(iter(given.items())))
            case dict():
                return {key: self._item_of(part) for key, part in given.items()}
            case list():
                return [self._item_of(part) for part in given]
            case float() if math.isinf(given):
                raise ValueError(f"a number is too large for 64 bits; infinity is {_EXAMPLES['$double']}")
            case _:
                return given

    def _typed(self, key: str, content: object) -> object:
        """Return the value of an object whose only key names a type."""
        if key not in _EXAMPLES:
            hint = f'write a map with this key as {{"$map": {{"{key}": …}}}}'
            raise ValueError(f"{key} is no type, as {', '.join(_EXAMPLES)} are; {hint}")
        if key == "$map" and isinstance(content, dict):
            return {inner: self._item_of(part) for inner, part in content.items()}
        try:
            return self._leaf(key, content)
        except ENCODING_ERRORS as error:
            shown = json.dumps({key: content}, ensure_ascii=False)
            raise ValueError(f"write {_EXAMPLES[key]}, not {shown[:80]}") from error

    def _leaf(self, key: str, content: object) -> object:
        match key, content:
            case "$bytes", str():
                return b64decode(content, validate=True)
            case "$double", "NaN" | "Infinity" | "-Infinity":
                return float(content)
            case "$geopoint", [latitude, longitude]:
                return GeoPoint(self._number(latitude), self._number(longitude))
            case "$reference", str():
                return DocumentPath(self.name(content))
            case "$timestamp", str():
                return _timestamp(content)
            case "$vector", [_, *_]:
                return Vector(content if _are_plain(content) else map(self._number, content))
        raise ValueError(f"{key} holds something else")

    def _number(self, given: object) -> float:
        item = self._item_of(given)
        if isinstance(item, bool) or not isinstance(item, (int, float)):
            raise ValueError(f"{given!r} is not a number")
        return float(item)


def _is_typed(mapping: dict[str, object]) -> bool:
    return len(mapping) == 1 and next(iter(mapping)).startswith("$")


def _are_plain(elements: Sequence[Any]) -> TypeGuard[Sequence[float]]:  # of whatever JSON or the store holds
    """Whether the elements of a vector are doubles that JSON has, so that none of them needs a closer look."""
    return set(map(type, elements)) == {float} and all(map(math.isfinite, elements))


def _timestamp(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("it has no offset from UTC")
    return moment
