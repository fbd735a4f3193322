"""The older synchronous manager of records (`future.firestore_memory_manager`), on top of this library.

It reads and writes the documents that the older one does, in the same collection, so both may run side by side.
docs/migration.md lists what it does differently.
"""

from __future__ import annotations

import logging
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Generic

from google.api_core.exceptions import GoogleAPIError

from firestore_runtime.legacy.connections import (
    ATTEMPT_TIMEOUT,
    HEALTH_TIMEOUT,
    TIMEOUT,
    Account,
    Limits,
    close_client,
    initializing,
    shared_backend,
)
from firestore_runtime.legacy.failures import (
    NOT_INITIALIZED,
    ManagerError,
    NotInitializedError,
    RecordNotFoundError,
    failing,
)
from firestore_runtime.legacy.moving_records import MovingRecords
from firestore_runtime.legacy.record_shape import EMBEDDING, RecordT
from firestore_runtime.legacy.storage import ValidationError
from firestore_runtime.queries.nearest import checked_elements
from firestore_runtime.rollout._sync.opening import open_stores

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from google.auth.credentials import Credentials
    from google.cloud import firestore

    from firestore_runtime._sync.backend import Backend
    from firestore_runtime._sync.client import Client
    from firestore_runtime.legacy.connections import GoogleModules
    from firestore_runtime.legacy.interface import MemoryHealth
    from firestore_runtime.legacy.record_shape import RecordShape
    from firestore_runtime.rollout.rollout import Rollout

_SENTINEL = "health-check-non-existent"
"""The document that a health check reads; whether it exists does not matter."""

_log = logging.getLogger(__name__)


