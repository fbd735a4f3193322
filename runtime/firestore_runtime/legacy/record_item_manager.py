"""The older adapter of records (`packages.shared.src.memory.firestore_adapter`), on top of this library.

It reads and writes the documents that the older one does, in the same collections, so both may run side by side.
docs/migration.md lists what it does differently.
"""

from __future__ import annotations

import logging
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from firestore_runtime import errors
from firestore_runtime.legacy.failures import NOT_INITIALIZED, ManagerError, failing
from firestore_runtime.legacy.item_shape import DataT, ItemT
from firestore_runtime.legacy.record_item_connection import ManagerT, RecordItemConnection
from firestore_runtime.legacy.record_item_shape import CONTENT_HASH
from firestore_runtime.legacy.values import is_empty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from firestore_runtime.legacy.interface import Persona


_QUERY_FAILED = "Failed to query records from Firestore", "Unexpected error querying records"

_log = logging.getLogger(__name__)


class RecordItemManager(RecordItemConnection[ItemT, DataT, ManagerT]):
    """The memory of agents in a Firestore database, kept as records.

    `initialize` initialises `firestore_manager`, which finds the credentials, and works with these on a connection of
    its own for each event loop. `from_client` works on any store instead.

    Every other method but `close` and `health_check` raises a `RuntimeError` until then. All other failures are
    `RuntimeError`s too; each also is a `StorageError` of this package, and knows its `original_exception`.
    """

    async def add_memory_item(self, item: ItemT) -> str:
        """Create or replace an item, and return its id, which is a new one unless it has one. It is not changed.

        Raises:
            RuntimeError: A value cannot be stored, the id has slashes, or the store fails.
        """
        old = self._old()
        fields = self._shape.items.fields
        item_id = fields.id.of(item) or _new_id("memory", fields.time.of(item))
        with failing(ManagerError, f"Failed to save record {item_id} to Firestore", "Unexpected error saving record"):
            await old.save(item, item_id)
        return item_id

    async def get_memory_item(self, item_id: str) -> ItemT | None:
        """Return an item, or None if there is none, no document can have this id, or it does not fit the model.

        Raises:
            RuntimeError: The store fails, and `raise_read_errors` is set; otherwise that, too, gives None.
        """
        old = self._old()
        failed = f"Failed to retrieve record {item_id} from Firestore"
        try:
            with failing(ManagerError, failed, "Unexpected error retrieving record"):
                return await old.get(item_id)
        except ManagerError as error:
            if self._raise_read_errors and _is_failure_of_store(error.original_exception):
                raise
            _log.warning("There is no item that can be read: %s", error)
            return None

    async def get_conversation_history(
        self,
        user_id: str,
        session_id: str | None = None,
        limit: int | None = 20,
        filters: Mapping[str, Any] | None = None,
    ) -> list[ItemT]:
        """Return a user's items of all types, newest first, equally old ones by their ids.

        Documents without a time come last, and those that do not fit the model are left out.

        Args:
            user_id: The user.
            session_id: The session; without one, all of them.
            limit: How many; None for all, a negative number leaves out so many of the last ones.
            filters: What further fields are equal to: `persona_active`, or the path of something in the metadata, with
                `metadata.` before it or without.

        Raises:
            RuntimeError: A path or a value is not valid, or the store fails.
        """
        old = self._old()
        with failing(ManagerError, *_QUERY_FAILED):
            return await old.history(user_id, session_id, filters or {}, limit)

    async def semantic_search(
        self,
        user_id: str,
        query_embedding: Sequence[float],
        persona_context: Persona | None = None,
        top_k: int | None = 5,
    ) -> list[ItemT]:
        """Return the items of a user that are nearest in meaning to a vector, by cosine, the nearest first.

        Items without an embedding of this length are left out, and so are those that have expired. Among equally near
        ones, those with the lesser ids come first. Nothing is near to an empty vector.

        Args:
            user_id: The user.
            query_embedding: The vector.
            persona_context: Whose items they must be; without one, or if its name is empty, anybody's.
            top_k: How many; None for all, a negative number leaves out so many of the last ones.

        Raises:
            RuntimeError: The vector holds something that is no finite number, or the store fails.
        """
        old = self._old()
        if is_empty(query_embedding):
            return []
        persona = None if persona_context is None else persona_context.name
        with failing(ManagerError, "Failed to perform semantic search", "Unexpected error performing semantic search"):
            return await old.nearest(user_id, persona, query_embedding, top_k)

    async def add_raw_agent_data(self, data: DataT) -> str:
        """Create or replace data of an agent, and return their id, which is a new one unless they have one.

        Their content is stored as it is, or as `str(content)` if Firestore knows no such value.

        Raises:
            RuntimeError: Something else cannot be stored, the id has slashes, or the store fails.
        """
        old = self._old()
        data_id = self._shape.agent_data.fields.id.of(data) or _new_id(
            "agent_data", self._shape.agent_data.fields.time.of(data)
        )
        with failing(ManagerError, f"Failed to save record {data_id} to Firestore", "Unexpected error saving record"):
            await old.save_agent_data(data, data_id)
        return data_id

    async def check_duplicate(self, item: ItemT) -> bool:
        """Whether the item's user has one with the same `content_hash` in its metadata; without a hash, never.

        Raises:
            RuntimeError: The store fails.
        """
        content_hash = self._shape.items.fields.metadata.of(item).get(CONTENT_HASH)
        if not content_hash:
            return False
        old = self._old(NOT_INITIALIZED)
        with failing(ManagerError, *_QUERY_FAILED):
            return await old.has_hash(self._shape.items.fields.user.of(item), content_hash)

    async def cleanup_expired_items(self) -> int:
        """Delete items and agent data that have expired, 400 at once, and return how many items that were.

        Raises:
            RuntimeError: The store fails; what was deleted before stays so.
        """
        old = self._old()
        with failing(ManagerError, "Failed to clean up expired items", "Unexpected error cleaning up expired items"):
            return await old.delete_expired(datetime.now(UTC))


def _new_id(prefix: str, time: datetime) -> str:
    """Make an id that no other object has, whatever their times."""
    return f"{prefix}_{time.isoformat()}_{uuid.uuid4().hex}"


def _is_failure_of_store(error: Exception | None) -> bool:
    """Whether an error is one of the store or of the way to it, instead of an id or a document that is not valid."""
    return isinstance(error, errors.StorageError) and not isinstance(
        error, (errors.CorruptDocumentError, errors.ValidationError)
    )
