"""How the older asynchronous manager connects, on top of this library."""

from __future__ import annotations

import logging
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import GoogleAPIError

from firestore_runtime.legacy.completed import Completed
from firestore_runtime.legacy.connections import (
    ATTEMPT_TIMEOUT,
    HEALTH_TIMEOUT,
    TIMEOUT,
    Account,
    Limits,
    close_client,
    initializing,
    looping_backend,
)
from firestore_runtime.legacy.failures import NOT_INITIALIZED, NotInitializedError
from firestore_runtime.legacy.interface import MemoryManager
from firestore_runtime.legacy.item_shape import DataT, ItemT
from firestore_runtime.legacy.moving_items import MovingItems
from firestore_runtime.rollout._async.opening import open_stores

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.cloud import firestore

    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime._async.client import AsyncClient
    from firestore_runtime.legacy.connections import GoogleModules
    from firestore_runtime.legacy.interface import MemoryHealth
    from firestore_runtime.legacy.item_shape import ItemShape
    from firestore_runtime.rollout.rollout import Rollout

_SENTINEL = "health-check-non-existent"
"""The document that a health check reads; whether it exists does not matter."""

_log = logging.getLogger(__name__)


class ItemConnection(MemoryManager[ItemT, DataT]):
    """A manager of items without what it does with them: how it connects, and whether that works.

    Args:
        project_id: The Google Cloud project; without one, GOOGLE_CLOUD_PROJECT.
        credentials_json: The key of a service account, as JSON.
        credentials_path: A file of it; without one, GOOGLE_APPLICATION_CREDENTIALS. Without either, application-default
            credentials are used.
        timeout: Total seconds for a call.
        attempt_timeout: Seconds for one attempt.
        health_timeout: Seconds for a health check.
        history_item_type: The type of the items that histories consist of; None for all types.
        store_vectors: Whether embeddings are stored as vectors, which an index can search, instead of as arrays, which
            older programs with a client of Google's before 2.16 can read.
    """

    _shape: ItemShape[ItemT, DataT]
    """Which a package's subclass is bound to."""
    _rollout: Rollout
    """That of the package."""

    def __init__(
        self,
        project_id: str | None = None,
        credentials_json: str | None = None,
        credentials_path: str | None = None,
        *,
        timeout: float = TIMEOUT,
        attempt_timeout: float = ATTEMPT_TIMEOUT,
        health_timeout: float = HEALTH_TIMEOUT,
        history_item_type: str | None = "conversation",
        store_vectors: bool = False,
    ) -> None:
        account = Account.find(project_id, credentials_json, credentials_path)
        self._project_id = account.project_id
        self._credentials_json = account.credentials_json
        self._credentials_path = account.credentials_path
        self._credentials: Credentials | None = None
        self._client: firestore.Client | None = None
        self._async_client: firestore.AsyncClient | None = None
        self._initialized = False
        self._limits = Limits.of(timeout, attempt_timeout, health_timeout)
        self._history_item_type = history_item_type
        self._store_vectors = store_vectors
        self._backend: AsyncBackend | None = None
        self._current: AsyncBackend | None = None
        self._namespace: str | None = None
        self._items: MovingItems[ItemT, DataT] | None = None

    def _use(self, client: AsyncClient[Any], current: AsyncClient[Any] | None) -> None:
        """Work on the store of a client, which is left open.

        Args:
            client: The client.
            current: The client of the current documents, if their store is another one. Its namespace, or that of
                `client`, is theirs; older ones lie in none.
        """
        self._backend = client.backend
        self._current = None if current is None else current.backend
        self._namespace = (current or client).namespace

    def initialize(self) -> Completed:
        """Find credentials and make clients; nothing is sent. Again, it does nothing. The result may be awaited.

        Raises:
            ConnectionError: The credentials are missing or wrong.
            PermissionError: Their file must not be read.
        """
        if not self._initialized:
            backend = self._backend or self._connect()
            with initializing(GoogleAPIError):
                stores = open_stores(self._rollout, backend, self._current, self._namespace, self._limits.options)
            self._items = MovingItems(stores, self._shape, as_vectors=self._store_vectors)
            self._initialized = True
        return Completed()

    def close(self) -> Completed:
        """Let go of the clients; what is under way may finish. The result may be awaited.

        It may be called more than once, in an event loop or not, and `initialize` again afterwards.
        """
        client, self._client, self._async_client = self._client, None, None
        self._items = None  # and with it the connections, each of which ends with what it does last
        self._initialized = False
        if client is not None:
            try:
                close_client(client)
            except Exception as error:
                _log.warning("Google's client could not be closed: %s", error)
        return Completed()

    async def health_check(self) -> MemoryHealth:
        """Find out whether the store answers, and initialise if need be. It never raises.

        Returns:
            `status` (`healthy` or `error`), `firestore`, `error_count`, `details`, and `last_error` if there was one.
        """
        cause = "initialization_error"
        try:
            self.initialize()
            cause = "firestore_error"
            await self._old().is_answering(_SENTINEL, self._limits.health)
        except Exception as error:
            text = str(error)
            return {
                "status": "error",
                "firestore": False,
                "error_count": 1,
                "last_error": text,
                "details": {cause: text},
            }
        return {"status": "healthy", "firestore": True, "error_count": 0, "details": {}}

    def _connect(self) -> AsyncBackend:
        account = Account(self._project_id, self._credentials_json, self._credentials_path)
        google = self._google()
        with initializing(GoogleAPIError):
            self._credentials = account.load_credentials(google)
            self._client = account.open_client(google, self._credentials)
            self._async_client = google.firestore.AsyncClient(
                project=self._client.project, credentials=self._client._credentials
            )
            return looping_backend(self._client)

    @abstractmethod
    def _google(self) -> GoogleModules:
        """Return the modules that reach Google: those of the module that users import the manager from."""

    def _old(self) -> MovingItems[ItemT, DataT]:
        if not self._initialized or self._items is None:
            raise NotInitializedError(NOT_INITIALIZED)
        return self._items
