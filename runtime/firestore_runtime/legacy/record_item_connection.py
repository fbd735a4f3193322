"""How the older adapter of records connects, on top of this library."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from google.api_core.exceptions import GoogleAPIError

from firestore_runtime.legacy.connections import (
    ATTEMPT_TIMEOUT,
    HEALTH_TIMEOUT,
    TIMEOUT,
    Limits,
    initializing,
    looping_backend,
)
from firestore_runtime.legacy.failures import NotInitializedError
from firestore_runtime.legacy.interface import MemoryManager
from firestore_runtime.legacy.item_shape import DataT, ItemT
from firestore_runtime.legacy.moving_record_items import MovingRecordItems
from firestore_runtime.legacy.record_manager import RecordManager
from firestore_runtime.rollout._async.opening import open_stores

if TYPE_CHECKING:
    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime._async.client import AsyncClient
    from firestore_runtime.legacy.interface import MemoryHealth
    from firestore_runtime.legacy.record_item_shape import RecordItemShape
    from firestore_runtime.rollout.rollout import Rollout

ManagerT = TypeVar("ManagerT", bound=RecordManager[Any])  # of whichever records: only its connection is used

_NOT_INITIALIZED = "Memory manager is not initialized"
_SENTINEL = "health-check-non-existent"
"""The document that a health check reads; whether it exists does not matter."""

_log = logging.getLogger(__name__)


class RecordItemConnection(MemoryManager[ItemT, DataT], Generic[ItemT, DataT, ManagerT]):
    """An adapter of records without what it does with them: how it connects, and whether that works.

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

    def _use(self, client: AsyncClient[Any], current: AsyncClient[Any] | None) -> None:
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


def _unhealthy(error: Exception, details: dict[str, Any]) -> MemoryHealth:
    return {
        "status": "error",
        "firestore": False,
        "redis": False,
        "error_count": 1,
        "last_error": str(error),
        "details": details,
    }
