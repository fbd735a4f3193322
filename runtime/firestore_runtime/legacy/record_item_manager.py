"""The older adapter of records (`packages.shared.src.memory.firestore_adapter`), on top of this library.

It reads and writes the documents that the older one does, in the same collections, so both may run side by side.
docs/migration.md lists what it does differently.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from google.api_core.exceptions import GoogleAPIError

from firestore_runtime import errors
from firestore_runtime.legacy.connections import (
    ATTEMPT_TIMEOUT,
    HEALTH_TIMEOUT,
    TIMEOUT,
    Limits,
    initializing,
    looping_backend,
)
from firestore_runtime.legacy.failures import NOT_INITIALIZED, ManagerError, NotInitializedError, failing
from firestore_runtime.legacy.interface import MemoryManager
from firestore_runtime.legacy.item_shape import DataT, ItemT
from firestore_runtime.legacy.moving_record_items import MovingRecordItems
from firestore_runtime.legacy.record_item_shape import CONTENT_HASH
from firestore_runtime.legacy.record_manager import RecordManager
from firestore_runtime.legacy.values import is_empty
from firestore_runtime.rollout._async.opening import open_stores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime._async.client import AsyncClient
    from firestore_runtime.legacy.interface import MemoryHealth, Persona
    from firestore_runtime.legacy.record_item_shape import RecordItemShape
    from firestore_runtime.rollout.rollout import Rollout

ManagerT = TypeVar("ManagerT", bound=RecordManager[Any])  # of whichever records: only its connection is used

_NOT_INITIALIZED = "Memory manager is not initialized"
_SENTINEL = "health-check-non-existent"
"""The document that a health check reads; whether it exists does not matter."""
_QUERY_FAILED = "Failed to query records from Firestore", "Unexpected error querying records"

_log = logging.getLogger(__name__)


class RecordItemManager(MemoryManager[ItemT, DataT], Generic[ItemT, DataT, ManagerT]):
    """The memory of agents in a Firestore database, kept as records.

    `initialize` initialises `firestore_manager`, which finds the credentials, and works with these on a connection of
    its own for each event loop. `from_client` works on any store instead.

    Every other method but `close` and `health_check` raises a `RuntimeError` until then. All other failures are
    `RuntimeError`s too; each also is a `StorageError` of this package, and knows its `original_exception`.

    Args:
        project_id: The Google Cloud project; without one, GOOGLE_CLOUD_PROJECT.
        credentials_json: The key of a service account, as JSON.
        credentials_path: A file of it; without one, GOOGLE_APPLICATION_CREDENTIALS. Without either, application-default
            credentials are used.
        namespace: A name, which separates nothing unless `separate_namespaces` is set.
        separate_namespaces: Whether items and agent data lie in collections of the namespace's own, below the document
            `namespaces/<namespace>`. What was stored without this is not found with it.
        raise_read_errors: Whether `get_memory_item` raises a `RuntimeError` if the store fails, instead of returning
            None.
        store_vectors: Whether embeddings are stored as vectors, which an index can search, instead of as arrays.
        timeout: Total seconds for a call.
        attempt_timeout: Seconds for one attempt.
        health_timeout: Seconds for a health check.

    Attributes:
        firestore_manager: The manager of records with the same account; None after `from_client`.
        namespace: The name.
    """

    _shape: RecordItemShape[ItemT, DataT]
    """Which a package's subclass is bound to."""
    _rollout: Rollout
    """That of the package."""
    _make_manager: type[ManagerT]
    """The package's manager of records."""

    def __init__(
        self,
        project_id: str | None = None,
        credentials_json: str | None = None,
        credentials_path: str | None = None,
        namespace: str = "default",
        *,
        separate_namespaces: bool = False,
        raise_read_errors: bool = False,
        store_vectors: bool = False,
        timeout: float = TIMEOUT,
        attempt_timeout: float = ATTEMPT_TIMEOUT,
        health_timeout: float = HEALTH_TIMEOUT,
    ) -> None:
        self.firestore_manager: ManagerT | None = self._make_manager(
            project_id,
            credentials_json,
            credentials_path,
            timeout=timeout,
            attempt_timeout=attempt_timeout,
            health_timeout=health_timeout,
        )
        self.namespace = namespace
        self._is_initialized = False
        self._separate_namespaces = separate_namespaces
        self._raise_read_errors = raise_read_errors
        self._store_vectors = store_vectors
        self._limits = Limits.of(timeout, attempt_timeout, health_timeout)
        self._backend: AsyncBackend | None = None
        self._current: AsyncBackend | None = None
        self._current_namespace: str | None = None
        self._items: MovingRecordItems[ItemT, DataT] | None = None
        self._lock = threading.Lock()

    def _use(self, client: AsyncClient, current: AsyncClient | None) -> None:
        """Work on the store of a client, which is left open.

        Args:
            client: The client.
            current: The client of the current documents, if their store is another one. Its namespace, or that of
                `client`, is theirs, unless namespaces are separate.
        """
        self.firestore_manager = None
        self._backend = client.backend
        self._current = None if current is None else current.backend
        self._current_namespace = (current or client).namespace

    async def initialize(self) -> None:
        """Find credentials; nothing is sent to Firestore. Again, it does nothing.

        Raises:
            ConnectionError: The credentials are missing or wrong, or the namespace cannot be separated.
            PermissionError: Their file must not be read.
        """
        if not self._is_initialized:
            await asyncio.to_thread(self._open)  # Google's search for credentials may wait for files and servers

    async def close(self) -> None:
        """Let go of the connections; what is under way may finish.

        It may be called more than once, and `initialize` again afterwards.
        """
        await asyncio.to_thread(self._shut)

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

    async def health_check(self) -> MemoryHealth:
        """Find out whether the store answers, and initialise if need be. It never raises.

        Returns:
            `status` (`healthy` or `error`), `firestore`, `redis` (always false), `error_count`, `details`, and
            `last_error` if there was one.
        """
        try:
            await self.initialize()
        except Exception as error:
            return _unhealthy(error, {"message": f"Failed to initialize: {error}"})
        details: dict[str, Any] = {"provider": "firestore", "adapter": "FirestoreMemoryAdapter"}
        try:
            await self._old().is_answering(_SENTINEL, self._limits.health)
        except Exception as error:
            return _unhealthy(error, {**details, "firestore_error": str(error)})
        details["firestore_check"] = "Successfully verified connectivity"
        return {"status": "healthy", "firestore": True, "redis": False, "error_count": 0, "details": details}

    def _open(self) -> None:
        with self._lock:
            if self._is_initialized:
                return
            namespace = self.namespace if self._separate_namespaces else None
            backend = self._backend or self._connect()
            with initializing(GoogleAPIError):
                stores = open_stores(
                    self._rollout, backend, self._current, self._current_namespace, self._limits.options, namespace
                )
                self._items = MovingRecordItems(stores, self._shape, as_vectors=self._store_vectors)
            self._is_initialized = True

    def _connect(self) -> AsyncBackend:
        manager = self.firestore_manager
        if manager is not None:
            manager.initialize()
        if manager is None or manager._client is None:
            raise NotInitializedError("firestore_manager has no client whose credentials could be used")
        with initializing(GoogleAPIError):
            return looping_backend(manager._client)

    def _shut(self) -> None:
        with self._lock:
            self._items = None  # and with it the connections, each of which ends with what it does last
            if self._is_initialized and self.firestore_manager is not None:
                self.firestore_manager.close()
            self._is_initialized = False

    def _old(self, message: str = _NOT_INITIALIZED) -> MovingRecordItems[ItemT, DataT]:
        if self._items is None:
            raise NotInitializedError(message)
        return self._items


def _new_id(prefix: str, time: datetime) -> str:
    """Make an id that no other object has, whatever their times."""
    return f"{prefix}_{time.isoformat()}_{uuid.uuid4().hex}"


def _is_failure_of_store(error: Exception | None) -> bool:
    """Whether an error is one of the store or of the way to it, instead of an id or a document that is not valid."""
    return isinstance(error, errors.StorageError) and not isinstance(
        error, (errors.CorruptDocumentError, errors.ValidationError)
    )


def _unhealthy(error: Exception, details: dict[str, Any]) -> MemoryHealth:
    return {
        "status": "error",
        "firestore": False,
        "redis": False,
        "error_count": 1,
        "last_error": str(error),
        "details": details,
    }
