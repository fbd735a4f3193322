"""Names of documents and paths of fields, as Firestore spells them."""

from __future__ import annotations

import re

FieldPath = tuple[str, ...]
"""The stored keys from a document's root to a field."""

DOCUMENT_ID: FieldPath = ("__name__",)
"""The pseudo field that holds a document's name."""

NAMESPACES = "namespaces"
"""The collection of the documents that the collections of namespaces lie below."""

_PLAIN_SEGMENT = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_SEGMENT = re.compile(r"`(?:[^`\\]|\\.)*`|[^.`]+", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def field_path(path: FieldPath) -> str:
    """Join the segments of a path; what is not a plain identifier is quoted with backticks.

    https://firebase.google.com/docs/firestore/reference/rpc/google.firestore.v1#structuredquery (FieldReference)
    """
    return ".".join(_quoted(segment) for segment in path)


def _quoted(segment: str) -> str:
    if _PLAIN_SEGMENT.fullmatch(segment):
        return segment
    escaped = segment.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"


def split_field_path(path: str) -> FieldPath:
    """Undo `field_path`."""
    return tuple(_unquoted(match) for match in _SEGMENT.findall(path))


def _unquoted(segment: str) -> str:
    return _ESCAPE.sub(r"\1", segment[1:-1]) if segment.startswith("`") else segment


def relative_path(name: str) -> str:
    """The path of a document below its database's root, from its full name."""
    return name.partition("/documents/")[2]


def document_id(name: str) -> str:
    """The last segment of a document's name."""
    return name.rsplit("/", 1)[1]
