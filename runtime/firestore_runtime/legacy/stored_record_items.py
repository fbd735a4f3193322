"""Items and agent data as records: what the adapter of records reads and writes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic

from firestore_runtime.documents.untyped import Condition
from firestore_runtime.errors import CorruptDocumentError, MissingIndexError
from firestore_runtime.legacy.item_shape import DataT, ItemT
from firestore_runtime.legacy.record_item_shape import (
    AGENT_RECORD,
    CONTENT_HASH,
    EXPIRATION,
    ITEM_RECORD,
    RecordItemShape,
    history_conditions,
    is_expired,
)
from firestore_runtime.legacy.record_shape import CONTEXT, EMBEDDING, METADATA, PERSONA, TIMESTAMP
from firestore_runtime.legacy.values import as_operand, located, placed
from firestore_runtime.queries.nearest import checked_elements
from firestore_runtime.rollout._async.search import AsyncSearch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from firestore_runtime.documents.untyped import UntypedDocument
    from firestore_runtime.options import Options
    from firestore_runtime.rollout._async.translated import AsyncDocumentStore
    from firestore_runtime.wire import Write

_log = logging.getLogger(__name__)

_MAX_LIMIT = 2**31 - 2
"""Firestore's largest limit is one more."""
_NEVER = datetime.min.replace(tzinfo=UTC)


