"""Firestore's rules for the names of documents."""

from __future__ import annotations

import re
from functools import lru_cache

from firestore_runtime.errors import ValidationError
from firestore_runtime.limits import check_id, check_name

_DATABASE = re.compile(r"projects/[^/]+/databases/[^/]+")


def check_document_name(name: str, database: str) -> None:
    """Refuse what cannot be the name of a document.

    Args:
        name: The name.
        database: The database that it must be in, `projects/P/databases/D`.

    Raises:
        ValidationError: It is in another database, has an id that is not valid, or is too long.
    """
    collection, _, document_id = name.rpartition("/")
    _check_collection(collection, database)
    check_id(document_id)
    check_name(name)


def check_reference(name: str) -> None:
    """Refuse a reference to what cannot be a document, in whatever database.

    Raises:
        ValidationError: It is no name of a document.
    """
    database = name.partition("/documents/")[0]
    if not _DATABASE.fullmatch(database):
        form = "projects/P/databases/D/documents/COLLECTION/ID"
        raise ValidationError(f"{name[:100]!r} is no name of a document, which has the form {form}")
    check_document_name(name, database)


@lru_cache(maxsize=1024)
def _check_collection(name: str, database: str) -> None:
    """Refuse what cannot be the name of a collection. Most documents are in one of few collections."""
    root = f"{database}/documents/"
    segments = name.removeprefix(root).split("/")
    if not name.startswith(root) or len(segments) % 2 == 0:
        raise ValidationError(f"no document is below {name[:100]!r}: its name has the form {root}COLLECTION/ID")
    for position, segment in enumerate(segments):
        check_id(segment, "document id" if position % 2 else "collection id")
