"""The names of the older storage package: its exceptions, how it named collections, and its small helpers.

They stood in `packages.shared.src.storage`: in `config`, `exceptions`, `firestore.constants` and `firestore.v2`. Each
exception also is the error of this package that means the same, and with it the built-in, so that handlers written for
either catch it.
"""

from __future__ import annotations

import os
import uuid
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from firestore_runtime import errors
from firestore_runtime.rollout.copies import MAX_WRITES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

MEMORY_ITEMS_COLLECTION = "memory_items"
AGENT_DATA_COLLECTION = "agent_data"
USER_SESSIONS_COLLECTION = "user_sessions"
VECTOR_EMBEDDINGS_COLLECTION = "vector_embeddings"
DEV_NOTES_COLLECTION = "dev_notes"

ENV_PREFIX = "ORCHESTRA_STORAGE_"
"""What the environment variables begin with that replace the names of collections."""
MAX_BATCH_SIZE = MAX_WRITES
MAX_IN_QUERY_ITEMS = 10

PrivacyLevel: TypeAlias = Literal["standard", "sensitive", "critical"]
"""The levels that have a meaning; any other text is taken as well."""


class StorageError(errors.StorageError):
    """Base of what the older managers raise.

    Args:
        message: What went wrong; it is the error's whole text.
        original_exception: What it comes from.

    Attributes:
        original_exception: What it comes from. If that is an error of this package, then `operation`, `collection`,
            `document_id` and `retryable` are its.
    """

    def __init__(self, message: str, original_exception: Exception | None = None) -> None:
        origin = original_exception if isinstance(original_exception, errors.StorageError) else None
        super().__init__(
            message,
            operation=origin.operation if origin else None,
            collection=origin.collection if origin else None,
            document_id=origin.document_id if origin else None,
            retryable=origin is not None and origin.retryable,
        )
        self.original_exception = original_exception

    def __str__(self) -> str:
        """The message."""
        return self.message


class ConnectionError(StorageError, errors.StorageConnectionError):
    """There is no way to the store: no credentials, no project. Also the built-in of that name."""


class ValidationError(StorageError, errors.ValidationError):
    """An argument is not valid. Also a `ValueError`."""


class OperationError(StorageError, errors.OperationError):
    """An operation failed. Also a `RuntimeError`.

    Args:
        operation: The operation, such as `set_document`.
        message: What went wrong.
        original_exception: What it comes from.
    """

    operation: str

    def __init__(self, operation: str, message: str, original_exception: Exception | None = None) -> None:
        super().__init__(f"{operation} operation failed: {message}", original_exception)
        self.operation = operation


def collection_name(
    base: str, namespace: str | None = None, privacy_level: str | None = None, environment: str | None = None
) -> str:
    """Name a collection: `[<namespace>_]<base>[_<privacy>][_<environment>]`; what is empty is left out.

    Args:
        base: What it is called, unless the environment variable `ORCHESTRA_STORAGE_<BASE>` says something else.
        namespace: What separates tenants.
        privacy_level: How its content is classified.
        environment: Where it is used, such as `prod`.
    """
    base = os.environ.get(f"{ENV_PREFIX}{base.upper()}") or base
    return "_".join(part for part in (namespace, base, privacy_level, environment) if part)


@dataclass
class StorageConfig:
    """How collections are named.

    Attributes:
        namespace: What separates tenants.
        environment: Where they are used, such as `prod`.
        collection_overrides: Other names of collections, by their usual ones.
        default_privacy_level: How their content is classified if nothing else is said; None or empty for not at all.
        enforce_privacy_classification: It has never had an effect.
        enable_dev_notes: Whether there are notes of developers.
    """

    namespace: str | None = None
    environment: str | None = None
    collection_overrides: Mapping[str, str] | None = None
    default_privacy_level: str | None = "standard"
    enforce_privacy_classification: bool = False
    enable_dev_notes: bool = True

    def __post_init__(self) -> None:
        """Keep names of its own."""
        self.collection_overrides = dict(self.collection_overrides or {})

    def get_collection_name(self, base: str, privacy_level: str | None = None) -> str:
        """Name a collection, its content classified as usual unless another level is given."""
        base = (self.collection_overrides or {}).get(base, base)
        return collection_name(base, self.namespace, privacy_level or self.default_privacy_level, self.environment)

    def get_dev_notes_collection(self) -> str:
        """Name the collection of developers' notes.

        Raises:
            RuntimeError: There are none in this configuration.
        """
        if not self.enable_dev_notes:
            raise RuntimeError("Development notes are disabled in this configuration")
        return self.get_collection_name(DEV_NOTES_COLLECTION)

    def with_namespace(self, namespace: str | None) -> Self:
        """Return the same configuration with another namespace."""
        other = self._copy()
        other.namespace = namespace
        return other

    def with_environment(self, environment: str | None) -> Self:
        """Return the same configuration with another environment."""
        other = self._copy()
        other.environment = environment
        return other

    def _copy(self) -> Self:
        other = copy(self)
        other.collection_overrides = dict(self.collection_overrides or {})
        return other


def new_id(prefix: str = "") -> str:
    """Make a random id, `<uuid>` or `<prefix>_<uuid>`."""
    return f"{prefix}_{uuid.uuid4()}" if prefix else str(uuid.uuid4())
