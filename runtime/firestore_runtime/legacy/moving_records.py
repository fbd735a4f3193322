"""The records of the synchronous manager, while they move to the current collection."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Generic

from firestore_runtime.legacy.record_shape import CONTEXT, RecordShape, RecordT
from firestore_runtime.legacy.stored_records import StoredRecords
from firestore_runtime.rollout._sync.dual_store import DualStore
from firestore_runtime.rollout._sync.stores import CurrentStore, OldStore
from firestore_runtime.rollout.copies import MAX_WRITES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from firestore_runtime.options import Options
    from firestore_runtime.rollout._sync.stores import Stores
    from firestore_runtime.rollout.copies import Staged
    from firestore_runtime.rollout.layouts import Layout

_log = logging.getLogger(__name__)


class MovingRecords(Generic[RecordT]):
    """The records where the flags say that they are (see `rollout`); those of other collections stay where they are.

    Every method raises errors of this package for what a store refuses, and built-in ones for what it is not asked.

    Args:
        stores: Where they may be.
        shape: What they look like.
    """

    def __init__(self, stores: Stores, shape: RecordShape[RecordT]) -> None:
        self._records = stores.rollout.layouts["records"]
        self._fields = shape.records.fields
        old = StoredRecords(OldStore(stores), shape)
        current = StoredRecords(CurrentStore(stores, [self._records]), shape)
        self._dual_store = DualStore(old, current, stores)

    def get(self, collection: str, record_id: object) -> RecordT | None:
        """Return a record, or None if there is none.

        Raises:
            CorruptDocumentError: The document does not fit the model.
        """
        layout = self._layout(collection, record_id)
        return self._dual_store.read(layout, "get", None, lambda store: store.get(collection, record_id))

    def is_answering(self, collection: str, document_id: str, options: Options) -> bool:
        """Read a document with other options, whether it exists or not; that it returns is the answer."""
        layout = self._layout(collection)
        return self._dual_store.read(
            layout, "is_answering", None, lambda store: store.is_answering(collection, document_id, options)
        )

    def save(self, collection: str, record: RecordT) -> None:
        """Create or replace a record."""
        self._dual_store.write([self._staged(collection, record)])

    def save_all(self, collection: str, records: Iterable[RecordT]) -> int:
        """Create or replace records, with up to 400 writes at once; return how many, without those that have no id."""
        saved, writes = 0, 0
        staged: list[Staged] = []
        for record in records:
            if not self._fields.id.of(record):
                _log.warning("A record of %s without an id is not saved", collection)
                continue
            staged.append(self._staged(collection, record))
            writes += len(staged[-1].writes)
            if writes >= MAX_WRITES:
                self._dual_store.write(staged)
                saved, writes, staged = saved + len(staged), 0, []
        self._dual_store.write(staged)
        return saved + len(staged)

    def delete(self, collection: str, record_id: object) -> bool:
        """Delete a record; return whether there was one."""
        layout = self._layout(collection, record_id)
        exists = self._dual_store.read(layout, "exists", None, lambda store: store.exists(collection, record_id))
        if exists:
            staged = self._dual_store.stage(
                layout, None, str(record_id), lambda store: store.delete_write(collection, record_id), deletes=True
            )
            self._dual_store.write([staged])
        return exists

    def matching(self, collection: str, filters: Mapping[str, object]) -> list[RecordT]:
        """Return the records that meet all filters, by id, or by time if a span of time is among them."""
        context = dict(filters).get(CONTEXT)
        return self._dual_store.read(
            self._layout(collection), "matching", context, lambda store: store.matching(collection, filters)
        )

    def nearest(
        self, collection: str, context: str, persona: str | None, query: Sequence[float], top_k: int | None
    ) -> list[RecordT]:
        """Return the records of a context whose embeddings are most similar to a vector, the most similar first."""
        return self._dual_store.read(
            self._layout(collection),
            "nearest",
            context,
            lambda store: store.nearest(collection, context, persona, query, top_k),
        )

    def _staged(self, collection: str, record: RecordT) -> Staged:
        record_id, context = self._fields.id.of(record), self._fields.context.of(record)
        layout = self._layout(collection, record_id)
        return self._dual_store.stage(layout, context, record_id, lambda store: store.set_write(collection, record))

    def _layout(self, collection: str, record_id: object = "") -> Layout | None:
        """What a record looks like, if it is one that moves: others, and those further down, stay where they are."""
        is_nested = isinstance(record_id, str) and "/" in record_id
        return self._records if collection == self._records.path and not is_nested else None
