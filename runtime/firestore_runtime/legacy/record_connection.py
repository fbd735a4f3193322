"""How the older synchronous manager of records connects, on top of this library."""

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
    failing,
)
from firestore_runtime.legacy.moving_records import MovingRecords
from firestore_runtime.legacy.record_shape import RecordT
from firestore_runtime.rollout._sync.opening import open_stores

if TYPE_CHECKING:
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


class RecordConnection(Generic[RecordT]):
    """A manager of records without what it does with them: how it connects, and whether that works.

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

    def _use(self, client: Client[Any], current: Client[Any] | None) -> None:
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
