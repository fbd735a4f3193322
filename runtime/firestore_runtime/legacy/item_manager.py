"""The older asynchronous manager (`packages.shared.src.storage.firestore.firestore_memory`), on top of this library.

It reads and writes the documents that the older one does, in the same collections, so both may run side by side.
docs/migration.md lists what it does differently.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from firestore_runtime.errors import CorruptDocumentError
from firestore_runtime.legacy import storage
from firestore_runtime.legacy.failures import failing
from firestore_runtime.legacy.item_connection import ItemConnection
from firestore_runtime.legacy.item_shape import TYPE, USER, DataT, ItemT
from firestore_runtime.legacy.storage import ValidationError
from firestore_runtime.legacy.values import is_empty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from firestore_runtime.legacy.interface import Persona


class StorageError(storage.StorageError):
    """An operation failed. An argument that is not valid is none of these here: handlers may name both in any order."""


class ItemManager(ItemConnection[ItemT, DataT]):
    """The memory of agents in a Firestore database.

    `initialize` makes clients of Google's, `_client` and `_async_client`, for programs that use these themselves, and
    works with their credentials on a connection of its own for each event loop. `from_client` works on any store
    instead, and leaves both None.

    `initialize` and `close` have done their work when they return; their results may be awaited, and need not be. Every
    other method but `health_check` raises a `RuntimeError` until then. All other failures are `StorageError`s, but for
    the `ValidationError`s that a method names; each knows its `original_exception`.
    """

    async def add_memory_item(self, item: ItemT) -> str:
        """Create or replace an item, and return its id. One without an id is given one, once it is stored.

        Raises:
            ValidationError: The item has no user.
            StorageError: A value cannot be stored, or the store fails.
        """
        old = self._old()
        if not self._shape.items.fields.user.of(item):
            raise ValidationError("user_id is required for memory items")
        item_id = self._shape.items.fields.id.of(item) or str(uuid.uuid4())
        with failing(StorageError, "Failed to save memory item to Firestore", "Unexpected error saving memory item"):
            await old.save(item, item_id)
        self._shape.items.fields.id.assign(item, item_id)
        return item_id

    async def get_memory_item(self, item_id: str) -> ItemT | None:
        """Return an item, or None if there is none.

        Raises:
            StorageError: No document can have this id, the document does not fit the model, or the store fails.
        """
        old = self._old()
        failed, unexpected = (
            f"Failed to retrieve memory item {item_id} from Firestore",
            "Unexpected error retrieving memory item",
        )
        with failing(StorageError, failed, unexpected):
            try:
                return await old.get(item_id)
            except CorruptDocumentError as error:
                raise StorageError(f"{unexpected}: {error}", error) from error

    async def get_conversation_history(
        self,
        user_id: str,
        session_id: str | None = None,
        limit: int | None = 20,
        filters: Mapping[str, Any] | None = None,
    ) -> list[ItemT]:
        """Return a user's conversation, newest first.

        Args:
            user_id: The user.
            session_id: The session; without one, all of them.
            limit: How many documents to read at most, None for all; those that do not fit the model are left out then.
            filters: What further fields are equal to, by their paths: `metadata.k` reaches into maps. `user_id` is
                ignored, and `item_type` is unless `history_item_type` is None.

        Raises:
            StorageError: A path, a value or the limit is not valid, or the store fails.
        """
        old = self._old()
        item_type = self._history_item_type
        ignored = {USER} if item_type is None else {USER, TYPE}
        failed = "Failed to retrieve conversation history from Firestore"
        with failing(StorageError, failed, "Unexpected error retrieving conversation history"):
            others = {key: value for key, value in (filters or {}).items() if key not in ignored}
            return await old.history(user_id, session_id, item_type, others, limit)

    async def semantic_search(
        self,
        user_id: str,
        query_embedding: Sequence[float],
        persona_context: Persona | None = None,
        top_k: int | None = 5,
    ) -> list[ItemT]:
        """Return the items of a user that are nearest in meaning to a vector, by cosine, the nearest first.

        Items without an embedding of this length are left out, and so are those that have expired. Among equally near
        ones, those with the lesser ids come first.

        Args:
            user_id: The user.
            query_embedding: The vector.
            persona_context: Whose items they must be; without one, or if its name is empty, anybody's.
            top_k: How many; None for all, a negative number leaves out so many of the last ones.

        Raises:
            ValidationError: The vector is empty.
            StorageError: The vector holds something that is no finite number, or the store fails.
        """
        old = self._old()
        if is_empty(query_embedding):
            raise ValidationError("Query embedding cannot be empty")
        persona = None if persona_context is None else persona_context.name
        failed = "Failed to perform semantic search in Firestore"
        with failing(StorageError, failed, "Unexpected error performing semantic search"):
            return await old.nearest(user_id, persona, query_embedding, top_k)

    async def add_raw_agent_data(self, data: DataT) -> str:
        """Create or replace data of an agent, and return its id. Data without an id are given one, once stored.

        Raises:
            ValidationError: The data are of no agent.
            StorageError: A value cannot be stored, or the store fails.
        """
        old = self._old()
        if not self._shape.agent_data.fields.agent.of(data):
            raise ValidationError("agent_id is required for agent data")
        data_id = self._shape.agent_data.fields.id.of(data) or str(uuid.uuid4())
        with failing(StorageError, "Failed to save agent data to Firestore", "Unexpected error saving agent data"):
            await old.save_agent_data(data, data_id)
        self._shape.agent_data.fields.id.assign(data, data_id)
        return data_id

    async def check_duplicate(self, item: ItemT) -> bool:
        """Whether the item's user has one with exactly the same text, however long; without a text, never.

        Raises:
            StorageError: The store fails.
        """
        old = self._old()
        text = self._shape.items.fields.text.of(item)
        if not text:
            return False
        failed = "Failed to check for duplicates in Firestore"
        with failing(StorageError, failed, "Unexpected error checking for duplicates"):
            return await old.has_text(self._shape.items.fields.user.of(item), text)

    async def cleanup_expired_items(self) -> int:
        """Delete items and agent data that have expired, 400 at once, and return how many items that were.

        Raises:
            StorageError: The store fails; what was deleted before stays so.
        """
        old = self._old()
        failed = "Failed to clean up expired items in Firestore"
        with failing(StorageError, failed, "Unexpected error cleaning up expired items"):
            return await old.delete_expired(datetime.now(UTC))
