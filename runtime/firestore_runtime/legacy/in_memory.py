"""The older manager that keeps everything in memory: for tests, and where there is no Firestore."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from firestore_runtime._sync.untyped import UntypedCollection
from firestore_runtime.documents.untyped import Condition
from firestore_runtime.embedded import EmbeddedBackend
from firestore_runtime.legacy.failures import NotInitializedError
from firestore_runtime.legacy.interface import MemoryManager
from firestore_runtime.legacy.item_shape import EXPIRATION, ID, SESSION, USER, DataT, ItemShape, ItemT
from firestore_runtime.options import Options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from firestore_runtime.documents.untyped import UntypedChange, UntypedDocument
    from firestore_runtime.legacy.interface import MemoryHealth, Persona

_ITEMS, _AGENT_DATA = "memory_items", "agent_data"
_HASH = "content_hash"
_NOT_INITIALIZED = "Memory manager is not initialized"
_OPTIONS = Options()


class InMemoryManager(MemoryManager[ItemT, DataT]):
    """The memory of agents in an embedded store of this object's own, which is gone when it is closed.

    What is added is stored as Firestore would store it: as a copy, of values that Firestore knows. Items with an id
    that is there already are stored as well; the first one is what `get_memory_item` finds.

    Args:
        namespace: A name, which separates nothing: no two managers share anything.

    Attributes:
        namespace: The name.
        hashes: The `content_hash` in the metadata of every item that was added.
    """

    _shape: ItemShape[ItemT, DataT]
    """Which a package's subclass is bound to."""

    def __init__(self, namespace: str = "default") -> None:
        self.namespace = namespace
        self.hashes: set[str] = set()
        self._is_initialized = False
        self._store: EmbeddedBackend | None = None
        self._numbers = count()

    @property
    def memory_items(self) -> list[ItemT]:
        """All items, in the order in which they were added."""
        return [self._shape.from_old_item(document) for document in self._find(_ITEMS)]

    @property
    def agent_data(self) -> list[DataT]:
        """All data of agents, in the order in which they were added."""
        return [self._shape.from_old_agent_data(document) for document in self._find(_AGENT_DATA)]

    async def initialize(self) -> None:
        """Open the store. Again, it does nothing."""
        if self._store is None:
            self._store = EmbeddedBackend(None, strict_indexes=False)
        self._is_initialized = True

    async def close(self) -> None:
        """Forget everything. It may be called more than once, and `initialize` again afterwards."""
        store, self._store = self._store, None
        self._is_initialized = False
        self.hashes.clear()
        if store is not None:
            store.close()

    async def add_memory_item(self, item: ItemT) -> str:
        """Store an item, and return its id, which is a new one unless it has one. The item is not changed.

        Raises:
            RuntimeError: The manager is not initialised.
            TypeError: A value has a type that Firestore does not know.
            ValueError: A value cannot be stored.
        """
        self._check()
        item_id = self._shape.items.fields.id.of(item) or f"memory_{uuid.uuid4().hex}"
        self._add(_ITEMS, *self._shape.to_old_item(item, item_id))
        if hash_ := self._shape.items.fields.metadata.of(item).get(_HASH):
            self.hashes.add(hash_)
        return item_id

    async def get_memory_item(self, item_id: str) -> ItemT | None:
        """Return an item, or None if there is none.

        Raises:
            RuntimeError: The manager is not initialised.
        """
        self._check()
        return next(map(self._shape.from_old_item, self._find(_ITEMS, [Condition(ID, "==", item_id)], limit=1)), None)

    async def get_conversation_history(
        self,
        user_id: str,
        session_id: str | None = None,
        limit: int | None = 20,
        filters: Mapping[str, Any] | None = None,
    ) -> list[ItemT]:
        """Return a user's items of all types, newest first, equally old ones in the order in which they were added.

        Args:
            user_id: The user.
            session_id: The session; without one, all of them.
            limit: How many; None for all, a negative number leaves out so many of the last ones.
            filters: They have never had an effect here.

        Raises:
            RuntimeError: The manager is not initialised.
        """
        self._check()
        conditions = [Condition(USER, "==", user_id)]
        if session_id:
            conditions.append(Condition(SESSION, "==", session_id))
        found = list(map(self._shape.from_old_item, self._find(_ITEMS, conditions)))
        found.sort(key=lambda item: self._shape.items.fields.time.of(item), reverse=True)
        return found[:limit]

    async def semantic_search(
        self,
        user_id: str,
        query_embedding: Sequence[float],
        persona_context: Persona | None = None,
        top_k: int | None = 5,
    ) -> list[ItemT]:
        """Return nothing: this manager has never searched by meaning."""
        return []

    async def add_raw_agent_data(self, data: DataT) -> str:
        """Store data of an agent, and return their id, which is a new one unless they have one. They are not changed.

        Raises:
            RuntimeError: The manager is not initialised.
            TypeError: A value has a type that Firestore does not know.
            ValueError: A value cannot be stored.
        """
        self._check()
        data_id = self._shape.agent_data.fields.id.of(data) or f"agent_data_{uuid.uuid4().hex}"
        self._add(_AGENT_DATA, *self._shape.to_old_agent_data(data, data_id))
        return data_id

    async def check_duplicate(self, item: ItemT) -> bool:
        """Whether an item with the same `content_hash` in its metadata was added, whoever's it is."""
        return self._shape.items.fields.metadata.of(item).get(_HASH) in self.hashes

    async def cleanup_expired_items(self) -> int:
        """Delete items and agent data that have expired, and return how many items that were.

        Raises:
            RuntimeError: The manager is not initialised.
        """
        self._check()
        now = datetime.now(UTC)
        self._delete_expired(_AGENT_DATA, now)
        return self._delete_expired(_ITEMS, now)

    async def health_check(self) -> MemoryHealth:
        """Tell how much there is; it is always healthy."""
        return {
            "status": "healthy",
            "firestore": False,
            "redis": False,
            "error_count": 0,
            "details": {
                "provider": "in_memory",
                "items_count": len(self._find(_ITEMS)),
                "agent_data_count": len(self._find(_AGENT_DATA)),
            },
        }

    def _check(self) -> None:
        if not self._is_initialized:
            raise NotInitializedError(_NOT_INITIALIZED)

    def _add(self, path: str, data: dict[str, object], changes: list[UntypedChange]) -> None:
        """Store a document under the next number, so that documents are found in the order in which they were added."""
        self._collection(path).set(f"{next(self._numbers):012}", data, changes)

    def _find(self, path: str, conditions: Sequence[Condition] = (), limit: int | None = None) -> list[UntypedDocument]:
        return [] if self._store is None else list(self._collection(path).query(conditions, (), limit))

    def _delete_expired(self, path: str, now: datetime) -> int:
        expired = self._find(path, [Condition(EXPIRATION, "<=", now)])
        for document in expired:
            self._collection(path).delete(document.id)
        return len(expired)

    def _collection(self, path: str) -> UntypedCollection:
        if self._store is None:
            raise NotInitializedError(_NOT_INITIALIZED)
        return UntypedCollection(self._store, path, _OPTIONS)
