"""The older asynchronous manager (`packages.shared.src.storage.firestore.firestore_memory`), on top of this library.

It reads and writes the documents that the older one does, in the same collections, so both may run side by side.
docs/migration.md lists what it does differently.
"""

from __future__ import annotations

import logging
import uuid
from abc import abstractmethod
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import GoogleAPIError

from firestore_runtime.errors import CorruptDocumentError
from firestore_runtime.legacy import storage
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
from firestore_runtime.legacy.failures import NOT_INITIALIZED, NotInitializedError, failing
from firestore_runtime.legacy.interface import MemoryManager
from firestore_runtime.legacy.item_shape import TYPE, USER, DataT, ItemT
from firestore_runtime.legacy.moving_items import MovingItems
from firestore_runtime.legacy.storage import ValidationError
from firestore_runtime.legacy.values import is_empty
from firestore_runtime.rollout._async.opening import open_stores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from google.auth.credentials import Credentials
    from google.cloud import firestore

    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime._async.client import AsyncClient
    from firestore_runtime.legacy.connections import GoogleModules
    from firestore_runtime.legacy.interface import MemoryHealth, Persona
    from firestore_runtime.legacy.item_shape import ItemShape
    from firestore_runtime.rollout.rollout import Rollout

_SENTINEL = "health-check-non-existent"
"""The document that a health check reads; whether it exists does not matter."""

_log = logging.getLogger(__name__)


class StorageError(storage.StorageError):
    """An operation failed. An argument that is not valid is none of these here: handlers may name both in any order."""


class ItemManager(MemoryManager[ItemT, DataT]):
    """The memory of agents in a Firestore database.

    `initialize` makes clients of Google's, `_client` and `_async_client`, for programs that use these themselves, and
    works with their credentials on a connection of its own for each event loop. `from_client` works on any store
    instead, and leaves both None.

    `initialize` and `close` have done their work when they return; their results may be awaited, and need not be. Every
    other method but `health_check` raises a `RuntimeError` until then. All other failures are `StorageError`s, but for
    the `ValidationError`s that a method names; each knows its `original_exception`.

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

    def _use(self, client: AsyncClient, current: AsyncClient | None) -> None:
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
