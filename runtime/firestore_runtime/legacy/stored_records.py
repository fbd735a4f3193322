"""Records as documents of the older shape: what the synchronous manager reads and writes."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Generic

from firestore_runtime.documents.untyped import Condition
from firestore_runtime.errors import CorruptDocumentError
from firestore_runtime.legacy.record_shape import CONTEXT, EMBEDDING, ID, PERSONA, TIMESTAMP, RecordShape, RecordT
from firestore_runtime.legacy.values import as_operand, checked_collection, checked_path, located, placed
from firestore_runtime.rollout._sync.search import Search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firestore_runtime.documents.untyped import Operator, UntypedDocument
    from firestore_runtime.options import Options
    from firestore_runtime.rollout._sync.translated import DocumentStore
    from firestore_runtime.wire import Write

_log = logging.getLogger(__name__)

_RANGE: Mapping[str, Operator] = {"start": ">=", "end": "<="}


class StoredRecords(Generic[RecordT]):
    """The records of a store: older documents, or current ones that look so.

    Every method raises errors of this package for what the store refuses, and built-in ones for what it is not asked.

    Args:
        store: The documents.
        shape: What records look like.
    """

    def __init__(self, store: DocumentStore, shape: RecordShape[RecordT]) -> None:
        self._store = store
        self._shape = shape
        self._search = Search(store, EMBEDDING)

    def get(self, collection: str, record_id: object) -> RecordT | None:
        """Return a record, or None if there is none.

        Raises:
            CorruptDocumentError: The document does not fit the model.
        """
        path, document_id = located(collection, record_id)
        document = self._store.documents(path).get(document_id)
        return None if document is None else self._shape.from_old(document)

    def is_answering(self, collection: str, document_id: str, options: Options) -> bool:
        """Read a document with other options, whether it exists or not; that it returns is the answer."""
        self._store.documents(collection, options).get(document_id)
        return True

    def set_write(self, collection: str, record: RecordT) -> Write:
        """Return the write that creates or replaces a record."""
        data, changes = self._shape.to_old(record)
        path, document_id = placed(collection, data[ID])
        return self._store.documents(path).set_write(document_id, data, changes)

    def exists(self, collection: str, record_id: object) -> bool:
        """Whether there is a record, be it as it may."""
        path, document_id = located(collection, record_id)
        return self._store.documents(path).get(document_id) is not None

    def delete_write(self, collection: str, record_id: object) -> Write:
        """Return the write that deletes a record."""
        path, document_id = located(collection, record_id)
        return self._store.documents(path).delete_write(document_id)

    def matching(self, collection: str, filters: Mapping[str, object]) -> list[RecordT]:
        """Return the records that meet all filters, by id, or by time if a span of time is among them."""
        found = self._store.documents(checked_collection(collection)).query(list(_conditions(filters)))
        return [record for record in map(self._readable, found) if record is not None]

    def nearest(
        self, collection: str, context: str, persona: str | None, query: Sequence[float], top_k: int | None
    ) -> list[RecordT]:
        """Return the records of a context whose embeddings are most similar to a vector, the most similar first."""
        conditions = list(_conditions({CONTEXT: context} | ({PERSONA: persona} if persona else {})))
        return self._search.nearest(checked_collection(collection), query, top_k, conditions, self._readable)

    def _readable(self, document: UntypedDocument) -> RecordT | None:
        """The record of a document, unless that does not fit the model."""
        try:
            return self._shape.from_old(document)
        except CorruptDocumentError as error:
            _log.warning("The document %r is left out: %s", document.id, error)
            return None


def _conditions(filters: Mapping[str, object]) -> Iterator[Condition]:
    for key, value in filters.items():
        path = checked_path(key)
        if key == TIMESTAMP and isinstance(value, dict):
            yield from (Condition(path, _RANGE[bound], _limit(value[bound])) for bound in _RANGE if bound in value)
        else:
            yield Condition(path, "==", as_operand(value))


def _limit(value: object) -> object:
    if value is None or value != value:
        raise ValueError(f"a span of time cannot start or end with {value!r}")
    return as_operand(value)
