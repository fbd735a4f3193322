"""How the older managers find their project, their credentials and their store.

For the managers; nothing here does any I/O or needs an event loop before `initialize`:

* `account = Account.find(project_id, credentials_json, credentials_path)` in a constructor: `account.project_id`,
  `.credentials_json` and `.credentials_path` are what the attributes `_project_id` and so on show.
* `limits = Limits.of(timeout, attempt_timeout, health_timeout)` in a constructor, for the keywords of these names:
  `limits.options` is for all calls, `limits.health` for the one of a health check.
* in `initialize`, inside of `with initializing(GoogleAPIError):`, which makes documented errors of all that fails:
  `credentials = account.load_credentials(google)`, then `client = account.open_client(google, credentials)`, a
  client of Google's. The modules in `google` are the globals of the module that users import, so that a test which
  replaces one there is obeyed.
* a store on that client: `shared_backend(client)` for synchronous managers, on its channel, which
  `close_client(client)` closes; `looping_backend(client)` for asynchronous ones, with its project, database and
  credentials, and a channel for each event loop, which its own `close` closes.
* in `from_client`, none of this: the backend is `client.backend` of a typed client, which is left open.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Self

from firestore_runtime.legacy.storage import ConnectionError
from firestore_runtime.options import Options

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.cloud.firestore import Client

    from firestore_runtime._async.firestore import AsyncFirestoreBackend
    from firestore_runtime._sync.firestore import FirestoreBackend

TIMEOUT = 60.0
"""Total seconds for a call, unless a manager is told otherwise."""
ATTEMPT_TIMEOUT = 10.0
"""Seconds for one attempt."""
HEALTH_TIMEOUT = 2.0
"""Seconds for a health check, which makes one attempt."""


@dataclass(frozen=True, slots=True)
class GoogleModules:
    """The modules by which a manager reads keys and makes clients of Google's.

    Attributes:
        json: The module.
        firestore: `google.cloud.firestore`.
        service_account: `google.oauth2.service_account`.
    """

    json: ModuleType
    firestore: ModuleType
    service_account: ModuleType


@dataclass(frozen=True, slots=True)
class Account:
    """Which project a manager works in, and as whom.

    Attributes:
        project_id: The project; None lets Google's client find it.
        credentials_json: The key of a service account, as JSON. Empty counts as none.
        credentials_path: A file of it, for managers that were given no JSON.
    """

    project_id: str | None
    credentials_json: str | None
    credentials_path: str | None

    @classmethod
    def find(cls, project_id: str | None, credentials_json: str | None, credentials_path: str | None) -> Self:
        """Take what a constructor is given, else GOOGLE_CLOUD_PROJECT and GOOGLE_APPLICATION_CREDENTIALS."""
        return cls(
            project_id or os.environ.get("GOOGLE_CLOUD_PROJECT"),
            credentials_json,
            credentials_path or os.environ.get("GOOGLE_APPLICATION_CREDENTIALS"),
        )

    def load_credentials(self, google: GoogleModules) -> Credentials | None:
        """Read the key of the service account, or return None for application-default credentials.

        Args:
            google: What reads it.

        Raises:
            ValueError: The key is no JSON, or lacks something.
            OSError: The file cannot be read.
        """
        kind = google.service_account.Credentials
        credentials: Credentials | None = None
        if self.credentials_json:
            credentials = kind.from_service_account_info(google.json.loads(self.credentials_json))
        elif self.credentials_path:
            credentials = kind.from_service_account_file(self.credentials_path)
        return credentials

    def open_client(self, google: GoogleModules, credentials: Credentials | None) -> Client:
        """Make a client of Google's; it connects when it is first used.

        Args:
            google: What makes it.
            credentials: Whom to be; None for application-default credentials.

        Raises:
            google.auth.exceptions.GoogleAuthError: There are none.
        """
        given = {} if credentials is None else {"credentials": credentials}
        client: Client = google.firestore.Client(project=self.project_id, **given)
        return client


@dataclass(frozen=True, slots=True)
class Limits:
    """How long calls may take.

    Attributes:
        options: Of all calls but those of health checks.
        health: Of health checks: a single attempt.
    """

    options: Options
    health: Options

    @classmethod
    def of(
        cls, timeout: float = TIMEOUT, attempt_timeout: float = ATTEMPT_TIMEOUT, health_timeout: float = HEALTH_TIMEOUT
    ) -> Self:
        """Make limits of what a constructor is given, in seconds.

        Raises:
            ValidationError: One is not a positive number, or longer than a year.
        """
        return cls(
            Options(timeout=timeout, attempt_timeout=attempt_timeout),
            Options(timeout=health_timeout, attempt_timeout=health_timeout, retry=None),
        )


@contextmanager
def initializing(api_error: type[Exception]) -> Iterator[None]:
    """Make the documented error of whatever fails.

    Args:
        api_error: `google.api_core.exceptions.GoogleAPIError`, which has words of its own.

    Raises:
        ConnectionError: Something failed.
        PermissionError: Something failed with that.
    """
    try:
        yield
    except PermissionError:
        raise
    except api_error as error:
        raise ConnectionError(f"Failed to initialize Firestore connection: {error}", error) from error
    except Exception as error:
        raise ConnectionError(f"Failed to initialize Firestore: {error}", error) from error


def close_client(client: Client) -> None:
    """Close a client of Google's, and the channel that its own `close` leaves open.

    Raises:
        Exception: Whatever it has to say against it.
    """
    client.close()  # type: ignore[no-untyped-call]  # it is Google's
    if client._firestore_api_internal is not None:
        client._firestore_api_internal.transport.close()


def shared_backend(client: Client) -> FirestoreBackend:
    """Make a backend on the channel and the credentials of a client of Google's, which closes with that."""
    from firestore_runtime._sync.firestore import FirestoreBackend

    return FirestoreBackend.from_client(client)


def looping_backend(client: Client) -> AsyncFirestoreBackend:
    """Make an asynchronous backend to the database of a client of Google's, with a channel for each event loop."""
    from firestore_runtime._async.firestore import AsyncFirestoreBackend

    return AsyncFirestoreBackend.connect(client.project, client._database, credentials=client._credentials)
