"""The rollout of a package with the older managers: the shapes of their documents, and how far these have moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firestore_runtime.legacy.item_layouts import agent_data_layout, item_layout, second_version
from firestore_runtime.legacy.record_item_layouts import record_agent_data_layout, record_item_layout
from firestore_runtime.legacy.record_layout import record_layout
from firestore_runtime.rollout.rollout import Rollout

if TYPE_CHECKING:
    from firestore_runtime.legacy.item_shape import ItemShape
    from firestore_runtime.legacy.record_item_shape import RecordItemShape
    from firestore_runtime.legacy.record_shape import RecordShape
    from firestore_runtime.rollout.settings import RolloutSettings


def legacy_rollout(
    package: str,
    settings: type[RolloutSettings],
    records: RecordShape[Any],  # of whichever models, here and below: layouts are about fields
    record_items: RecordItemShape[Any, Any],
    items: ItemShape[Any, Any],
) -> Rollout:
    """Make the rollout of the older managers' documents.

    Args:
        package: The import name of the generated package.
        settings: Its settings.
        records: The shape of the synchronous manager's records.
        record_items: The shape of the adapter's items and agent data.
        items: The shape of the asynchronous manager's items and agent data.
    """
    of_items, of_agent_data = item_layout(items), agent_data_layout(items)
    layouts = (
        record_layout(records),
        record_item_layout(record_items),
        record_agent_data_layout(record_items),
        of_items,
        of_agent_data,
    )
    return Rollout(package, settings, layouts, [second_version(of_items, of_agent_data)])
