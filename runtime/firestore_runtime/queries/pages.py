"""Pages of a query's results, and the cursors that lead from one to the next.

A cursor is text that can be stored anywhere, such as in a URL. It holds the position where the page ended and a
fingerprint of it and of the query, so that it is refused for another query, or after tampering.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Generic, TypeVar

import pydantic

from firestore_runtime import wire
from firestore_runtime.errors import ValidationError
from firestore_runtime.policy.resume import order_fully, start_after

if TYPE_CHECKING:
    from firestore_runtime.queries.statements import Statement
    from firestore_runtime.wire import Document, RunQueryRequest

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)

_FINGERPRINT_BYTES = 12
_COUNT_BYTES = 8


@dataclass(frozen=True, slots=True)
class Page(Generic[ModelT]):
    """Some of a query's results.

    Attributes:
        items: The documents.
        cursor: The start of the next page; None if there is none. Even after a full page there may be nothing.
    """

    items: list[ModelT]
    cursor: str | None


class Pager:
    """The way through the pages of a query.

    Args:
        statement: The query.
        size: The number of documents in a page.
        cursor: The start of the first page to read, or None for the beginning.

    Raises:
        ValidationError: The cursor belongs to another query, or is not one, or the query counts from its end.
    """

    def __init__(self, statement: Statement[ModelT], size: int, cursor: str | None) -> None:
        if statement.from_end:
            raise ValidationError("a query that counts from its end has no pages: reverse its order instead")
        self._query = statement.request()
        self._limit = statement.limit
        self._size = size
        self._seen = 0
        self._asked = size
        self._position: wire.Cursor | None = None
        if cursor is not None:
            self._read(cursor)

    def request(self) -> RunQueryRequest:
        """Make the request for the next page."""
        request = wire.RunQueryRequest()
        request.CopyFrom(self._query)
        query = request.structured_query
        if self._position is not None:
            order_fully(query)
            query.start_at.CopyFrom(self._position)
        self._asked = self._size if self._limit is None else min(self._size, self._limit - self._seen)
        query.limit.value = self._asked
        return request

    def advance(self, last: Document | None, received: int) -> str | None:
        """Record a page, and return the cursor of the next one, if there may be one."""
        self._seen += received
        if last is None or received < self._asked or self._seen == self._limit:
            return None
        query = wire.StructuredQuery()
        query.CopyFrom(self._query.structured_query)
        start_after(query, last)
        self._position = query.start_at
        return self._text()

    def _text(self) -> str:
        position = b"" if self._position is None else self._position.SerializeToString()
        data = self._seen.to_bytes(_COUNT_BYTES, "big") + position
        return urlsafe_b64encode(self._fingerprint(data) + data).decode().rstrip("=")

    def _read(self, cursor: str) -> None:
        try:
            text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            fingerprint, data = text[:_FINGERPRINT_BYTES], text[_FINGERPRINT_BYTES:]
        except (TypeError, ValueError) as error:
            raise ValidationError(f"{cursor!r} is not a cursor of a page") from error
        if fingerprint != self._fingerprint(data):
            raise ValidationError("the cursor is of another query, or has been changed")
        self._seen = int.from_bytes(data[:_COUNT_BYTES], "big")
        self._position = wire.Cursor.FromString(data[_COUNT_BYTES:])

    def _fingerprint(self, data: bytes) -> bytes:
        query = self._query.SerializeToString(deterministic=True)
        return sha256(query + data).digest()[:_FINGERPRINT_BYTES]
