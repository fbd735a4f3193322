"""The older documents and the current ones, and which of them a call is about."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Generic, TypeVar

from firestore_runtime._async.untyped import AsyncUntypedCollection
from firestore_runtime.documents.untyped import if_unchanged
from firestore_runtime.errors import ConflictError, NotFoundError, StorageError
from firestore_runtime.paths import relative_path
from firestore_runtime.rollout._async.outbox import AsyncOutbox
from firestore_runtime.rollout.copies import MAX_WRITES, Staged
from firestore_runtime.rollout.findings import is_same
from firestore_runtime.rollout.flags import READING_CURRENT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime.documents.untyped import UntypedDocument
    from firestore_runtime.rollout._async.stores import AsyncStores
    from firestore_runtime.rollout.copies import Direction
    from firestore_runtime.rollout.findings import Finding
    from firestore_runtime.rollout.layouts import Layout
    from firestore_runtime.rollout.reading import AsyncRead
    from firestore_runtime.wire import Write

StoreT = TypeVar("StoreT")
T = TypeVar("T")

_COMPARISONS = 4
_UNCHANGED = 2
"""How often in a row, so that what is changed and changed back is not mistaken for something that has not changed."""

_log = logging.getLogger(__name__)


class AsyncDualStore(Generic[StoreT]):
    """What works on the older documents and the same for the current ones; calls go where the flags say.

    Args:
        old: What works on the older documents.
        current: What works on the current ones.
        stores: Where both are.
    """

    def __init__(self, old: StoreT, current: StoreT, stores: AsyncStores) -> None:
        self.old = old
        self.current = current
        self._stores = stores
        self._rollout = stores.rollout
        self._is_one_store = stores.old is stores.current
        self._outboxes: dict[Direction, AsyncOutbox] = {
            "forward": AsyncOutbox(stores.old, stores.current, stores.options, stores.rollout),
            "back": AsyncOutbox(stores.current, stores.old, stores.options, stores.rollout),
        }

    async def read(self, layout: Layout | None, operation: str, user: object, read: AsyncRead[StoreT, T]) -> T:
        """Read from the store that the flags say, and compare with the other one if they say so.

        Args:
            layout: What the older documents look like; None if they stay where they are.
            operation: What is done, for the report.
            user: Whose documents they are; None if nobody knows yet.
            read: Reads from a store.
        """
        mode = self._rollout.current_flags().of(layout.schema.name).for_reading(user) if layout else "legacy"
        if mode in READING_CURRENT:
            return await read(self.current)
        result = await read(self.old)
        if layout and mode == "shadow_read":
            await self._compare(layout, operation, result, read)
        return result

    def stage(
        self,
        layout: Layout | None,
        user: object,
        document_id: str,
        make: Callable[[StoreT], Write],
        *,
        deletes: bool = False,
    ) -> Staged:
        """Make the write of one document, in the shapes that the flags say.

        Args:
            layout: What the older document looks like; None if it stays where it is.
            user: Whose it is; None if nobody knows.
            document_id: Its id.
            make: Makes the write for a store.
            deletes: Whether it is deleted: in one store both are, always, so that no way back brings it back.
        """
        mode = self._rollout.current_flags().of(layout.schema.name).for_writing(user) if layout else "legacy"
        with_old = mode != "current" or (deletes and self._is_one_store)
        return Staged(
            layout,
            document_id,
            make(self.old) if with_old else None,
            make(self.current) if mode != "legacy" else None,
            "back" if mode in READING_CURRENT else "forward",
        )

    async def write(self, staged: Sequence[Staged]) -> None:
        """Apply writes: in one store all or none; in two, those that lead, and the others as soon as possible.

        Raises:
            StorageError: A store that leads fails.
        """
        if self._is_one_store:
            await self._commit(self._stores.old, [write for each in staged for write in each.writes])
            return
        forward = [each for each in staged if each.leads == "forward"]
        await self._write_to(self._stores.old, "forward", forward)
        await self._write_to(self._stores.current, "back", [each for each in staged if each.leads == "back"])

    async def delete_expired(
        self,
        layout: Layout,
        find: Callable[[StoreT], AsyncIterator[UntypedDocument]],
        delete: Callable[[StoreT, str], Write],
    ) -> int:
        """Delete what has expired where the flags say, and return how many documents that are read from were.

        Both shapes of a document are deleted at once, unless it has changed since it was found. What has expired and is
        in the other shape alone is deleted there.

        Args:
            layout: What the older documents look like.
            find: Finds what has expired in a store.
            delete: Makes the write for a store that deletes a document.

        Raises:
            StorageError: The store that is read from fails; what was deleted before stays so.
        """
        mode = self._rollout.current_flags().of(layout.schema.name).for_writing(None)
        is_current = mode in READING_CURRENT
        leading, other = (self.current, self.old) if is_current else (self.old, self.current)

        def stage(document: UntypedDocument) -> Staged:
            return self.stage(layout, None, document.id, lambda store: delete(store, document.id), deletes=True)

        def stage_other(document: UntypedDocument) -> Staged:
            write = delete(other, document.id)
            if is_current:
                return Staged(layout, document.id, write, None, "forward")
            return Staged(layout, document.id, None, write, "back")

        deleted = await self._delete(find(leading), stage)
        if mode == "legacy" or (mode == "current" and not self._is_one_store):
            return deleted
        try:
            await self._delete(self._alone(layout, find(other), is_current=is_current), stage_other)
        except StorageError as error:
            _log.warning("What has expired of %s stays in the other shape: %s", layout.schema.name, error)
        return deleted

    async def _alone(
        self, layout: Layout, documents: AsyncIterator[UntypedDocument], *, is_current: bool
    ) -> AsyncIterator[UntypedDocument]:
        """Yield what the leading store does not have: a document may have come since it was looked at."""
        stores = self._stores
        store, path = (
            (stores.current, stores.current_path(layout)) if is_current else (stores.old, stores.old_path(layout))
        )
        leading = AsyncUntypedCollection(store, path, stores.options)
        async for document in documents:
            if await leading.get(document.id) is None:
                yield document

    async def _delete(
        self, documents: AsyncIterator[UntypedDocument], stage: Callable[[UntypedDocument], Staged]
    ) -> int:
        """Delete documents that are still as they were found, with up to 400 writes at once; return how many."""
        deleted, writes = 0, 0
        staged: list[Staged] = []
        async for document in documents:
            staged.append(stage(document))
            if_unchanged(staged[-1].leading, document)
            writes += len(staged[-1].writes)
            if writes >= MAX_WRITES:
                deleted += await self._write_unchanged(staged)
                writes, staged = 0, []
        return deleted + await self._write_unchanged(staged)

    async def _write_unchanged(self, staged: Sequence[Staged]) -> int:
        """Apply writes, but those of documents that have changed; return how many were applied."""
        try:
            await self.write(staged)
        except (ConflictError, NotFoundError):
            if len(staged) == 1:
                return 0
            return sum([await self._write_unchanged([each]) for each in staged])
        return len(staged)

    async def _write_to(self, store: AsyncBackend, direction: Direction, staged: Sequence[Staged]) -> None:
        """Apply writes that one of two stores leads, and what they say is to be copied into the other one."""
        outbox = self._outboxes[direction]
        writes = [each.leading for each in staged]
        copied = [
            (self._stores.route(each.layout, direction), each.document_id)
            for each in staged
            if each.layout and len(each.writes) > 1
        ]
        await self._commit(store, writes + [outbox.entry_write(*each) for each in copied])
        if copied:
            await outbox.deliver(copied)
            for each_outbox in self._outboxes.values():  # what programs a step before have left is read here now
                await each_outbox.catch_up()

    async def _commit(self, store: AsyncBackend, writes: Sequence[Write]) -> None:
        if writes:
            path = relative_path(writes[0].delete or writes[0].update.name).rpartition("/")[0]
            await AsyncUntypedCollection(store, path, self._stores.options).commit(writes)

    async def _compare(self, layout: Layout, operation: str, result: T, read: AsyncRead[StoreT, T]) -> None:
        """Hold what the older documents gave against what the current ones give; what happens to these is counted."""
        collection = layout.schema.name
        try:
            finding = await self._compared(layout, result, read)
        except Exception as error:  # the call itself has succeeded
            finding = "failed"
            _log.warning("%s of %s fails on the current documents: %s", operation, collection, error)
        self._rollout.findings.count(collection, operation, finding)
        if finding == "different":
            _log.warning("%s of %s finds something else among the current documents", operation, collection)

    async def _compared(self, layout: Layout, result: T, read: AsyncRead[StoreT, T]) -> Finding:
        """Compare until both are the same, or differ while the older documents stay and no copy of theirs is due."""
        unchanged = 0
        for _ in range(_COMPARISONS):
            is_behind = unchanged > 0 and await self._is_behind(layout)
            if is_same(result, await read(self.current)):
                return "equal"
            again = await read(self.old)
            unchanged = unchanged + 1 if is_same(result, again) else 0
            if unchanged >= _UNCHANGED and not is_behind:
                return "different"
            result = again
        return "undecided"

    async def _is_behind(self, layout: Layout) -> bool:
        """Whether something is still to be copied into the second store, if there are two."""
        if self._is_one_store:
            return False
        return await self._outboxes["forward"].is_pending(self._stores.old_path(layout))