class RecordManager(Generic[RecordT]):
    """Typed records in a Firestore database, one document each.

    `initialize` makes a client of Google's, `_client`, and works on its channel and with its credentials, so that
    programs which use that client themselves need no second connection. `from_client` works on any store instead, and
    leaves `_client` None.

    Every method but `initialize`, `close` and `health_check` raises a `RuntimeError` until `initialize` has been
    called. All other failures are `RuntimeError`s too, but for the `ValueError`s that a method names; each also is a
    `StorageError` of this package, and knows its `original_exception`.

    Args:
        project_id: The Google Cloud project; without one, GOOGLE_CLOUD_PROJECT.
        credentials_json: The key of a service account, as JSON.
        credentials_path: A file of it; without one, GOOGLE_APPLICATION_CREDENTIALS. Without either, application-default
            credentials are used.
        timeout: Total seconds for a call.
        attempt_timeout: Seconds for one attempt.
        health_timeout: Seconds for a health check.
    """

    _shape: RecordShape[RecordT]
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
    ) -> None:
        account = Account.find(project_id, credentials_json, credentials_path)
        self._project_id = account.project_id
        self._credentials_json = account.credentials_json
        self._credentials_path = account.credentials_path
        self._credentials: Credentials | None = None
        self._client: firestore.Client | None = None
        self._initialized = False
        self._limits = Limits.of(timeout, attempt_timeout, health_timeout)
        self._backend: Backend | None = None
        self._current: Backend | None = None
        self._opened: Backend | None = None
        self._namespace: str | None = None
        self._records: MovingRecords[RecordT] | None = None

    def _use(self, client: Client, current: Client | None) -> None:
        """Work on the store of a client, which is left open.

        Args:
            client: The client.
            current: The client of the current documents, if their store is another one. Its namespace, or that of
                `client`, is theirs; older ones lie in none.
        """
        self._backend = client.backend
        self._current = None if current is None else current.backend
        self._namespace = (current or client).namespace

    def initialize(self) -> None:
        """Find credentials and make a client; nothing is sent. Again, it does nothing.

        Raises:
            ConnectionError: The credentials are missing or wrong.
            PermissionError: Their file must not be read.
        """
        if self._initialized:
            return
        backend = self._backend
        if backend is None:
            account = Account(self._project_id, self._credentials_json, self._credentials_path)
            google = self._google()
            with initializing(GoogleAPIError):
                self._credentials = account.load_credentials(google)
                self._client = account.open_client(google, self._credentials)
                backend = shared_backend(self._client)
        with initializing(GoogleAPIError):
            stores = open_stores(self._rollout, backend, self._current, self._namespace, self._limits.options)
        if stores.current not in (backend, self._current):
            self._opened = stores.current
        self._records = MovingRecords(stores, self._shape)
        self._initialized = True

    def close(self) -> None:
        """Close the client. It may be called more than once, and `initialize` again afterwards."""
        client, self._client = self._client, None
        opened, self._opened = self._opened, None
        self._records = None
        self._initialized = False
        if opened is not None:
            opened.close()
        if client is not None:
            try:
                close_client(client)
            except Exception as error:
                _log.warning("Google's client could not be closed: %s", error)

    def save_record(self, record: RecordT, collection: str) -> str:
        """Create or replace a record, and return its id.

        Raises:
            ValueError: The record has no id.
            RuntimeError: A value cannot be stored, the id has slashes, or the store fails.
        """
        old = self._old()
        record_id = self._shape.records.fields.id.of(record)
        if not record_id:
            raise ValidationError("record_id must be provided for saving to Firestore")
        with failing(ManagerError, f"Failed to save record {record_id} to Firestore", "Unexpected error saving record"):
            old.save(collection, record)
        return record_id

    def get_record(self, record_id: str, collection: str) -> RecordT:
        """Return a record.

        Raises:
            ValueError: There is none, or no document can have this id.
            RuntimeError: The document does not fit the model, or the store fails.
        """
        old = self._old()
        failed = f"Failed to retrieve record {record_id} from Firestore"
        with failing(ManagerError, failed, "Unexpected error retrieving record", invalid=(ValueError,)):
            record = old.get(collection, record_id)
        if record is None:
            raise RecordNotFoundError(f"Record {record_id} not found in collection {collection}")
        return record

    def query_records(self, filters: Mapping[str, Any], collection: str) -> list[RecordT]:
        """Return the records that meet all filters; documents that do not fit the model are left out.

        Args:
            filters: What fields are equal to, by their paths: `metadata.k` reaches into maps, what is no identifier is
                quoted with backticks. `timestamp` may be a dictionary with `start` and `end`, both included.
            collection: Where they are.

        Returns:
            The records by their ids, or by time if `timestamp` is such a dictionary.

        Raises:
            RuntimeError: A path or a value is not valid, or the store fails.
        """
        old = self._old()
        with failing(ManagerError, "Failed to query records from Firestore", "Unexpected error querying records"):
            return old.matching(collection, filters)

    def delete_record(self, record_id: str, collection: str) -> bool:
        """Delete a record; return whether there was one.

        Raises:
            RuntimeError: No document can have this id, or the store fails.
        """
        old = self._old()
        failed = f"Failed to delete record {record_id} from Firestore"
        with failing(ManagerError, failed, "Unexpected error deleting record"):
            return old.delete(collection, record_id)

    def batch_save_records(self, records: Iterable[RecordT], collection: str) -> int:
        """Create or replace records, 400 at once, and return how many; those without an id are left out.

        Raises:
            RuntimeError: A record cannot be stored, or the store fails; what was committed before stays.
        """
        old = self._old()
        if not records:
            return 0
        failed = "Failed to batch save records to Firestore"
        with failing(ManagerError, failed, "Unexpected error during batch save"):
            return old.save_all(collection, records)

    def semantic_search(
        self,
        context: str,
        query_embedding: Sequence[float],
        persona: str | None,
        top_k: int,
        collection: str,
    ) -> list[RecordT]:
        """Return the records of a context that are nearest in meaning to a vector, the nearest first.

        Records have no embeddings themselves: documents are ranked by their field `embedding`, an array of numbers or a
        vector, such as the adapter of memory items stores with its own. Those without one of this length are left out.

        Args:
            context: The context.
            query_embedding: The vector.
            persona: Whose records they must be; without one, anybody's.
            top_k: How many; a negative number leaves out so many of the last ones.
            collection: Where they are.

        Raises:
            ValueError: The vector is empty, or holds something that is no finite number.
            RuntimeError: The store fails.
        """
        old = self._old()
        if len(query_embedding) == 0:
            raise ValidationError("Query embedding cannot be empty")
        query = checked_elements(EMBEDDING, query_embedding)
        failed = "Failed to perform semantic search"
        with failing(ManagerError, failed, "Unexpected error performing semantic search"):
            return old.nearest(collection, context, persona, query, top_k)

    def health_check(self) -> MemoryHealth:
        """Find out whether the store answers, and initialise if need be. It never raises.

        Returns:
            `status` (`healthy` or `error`), `firestore`, `error_count`, `details`, and `last_error` if there was one.
        """
        details: dict[str, Any] = {}
        cause = "initialization_error"
        try:
            if not self._initialized:
                self.initialize()
                details["initialization"] = "Initialized during health check"
            cause = "firestore_error"
            failed = f"Failed to retrieve record {_SENTINEL} from Firestore"
            with failing(ManagerError, failed, "Unexpected error retrieving record"):
                self._old().is_answering(self._shape.records.path, _SENTINEL, self._limits.health)
        except Exception as error:
            text = str(error)
            details[cause] = text
            return {"status": "error", "firestore": False, "error_count": 1, "last_error": text, "details": details}
        details["firestore_check"] = "Successfully verified connectivity"
        return {"status": "healthy", "firestore": True, "error_count": 0, "details": details}

    @abstractmethod
    def _google(self) -> GoogleModules:
        """Return the modules that reach Google: those of the module that users import the manager from."""

    def _old(self) -> MovingRecords[RecordT]:
        if not self._initialized or self._records is None:
            raise NotInitializedError(NOT_INITIALIZED)
        return self._records
