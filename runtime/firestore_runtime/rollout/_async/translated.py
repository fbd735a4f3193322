"""Current documents as if they were older ones, so that the older managers work on both alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, Protocol

from firestore_runtime.documents.untyped import UntypedDocument
from firestore_runtime.paths import field_path, split_field_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from firestore_runtime._async.untyped import AsyncUntypedCollection
    from firestore_runtime.documents.untyped import Condition, UntypedChange
    from firestore_runtime.options import Options
    from firestore_runtime.rollout.layouts import Layout
    from firestore_runtime.wire import Write


class AsyncDocuments(Protocol):
    """Documents of an older shape: a `AsyncUntypedCollection` of them, or current ones that look so."""

    async def get(self, document_id: str) -> UntypedDocument | None:
        """Return a document, or None if it does not exist."""

    def query(
        self,
        conditions: Sequence[Condition] = (),
        order_by: Sequence[tuple[str, Literal["asc", "desc"]]] = (),
        limit: int | None = None,
    ) -> AsyncIterator[UntypedDocument]:
        """Yield the documents that meet all conditions."""

    def nearest(
        self, path: str, vector: Sequence[float], limit: int, conditions: Sequence[Condition] = ()
    ) -> AsyncIterator[UntypedDocument]:
        """Yield the documents whose vectors have the smallest cosine distance from one, the nearest first."""

    def set_write(self, document_id: str, data: Mapping[str, object], changes: Iterable[UntypedChange] = ()) -> Write:
        """Return the write that creates or replaces a document."""

    def delete_write(self, document_id: str) -> Write:
        """Return the write that deletes a document."""

    async def commit(self, writes: Sequence[Write]) -> None:
        """Apply writes to the store, all of them or none."""


class AsyncDocumentStore(Protocol):
    """A store of documents of older shapes, or of current ones that look so."""

    def documents(self, path: str, options: Options | None = None) -> AsyncDocuments:
        """Return the documents of a collection, by the path of the older one."""


class AsyncTranslatedDocuments:
    """Current documents, in the shape of older ones.

    Args:
        current: Where they are.
        layout: The older shape.
    """

    def __init__(self, current: AsyncUntypedCollection, layout: Layout) -> None:
        self._current = current
        self._layout = layout

    async def get(self, document_id: str) -> UntypedDocument | None:
        """Return a document, or None if it does not exist."""
        document = await self._current.get(document_id)
        return None if document is None else self._translated(document)

    async def query(
        self,
        conditions: Sequence[Condition] = (),
        order_by: Sequence[tuple[str, Literal["asc", "desc"]]] = (),
        limit: int | None = None,
    ) -> AsyncIterator[UntypedDocument]:
        """Yield the documents that meet all conditions."""
        orders = [(self._path(path), direction) for path, direction in order_by]
        async for document in self._current.query(self._conditions(conditions), orders, limit):
            yield self._translated(document)

    async def nearest(
        self, path: str, vector: Sequence[float], limit: int, conditions: Sequence[Condition] = ()
    ) -> AsyncIterator[UntypedDocument]:
        """Yield the documents whose vectors have the smallest cosine distance from one, the nearest first."""
        conditions = self._conditions(conditions)
        async for document in self._current.nearest(self._path(path), vector, limit, conditions):
            yield self._translated(document)

    def set_write(self, document_id: str, data: Mapping[str, object], changes: Iterable[UntypedChange] = ()) -> Write:
        """Return the write that creates or replaces a document.

        Raises:
            ValidationError: The id or a value is not valid, or the document is too large.
        """
        moved = [replace(change, path=self._layout.current_path(change.path)) for change in changes]
        return self._current.set_write(document_id, self._layout.to_current(dict(data)), moved)

    def delete_write(self, document_id: str) -> Write:
        """Return the write that deletes a document.

        Raises:
            ValidationError: The id is not valid.
        """
        return self._current.delete_write(document_id)

    async def commit(self, writes: Sequence[Write]) -> None:
        """Apply writes to the store, all of them or none."""
        await self._current.commit(writes)

    def _path(self, path: str) -> str:
        return field_path(self._layout.current_path(split_field_path(path)))

    def _conditions(self, conditions: Sequence[Condition]) -> list[Condition]:
        translated = map(self._layout.current_condition, conditions)
        return [condition for condition in translated if condition is not None]

    def _translated(self, document: UntypedDocument) -> UntypedDocument:
        data = self._layout.to_old(document.data)
        return UntypedDocument(document.id, data, document.update_time, document.message)
