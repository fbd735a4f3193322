"""Firestore's limits (https://firebase.google.com/docs/firestore/quotas), checked before anything is sent."""

from __future__ import annotations

import re
import secrets
import string

from firestore_runtime.errors import ValidationError

MAX_DOCUMENT_BYTES = 1_048_576
MAX_DOCUMENT_NAME_BYTES = 6_144
MAX_DOCUMENT_ID_BYTES = 1_500
MAX_FIELD_NAME_BYTES = 1_500
MAX_DISJUNCTIONS = 30
"""Of a query in disjunctive normal form: the product of its `in` lists and alternatives."""
MAX_NOT_IN = 10
MAX_FIELD_TRANSFORMS = 500
MAX_INEQUALITY_FIELDS = 10
MAX_CLAUSES = 100
"""Filters, orders and parents of a query; each value of a list counts as a filter."""
MAX_AGGREGATIONS = 5
"""Of one request."""
MAX_RESULTS = 2**31 - 1
"""The largest limit of a query, a number of 32 bits."""
MAX_NEAREST = 1_000
"""Documents that one search by vector can find."""
MAX_VECTOR_DIMENSION = 2_048
MAX_BATCH_WRITES = 500
"""Writes of one request that applies each of them for itself."""
MAX_REQUEST_BYTES = 10_485_760
MAX_DEPTH = 20
"""The deepest nesting of maps and arrays."""

_RESERVED = re.compile(r"__.*__", re.DOTALL)
_ID_ALPHABET = string.ascii_letters + string.digits


def new_document_id() -> str:
    """Make a random id of 20 letters and digits, as Google's own clients do.

    It does not start with the time: ids that grow monotonically send all writes to one tablet (a hot spot).
    """
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(20))


def check_id(value: object, what: str = "document id") -> str:
    """Return `value` if it is a valid document id (or another path segment, named by `what`).

    Raises:
        ValidationError: It is not a string, empty, longer than 1,500 bytes of UTF-8, or reserved.
    """
    if not isinstance(value, str):
        raise ValidationError(f"a {what} must be a string, not {type(value).__name__}: {value!r}")
    try:
        size = len(value.encode())
    except UnicodeEncodeError as error:
        raise ValidationError(f"{what} {value!r} is not valid Unicode: it cannot be encoded as UTF-8") from error
    if problem := _problem_of_id(value, size):
        raise ValidationError(f"{what} {_shortened(value)} {problem}")
    return value


def check_key(key: object) -> str:
    """Return `key` if a map can have it.

    Raises:
        ValidationError: It is not a string, empty, longer than 1,500 bytes of UTF-8, or reserved.
    """
    if not isinstance(key, str):
        raise ValidationError(f"the key {key!r} of a map is not a string but {type(key).__name__}")
    try:
        size = len(key.encode())
    except UnicodeEncodeError as error:
        raise ValidationError(f"the key {key!r} of a map is not valid Unicode: it has no UTF-8") from error
    if not key:
        raise ValidationError("a key of a map is empty")
    if size > MAX_FIELD_NAME_BYTES:
        limit = f"Firestore allows {MAX_FIELD_NAME_BYTES:,}"
        raise ValidationError(f"the key {_shortened(key)} of a map has {size:,} bytes of UTF-8; {limit}")
    if _RESERVED.fullmatch(key):
        raise ValidationError(f"the key {key!r} of a map is reserved by Firestore: '__…__' is not allowed")
    return key


def _problem_of_id(value: str, size: int) -> str | None:
    if not value:
        return "is empty"
    if size > MAX_DOCUMENT_ID_BYTES:
        return f"has {size:,} bytes of UTF-8; Firestore allows {MAX_DOCUMENT_ID_BYTES:,}"
    if "/" in value:
        return "contains a slash, which separates the segments of a path"
    if value in (".", "..") or _RESERVED.fullmatch(value):
        return "is reserved by Firestore: '.', '..' and '__…__' are not allowed"
    return None


def _shortened(value: str) -> str:
    return repr(value) if len(value) <= 80 else f"{value[:60]!r}…"


def check_name(name: str) -> str:
    """Return the full name of a document if it is not too long, as deep paths of long ids are.

    Raises:
        ValidationError: It has more than 6 KiB of UTF-8.
    """
    if len(name) * 4 > MAX_DOCUMENT_NAME_BYTES and (size := len(name.encode())) > MAX_DOCUMENT_NAME_BYTES:
        raise ValidationError(f"the document's name has {size:,} bytes; Firestore allows {MAX_DOCUMENT_NAME_BYTES:,}")
    return name
