"""The three older managers behind one interface, so that one test can be about all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar, cast

from firestore_memory import AsyncBackend, AsyncMemoryClient, Backend, MemoryClient
from firestore_memory.adapters.legacy_adapter import FirestoreMemoryAdapter
from firestore_memory.adapters.legacy_async import FirestoreMemoryManager as AsyncManager
from firestore_memory.adapters.legacy_sync import FirestoreMemoryManager as SyncManager
from tests.memory.adapters.rollouts import MOMENT, Watched, a_record, an_item

USER = "ada"
PAST, FAR = datetime(2001, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)


class Driver(ABC):
    """A manager on a store, and on a second one for the current documents if it is given; both are watched.

    Args:
        old: The store: asynchronous if the manager is.
        current: The second one.

    Attributes:
        watched: The store.
        second: The second one, or the store if there is none.
    """

    is_async: ClassVar[bool] = True
    """Whether the manager is; asynchronous ones can clean up, the synchronous one can delete instead."""
    collection: ClassVar[str] = "memory_items"
    old_path: ClassVar[str]
    current_path: ClassVar[str] = "memories"
    old_key: ClassVar[str] = "text_content"
    current_key: ClassVar[str] = "text_content"
    manager: Any

    def __init__(self, old: object, current: object | None = None) -> None:
        self.watched = Watched(old)
        self.second = self.watched if current is None else Watched(current)
        self.manager = self._manager()

    @abstractmethod
    def _manager(self) -> Any:
        """Make the manager: they have the same methods, but no class that says so."""

    @property
    def is_one(self) -> bool:
        """Whether there is one store only."""
        return self.second is self.watched

    @abstractmethod
    async def initialize(self) -> None:
        """Make it ready."""

    @abstractmethod
    async def save(self, item_id: str, text: str, user: str = USER, *, age: int = 0, expired: bool = False) -> None:
        """Store something; the larger the age, the further back it stands in histories."""

    @abstractmethod
    async def get(self, item_id: str) -> str | None:
        """Return a text."""

    @abstractmethod
    async def history(self, user: str = USER) -> list[tuple[str, str]]:
        """Return the ids and the texts of a user."""

    async def search(self, user: str = USER) -> list[tuple[str, str]]:
        """Return what is found by meaning; it is everything of the user."""
        return await self.history(user)

    async def has(self, text: str, user: str = USER) -> bool:
        """Whether the user has such a text."""
        return any(found == text for _, found in await self.history(user))

    async def delete(self, item_id: str) -> None:
        """Delete something, if the manager can."""
        raise AssertionError(f"{type(self).__name__} cannot delete {item_id}")

    async def clean_up(self) -> int:
        """Delete what has expired, if the manager can."""
        raise AssertionError(f"{type(self).__name__} cannot clean up")


class Records(Driver):
    """The synchronous manager. It works in the thread that waits."""

    is_async = False
    collection = "memory_records"
    old_path, current_path = "memory_records", "records"
    old_key = current_key = "content"
    manager: SyncManager

    def _manager(self) -> SyncManager:
        old, current = (MemoryClient(cast("Backend", each)) for each in (self.watched, self.second))
        return SyncManager.from_client(old, current=None if self.is_one else current)

    async def initialize(self) -> None:
        self.manager.initialize()

    async def save(self, item_id: str, text: str, user: str = USER, *, age: int = 0, expired: bool = False) -> None:
        self.manager.save_record(a_record(item_id, text, user, timestamp=MOMENT - timedelta(seconds=age)))

    async def get(self, item_id: str) -> str | None:
        try:
            return self.manager.get_record(item_id).content
        except ValueError:
            return None

    async def history(self, user: str = USER) -> list[tuple[str, str]]:
        records = self.manager.query_records({"context": user, "timestamp": {"start": PAST}})
        return [(record.record_id, record.content) for record in records]

    async def delete(self, item_id: str) -> None:
        self.manager.delete_record(item_id)


class AsyncDriver(Driver):
    """What both of the others have in common."""

    def clients(self) -> tuple[AsyncMemoryClient, AsyncMemoryClient | None]:
        """Clients of both stores."""
        old, current = (AsyncMemoryClient(cast("AsyncBackend", each)) for each in (self.watched, self.second))
        return old, None if self.is_one else current

    async def initialize(self) -> None:
        result = self.manager.initialize()
        await result

    async def save(self, item_id: str, text: str, user: str = USER, *, age: int = 0, expired: bool = False) -> None:
        item = an_item(item_id, text, user, timestamp=MOMENT - timedelta(seconds=age))
        item.embedding = [1.0, float(len(item_id))]
        item.metadata = {"content_hash": sha256(text.encode()).hexdigest()}
        item.expiration = PAST if expired else FAR
        await self.manager.add_memory_item(item)

    async def get(self, item_id: str) -> str | None:
        item = await self.manager.get_memory_item(item_id)
        return None if item is None else item.text_content

    async def history(self, user: str = USER) -> list[tuple[str, str]]:
        items = await self.manager.get_conversation_history(user, limit=1_000)
        return [(item.id, item.text_content) for item in items]

    async def search(self, user: str = USER) -> list[tuple[str, str]]:
        items = await self.manager.semantic_search(user, [1.0, 1.0], top_k=1_000)
        return [(item.id, item.text_content) for item in items]

    async def has(self, text: str, user: str = USER) -> bool:
        item = an_item("", text, user, metadata={"content_hash": sha256(text.encode()).hexdigest()})
        return bool(await self.manager.check_duplicate(item))

    async def clean_up(self) -> int:
        return int(await self.manager.cleanup_expired_items())


class RecordItems(AsyncDriver):
    """The adapter of records."""

    old_path, old_key = "memory_records", "content"

    def _manager(self) -> FirestoreMemoryAdapter:
        old, current = self.clients()
        return FirestoreMemoryAdapter.from_client(old, current=current, raise_read_errors=True)


class Items(AsyncDriver):
    """The asynchronous manager."""

    old_path = "memory_items"

    def _manager(self) -> AsyncManager:
        old, current = self.clients()
        return AsyncManager.from_client(old, current=current)


DRIVERS: dict[str, type[Driver]] = {"legacy_sync": Records, "legacy_adapter": RecordItems, "legacy_async": Items}
