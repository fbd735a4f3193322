"""What the older managers raise beyond the names of `storage`, and how errors of this package become that.

The first words of a message tell where something failed, as they always have: "Failed to ..." is what the server
refused or did not do, "Unexpected error ..." what Google's client refused before anything was sent. So a `StorageError`
of this package becomes the former, and any other exception, such as those of `values`, the latter.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from firestore_runtime import errors
from firestore_runtime.legacy.storage import StorageError, ValidationError

NOT_INITIALIZED = "Firestore client not initialized. Call initialize() first."


class ManagerError(StorageError, RuntimeError):
    """An operation failed; the managers that worked on records have always raised `RuntimeError` for it."""


class NotInitializedError(ManagerError):
    """The manager has not been initialised, or was closed."""


class RecordNotFoundError(StorageError, errors.NotFoundError, ValueError):
    """There is no such record."""


@contextmanager
def failing(
    kind: type[StorageError], failed: str, unexpected: str, *, invalid: tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Make an error of a kind of whatever is raised.

    Args:
        kind: The kind.
        failed: The first words, before a colon, for what the server or the way to it is to blame for.
        unexpected: The first words for everything else.
        invalid: Built-in exceptions that become a `ValidationError` in their own words instead.

    Raises:
        StorageError: Something was raised; those of the older managers pass as they are.
    """
    try:
        yield
    except StorageError:
        raise
    except errors.StorageError as error:
        raise kind(f"{failed}: {error}", error) from error
    except invalid as error:
        raise ValidationError(str(error), error) from error
    except Exception as error:
        raise kind(f"{unexpected}: {error}", error) from error
