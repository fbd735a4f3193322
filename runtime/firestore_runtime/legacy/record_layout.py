"""What the synchronous manager's records become in the current collection, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firestore_runtime.legacy.record_item_shape import ITEM_RECORD, RECORD_TYPE
from firestore_runtime.legacy.record_shape import CONTEXT, METADATA, RecordShape
from firestore_runtime.rollout.conversions import inverse, renamed, with_times
from firestore_runtime.rollout.layouts import Layout, top_level

if TYPE_CHECKING:
    from firestore_runtime.rollout.conversions import Data


def record_layout(shape: RecordShape[Any]) -> Layout:  # of whichever model: documents are fields here
    """Return the layout of records."""
    records = shape.records
    back = inverse(shape.keys)

    def to_current(old: Data) -> Data:
        return with_times(renamed(old, shape.keys), records.fields.timestamp.key)

    return Layout(
        name="records",
        path=records.path,
        schema=records.schema,
        user=CONTEXT,
        to_current=to_current,
        to_old=lambda current: renamed(current, back),
        is_one=lambda data: record_type(data) != ITEM_RECORD,
        paths=top_level(shape.keys),
    )


def record_type(data: Data) -> object:
    """Return what a record's metadata say that it is; those of other programs say nothing."""
    metadata = data.get(METADATA)
    return metadata.get(RECORD_TYPE) if isinstance(metadata, dict) else None
