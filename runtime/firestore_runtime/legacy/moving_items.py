"""The items and the agent data of the asynchronous manager, while they move to the current collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from firestore_runtime.legacy.item_shape import DataT, ItemShape, ItemT
from firestore_runtime.legacy.stored_items import StoredItems
from firestore_runtime.rollout._async.dual_store import AsyncDualStore
from firestore_runtime.rollout._async.stores import AsyncCurrentStore, AsyncOldStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from firestore_runtime.options import Options
    from firestore_runtime.rollout._async.stores import AsyncStores
    from firestore_runtime.rollout.layouts import Layout


class MovingItems(Generic[ItemT, DataT]):
    """The items and the agent data where the flags say that they are; see `rollout`.

    Every method raises errors of this package for what a store refuses, and built-in ones for what it is not asked.

    Args:
        stores: Where they may be.
        shape: What they look like.
        as_vectors: Whether embeddings of older documents are stored as vectors, instead of as arrays.
    """

    def __init__(self, stores: AsyncStores, shape: ItemShape[ItemT, DataT], *, as_vectors: bool) -> None:
        layouts = stores.rollout.layouts
        self._shape = shape
        self._items, self._agent_data = layouts["items"], layouts["agent_data"]
        old = StoredItems(AsyncOldStore(stores), shape, as_vectors=as_vectors)
        of_current = AsyncCurrentStore(stores, [self._items, self._agent_data])
        current = StoredItems(of_current, shape, as_vectors=True, compares_texts=False)
        self._dual_store = AsyncDualStore(old, current, stores)

    async def get(self, item_id: object) -> ItemT | None:
        """Return an item, or None if there is none.

        Raises:
            CorruptDocumentError: The document does not fit the model.
        """
        return await self._dual_store.read(_moving(self._items, item_id), "get", None, lambda store: store.get(item_id))

    async def is_answering(self, document_id: str, options: Options) -> bool:
        """Read a document with other options, whether it exists or not; that it returns is the answer."""
        return await self._dual_store.read(
            self._items, "is_answering", None, lambda store: store.is_answering(document_id, options)
        )

    async def save(self, item: ItemT, item_id: str) -> None:
        """Create or replace an item."""
        user = self._shape.items.fields.user.of(item)
        layout = _moving(self._items, item_id)
        staged = self._dual_store.stage(layout, user, item_id, lambda store: store.set_write(item, item_id))
        await self._dual_store.write([staged])

    async def save_agent_data(self, data: DataT, data_id: str) -> None:
        """Create or replace agent data."""
        agent = self._shape.agent_data.fields.agent.of(data)
        layout = _moving(self._agent_data, data_id)
        staged = self._dual_store.stage(layout, agent, data_id, lambda store: store.agent_data_write(data, data_id))
        await self._dual_store.write([staged])

    async def history(
        self, user: str, session: str | None, item_type: str | None, filters: Mapping[str, object], limit: int | None
    ) -> list[ItemT]:
        """Return the items of a user that meet all filters, newest first; see `StoredItems.history`."""
        return await self._dual_store.read(
            self._items, "history", user, lambda store: store.history(user, session, item_type, filters, limit)
        )

    async def nearest(self, user: str, persona: str | None, vector: Sequence[float], top_k: int | None) -> list[ItemT]:
        """Return the items of a user whose embeddings are most similar to a vector, without those that have expired."""
        return await self._dual_store.read(
            self._items, "nearest", user, lambda store: store.nearest(user, persona, vector, top_k)
        )

    async def has_text(self, user: str, text: str) -> bool:
        """Whether a user has an item with exactly this text."""
        return await self._dual_store.read(self._items, "has_text", user, lambda store: store.has_text(user, text))

    async def delete_expired(self, now: datetime) -> int:
        """Delete what expired before a time, agent data too, and return how many items that were."""
        await self._dual_store.delete_expired(
            self._agent_data,
            lambda store: store.expired_agent_data(now),
            lambda store, data_id: store.agent_data_delete_write(data_id),
        )
        return await self._dual_store.delete_expired(
            self._items, lambda store: store.expired(now), lambda store, item_id: store.delete_write(item_id)
        )


def _moving(layout: Layout, document_id: object) -> Layout | None:
    """The layout, unless an id leads to a collection further down: such documents stay where they are."""
    return None if isinstance(document_id, str) and "/" in document_id else layout