class StoredRecordItems(Generic[ItemT, DataT]):
    """The items and the agent data of a store that are kept as records: older documents, or current ones that look so.

    Every method raises errors of this package for what the store refuses, and built-in ones for what it is not asked.

    Args:
        store: The documents.
        shape: What items and agent data look like.
        items: The path of the items.
        agent_data: The path of the agent data.
        as_vectors: Whether embeddings are stored as vectors, instead of as arrays.
    """

    def __init__(
        self,
        store: AsyncDocumentStore,
        shape: RecordItemShape[ItemT, DataT],
        items: str,
        agent_data: str,
        *,
        as_vectors: bool,
    ) -> None:
        self._store = store
        self._shape = shape
        self._items = items
        self._agent_data = agent_data
        self._as_vectors = as_vectors
        self._search = AsyncSearch(store, EMBEDDING)
        self._without_index: set[object] = set()

    async def get(self, item_id: object) -> ItemT | None:
        """Return an item, or None if there is none.

        Raises:
            CorruptDocumentError: The document does not fit the model.
        """
        path, document_id = located(self._items, item_id)
        document = await self._store.documents(path).get(document_id)
        return None if document is None else self._shape.from_old_item(document)

    async def is_answering(self, document_id: str, options: Options) -> bool:
        """Read a document with other options, whether it exists or not; that it returns is the answer."""
        await self._store.documents(self._items, options).get(document_id)
        return True

    def set_write(self, item: ItemT, item_id: str) -> Write:
        """Return the write that creates or replaces an item."""
        path, document_id = placed(self._items, item_id)
        return self._store.documents(path).set_write(
            document_id, *self._shape.to_old_item(item, item_id, as_vector=self._as_vectors)
        )

    def agent_data_write(self, data: DataT, data_id: str) -> Write:
        """Return the write that creates or replaces agent data: as text if Firestore cannot store their content."""
        path, document_id = placed(self._agent_data, data_id)
        documents = self._store.documents(path)
        try:
            return documents.set_write(document_id, *self._shape.to_old_agent_data(data, data_id))
        except (TypeError, ValueError) as error:
            write = documents.set_write(document_id, *self._shape.to_old_agent_data(data, data_id, as_text=True))
            _log.warning("The content of the agent data %r is stored as text: %s", data_id, error)
            return write

    async def history(
        self, user: object, session: object, filters: Mapping[str, object], limit: int | None
    ) -> list[ItemT]:
        """Return the items of a user that meet all filters, newest first, equally old ones by their ids, ascending.

        Those without a time come last. What does not fit the model is left out before the limit counts.

        Args:
            user: The user.
            session: The session, or nothing for any.
            filters: What further fields are equal to, by their names in items.
            limit: How many; None for all, a negative number leaves out so many of the last ones.

        Raises:
            ValueError: A path or a value is not valid.
            TypeError: A value has a type that Firestore does not know.
        """
        conditions = history_conditions(user, session, filters)
        if limit == 0:
            return []
        index = frozenset(condition.field_path for condition in conditions)
        if index not in self._without_index and limit is not None and 0 < limit <= _MAX_LIMIT:
            try:
                newest = await self._newest(conditions, limit)
                if newest is not None:
                    return newest
            except MissingIndexError as error:
                self._without_index.add(index)  # nor will the next query find one
                _log.warning("Without an index, histories by %s are read as a whole: %s", sorted(index), error)
        found = self._store.documents(self._items).query(conditions)
        return self._newest_first([document async for document in found])[:limit]

    async def _newest(self, conditions: Sequence[Condition], limit: int) -> list[ItemT] | None:
        """Let the store order; return None if it does not find enough items, or orders them otherwise than by time."""
        items = self._store.documents(self._items)
        found = [document async for document in items.query(conditions, [(TIMESTAMP, "desc")], limit + 1)]
        if not all(isinstance(document.data[TIMESTAMP], datetime) for document in found):
            return None  # it puts texts before times
        if len(found) > limit:  # of those that are as old as the last one, it has found the last ids first
            last = found[limit].data[TIMESTAMP]
            found = [document for document in found if document.data[TIMESTAMP] > last]
            if len(found) < limit:
                equal = items.query([*conditions, Condition(TIMESTAMP, "==", last)], limit=limit - len(found))
                found += [document async for document in equal]
        newest = self._newest_first(found)
        return newest if len(newest) == limit else None

    async def nearest(
        self, user: object, persona: str | None, vector: Sequence[float], top_k: int | None
    ) -> list[ItemT]:
        """Return the items of a user whose embeddings are most similar to a vector, without those that have expired."""
        if top_k == 0:
            return []
        query = checked_elements(EMBEDDING, vector)
        conditions = [Condition(CONTEXT, "==", as_operand(user))]
        if persona:
            conditions.append(Condition(PERSONA, "==", as_operand(persona)))
        read = self._read_unexpired(datetime.now(UTC))
        return await self._search.nearest(self._items, query, top_k, conditions, read)

    async def has_hash(self, user: object, content_hash: object) -> bool:
        """Whether a user has an item with this hash in its metadata."""
        of_user = Condition(CONTEXT, "==", as_operand(user))
        hashed = Condition(f"{METADATA}.{CONTENT_HASH}", "==", as_operand(content_hash))
        found = self._store.documents(self._items).query([of_user, hashed], limit=1)
        return [document async for document in found] != []

    async def expired(self, now: datetime) -> AsyncIterator[UntypedDocument]:
        """Yield the items that expired before a time; other records stay."""
        async for document in self._expired(self._items, EXPIRATION, ITEM_RECORD, now):
            yield document
        async for document in self._expired(self._items, f"{METADATA}.{EXPIRATION}", ITEM_RECORD, now):
            if document.data.get(EXPIRATION) is None:  # nor has it been found already
                yield document

    def delete_write(self, item_id: str) -> Write:
        """Return the write that deletes an item."""
        return self._store.documents(self._items).delete_write(item_id)

    def expired_agent_data(self, now: datetime) -> AsyncIterator[UntypedDocument]:
        """Yield the agent data that expired before a time."""
        return self._expired(self._agent_data, EXPIRATION, AGENT_RECORD, now)

    def agent_data_delete_write(self, data_id: str) -> Write:
        """Return the write that deletes agent data."""
        return self._store.documents(self._agent_data).delete_write(data_id)

    async def _expired(
        self, path: str, field_path: str, record_type: str, now: datetime
    ) -> AsyncIterator[UntypedDocument]:
        async for document in self._store.documents(path).query([Condition(field_path, "<", now)]):
            if is_expired(document, record_type, now):
                yield document

    def _newest_first(self, documents: Sequence[UntypedDocument]) -> list[ItemT]:
        """The items of documents by time, equally old ones by id; those without a time come last."""
        found: list[tuple[datetime, ItemT]] = []
        for document in sorted(documents, key=lambda document: document.id):
            item = self._readable(document)
            if item is not None:
                found.append((self._shape.items.fields.time.of(item) if TIMESTAMP in document.data else _NEVER, item))
        found.sort(key=lambda each: each[0], reverse=True)  # equal ones stay in their order
        return [item for _, item in found]

    def _readable(self, document: UntypedDocument) -> ItemT | None:
        """The item of a document, unless that does not fit the model."""
        try:
            return self._shape.from_old_item(document)
        except CorruptDocumentError as error:
            _log.warning("The document %r is left out: %s", document.id, error)
            return None

    def _read_unexpired(self, now: datetime) -> Callable[[UntypedDocument], ItemT | None]:
        def read(document: UntypedDocument) -> ItemT | None:
            item = self._readable(document)
            expiration = None if item is None else self._shape.items.fields.expiration.of(item)
            return None if expiration is not None and expiration < now else item

        return read
