"""Items and agent data as documents of the older shape: what the asynchronous manager reads and writes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic

from firestore_runtime.documents.untyped import Condition
from firestore_runtime.errors import CorruptDocumentError
from firestore_runtime.legacy.item_shape import (
    CONTENT_HASH,
    EMBEDDING,
    EXPIRATION,
    PERSONA,
    SESSION,
    TEXT,
    TIMESTAMP,
    TYPE,
    USER,
    DataT,
    ItemShape,
    ItemT,
    content_hash,
    is_long,
)
from firestore_runtime.legacy.values import as_operand, checked_path, located
from firestore_runtime.queries.nearest import checked_elements
from firestore_runtime.rollout._async.search import AsyncSearch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from firestore_runtime.documents.untyped import UntypedDocument
    from firestore_runtime.options import Options
    from firestore_runtime.rollout._async.translated import AsyncDocumentStore
    from firestore_runtime.wire import Write

_log = logging.getLogger(__name__)


class StoredItems(Generic[ItemT, DataT]):
    """The items and the agent data of a store: older documents, or current ones that look so.

    Every method raises errors of this package for what the store refuses, and built-in ones for what it is not asked.

    Args:
        store: The documents.
        shape: What items and agent data look like.
        as_vectors: Whether embeddings are stored as vectors, instead of as arrays.
        compares_texts: Whether texts can be compared with; otherwise their hashes are, and those of documents without
            one are read.
    """

    def __init__(
        self,
        store: AsyncDocumentStore,
        shape: ItemShape[ItemT, DataT],
        *,
        as_vectors: bool,
        compares_texts: bool = True,
    ) -> None:
        self._store = store
        self._shape = shape
        self._items = shape.items.path
        self._agent_data = shape.agent_data.path
        self._as_vectors = as_vectors
        self._compares_texts = compares_texts
        self._search = AsyncSearch(store, EMBEDDING)

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
        data, changes = self._shape.to_old_item(item, item_id, as_vector=self._as_vectors)
        path, document_id = located(self._items, item_id)
        return self._store.documents(path).set_write(document_id, data, changes)

    def agent_data_write(self, agent_data: DataT, data_id: str) -> Write:
        """Return the write that creates or replaces agent data."""
        data, changes = self._shape.to_old_agent_data(agent_data, data_id)
        path, document_id = located(self._agent_data, data_id)
        return self._store.documents(path).set_write(document_id, data, changes)

    async def history(
        self, user: str, session: str | None, item_type: str | None, filters: Mapping[str, object], limit: int | None
    ) -> list[ItemT]:
        """Return the items of a user that meet all filters, newest first, equally old ones by their ids, descending.

        Args:
            user: The user.
            session: The session, or nothing for any.
            item_type: What kind of items, or None for any.
            filters: What further fields are equal to, by their paths.
            limit: How many documents to read at most; those that do not fit the model are left out.

        Raises:
            ValueError: A path, a value or the limit is not valid.
            TypeError: A value has a type that Firestore does not know.
        """
        if limit == 0:
            return []
        if limit is not None and limit < 0:
            raise ValueError(f"limit is {limit}, but must not be negative")
        conditions = [Condition(USER, "==", as_operand(user))]
        if item_type is not None:
            conditions.append(Condition(TYPE, "==", item_type))
        if session:
            conditions.append(Condition(SESSION, "==", as_operand(session)))
        conditions += [Condition(checked_path(path), "==", as_operand(value)) for path, value in filters.items()]
        found = self._store.documents(self._items).query(conditions, [(TIMESTAMP, "desc")], limit)
        return [item async for document in found if (item := self._readable(document)) is not None]

    async def nearest(self, user: str, persona: str | None, vector: Sequence[float], top_k: int | None) -> list[ItemT]:
        """Return the items of a user whose embeddings are most similar to a vector, without those that have expired."""
        if top_k == 0:
            return []
        query = checked_elements(EMBEDDING, vector)
        conditions = [Condition(USER, "==", as_operand(user))]
        if persona:
            conditions.append(Condition(PERSONA, "==", as_operand(persona)))
        return await self._search.nearest(self._items, query, top_k, conditions, self._read_unexpired())

    async def has_text(self, user: str, text: str) -> bool:
        """Whether a user has an item with exactly this text.

        Firestore compares no fields with long texts. It compares their hashes, which older documents lack: unless there
        is an equal hash, all documents of the user are read then.
        """
        of_user = Condition(USER, "==", as_operand(user))
        if self._compares_texts and not is_long(text):
            return await self._has_text(text, [of_user, Condition(TEXT, "==", text)])
        hashed = Condition(CONTENT_HASH, "==", content_hash(text))
        return await self._has_text(text, [of_user, hashed]) or await self._has_text(text, [of_user])

    def expired(self, now: datetime) -> AsyncIterator[UntypedDocument]:
        """Yield the items that expired before a time."""
        return self._store.documents(self._items).query([Condition(EXPIRATION, "<", now)])

    def delete_write(self, item_id: str) -> Write:
        """Return the write that deletes an item."""
        return self._store.documents(self._items).delete_write(item_id)

    def expired_agent_data(self, now: datetime) -> AsyncIterator[UntypedDocument]:
        """Yield the agent data that expired before a time."""
        return self._store.documents(self._agent_data).query([Condition(EXPIRATION, "<", now)])

    def agent_data_delete_write(self, data_id: str) -> Write:
        """Return the write that deletes agent data."""
        return self._store.documents(self._agent_data).delete_write(data_id)

    async def _has_text(self, text: str, conditions: Sequence[Condition]) -> bool:
        async for document in self._store.documents(self._items).query(conditions):
            if document.data.get(TEXT) == text:
                return True
        return False

    def _readable(self, document: UntypedDocument) -> ItemT | None:
        """The item of a document, unless that does not fit the model."""
        try:
            return self._shape.from_old_item(document)
        except CorruptDocumentError as error:
            _log.warning("The document %r is left out: %s", document.id, error)
            return None

    def _read_unexpired(self) -> Callable[[UntypedDocument], ItemT | None]:
        now = datetime.now(UTC)

        def read(document: UntypedDocument) -> ItemT | None:
            expiration = document.data.get(EXPIRATION)
            return None if isinstance(expiration, datetime) and expiration < now else self._readable(document)

        return read
