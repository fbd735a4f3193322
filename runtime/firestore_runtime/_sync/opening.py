# Derived from _async/opening.py by runtime/derive_sync.py. Do not edit; change that and run `make sync`.

"""Opening the store that a URL names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime.errors import ConfigurationError
from firestore_runtime.urls import EmbeddedUrl, parse_url

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

    from firestore_runtime._sync.backend import Backend
    from firestore_runtime.settings import ClientSettings


def open_backend(url: str | None, package: str, settings: ClientSettings, credentials: Credentials | None) -> Backend:
    """Make the backend for a URL; see `Client.connect`.

    Args:
        url: The URL, or None for that of the settings.
        package: The import name of the generated package, whose declared indexes an embedded store is given.
        settings: The settings.
        credentials: Google Cloud credentials, if not those of the settings.

    Raises:
        ConfigurationError: The URL or the credentials are missing or wrong.
    """
    target = parse_url(url or settings.url, settings.url_variable())
    # Imported here, so that only those who need gRPC or NumPy wait for them.
    if isinstance(target, EmbeddedUrl):
        from firestore_runtime.embedded import DeclaredIndexes, EmbeddedBackend

        if credentials is not None:
            raise ConfigurationError(
                "an embedded store knows no credentials: leave them out, or use a firestore:// URL"
            )
        indexes = DeclaredIndexes.of_package(package)
        return EmbeddedBackend(target.path, indexes=indexes, strict_indexes=target.strict_indexes)
    from firestore_runtime._sync.firestore import FirestoreBackend

    return FirestoreBackend.connect(
        target.project, target.database, credentials=credentials, credentials_file=settings.credentials_file
    )
