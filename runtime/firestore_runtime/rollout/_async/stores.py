"""Where the documents of both shapes lie, and what gives them as if all were older ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firestore_runtime._async.untyped import AsyncUntypedCollection
from firestore_runtime.collections.reference import namespace_segments
from firestore_runtime.rollout._async.translated import AsyncTranslatedDocuments
from firestore_runtime.rollout.copies import Direction, Route

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime.options import Options
    from firestore_runtime.rollout._async.translated import AsyncDocuments
    from firestore_runtime.rollout.layouts import Layout
    from firestore_runtime.rollout.rollout import Rollout


@dataclass(frozen=True, slots=True)
class AsyncStores:
    """Where the documents of both shapes lie.

    Attributes:
        old: The store of the older ones.
        current: The store of the current ones, which may be the same.
        options: What applies to calls.
        rollout: How far they have moved.
        old_namespace: The namespace of the older ones, of which only one manager knew.
        current_namespace: The namespace of the current ones.
    """

    old: AsyncBackend
    current: AsyncBackend
    options: Options
    rollout: Rollout
    old_namespace: str | None = None
    current_namespace: str | None = None

    def old_path(self, layout: Layout) -> str:
        """The path of a collection of older documents."""
        return "/".join((*namespace_segments(self.old_namespace), layout.path))

    def current_path(self, layout: Layout) -> str:
        """The path of a collection of current documents."""
        return "/".join((*namespace_segments(self.current_namespace), *layout.schema.path))

    def route(self, layout: Layout, direction: Direction) -> Route:
        """From where to where documents are copied."""
        old, current = self.old_path(layout), self.current_path(layout)
        return Route(layout, direction, *((old, current) if direction == "forward" else (current, old)))


class AsyncOldStore:
    """The older documents.

    Args:
        stores: Where they are.
    """

    def __init__(self, stores: AsyncStores) -> None:
        self._stores = stores

    def documents(self, path: str, options: Options | None = None) -> AsyncDocuments:
        """Return the documents of a collection, by its path below the root of the store."""
        return AsyncUntypedCollection(self._stores.old, path, options or self._stores.options)


class AsyncCurrentStore:
    """The current documents, as if they were older ones.

    Args:
        stores: Where they are.
        layouts: What they look like.
    """

    def __init__(self, stores: AsyncStores, layouts: Iterable[Layout]) -> None:
        self._stores = stores
        self._layouts: Mapping[str, Layout] = {stores.old_path(layout): layout for layout in layouts}

    def documents(self, path: str, options: Options | None = None) -> AsyncDocuments:
        """Return the documents of a collection, by the path where the older ones are."""
        layout = self._layouts[path]
        current = self._stores.current_path(layout)
        collection = AsyncUntypedCollection(self._stores.current, current, options or self._stores.options)
        return AsyncTranslatedDocuments(collection, layout)
