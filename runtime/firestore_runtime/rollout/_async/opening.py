"""Finding the store of the current documents for a manager that has that of the older ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime._async.opening import open_backend
from firestore_runtime.rollout._async.stores import AsyncStores

if TYPE_CHECKING:
    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime.options import Options
    from firestore_runtime.rollout.rollout import Rollout


def open_stores(
    rollout: Rollout,
    old: AsyncBackend,
    current: AsyncBackend | None,
    namespace: str | None,
    options: Options,
    old_namespace: str | None = None,
) -> AsyncStores:
    """Say where the documents of both shapes are.

    Args:
        rollout: How far they have moved.
        old: The store of the older ones.
        current: The store of the current ones; without one, that of the settings, or else the same.
        namespace: The namespace of the current ones; without one, that of the settings.
        options: What applies to calls.
        old_namespace: The namespace of the older ones, which goes before that of the current ones.

    Raises:
        ConfigurationError: A setting is wrong.
        ValidationError: A namespace is not valid as a document id.
    """
    settings = rollout.checked_settings()
    if current is None and settings.migration_url is not None:
        current = open_backend(settings.migration_url, rollout.package, settings, None)
    namespace = old_namespace or namespace or settings.namespace
    return AsyncStores(old, current or old, options, rollout, old_namespace, namespace)
