"""What the asynchronous manager's items and agent data become in the current collections, and back.

What no shape knows is carried over as it is, so that the way back finds it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from firestore_runtime.legacy.embeddings import complete, make_array
from firestore_runtime.legacy.item_shape import (
    AGENT,
    CONTENT_HASH,
    DATA_TYPE,
    EMBEDDING,
    TEXT,
    TYPE,
    USER,
    ItemShape,
    content_hash,
    is_long,
)
from firestore_runtime.legacy.record_item_layouts import is_agent_record
from firestore_runtime.legacy.record_item_shape import DEFAULT_TYPE
from firestore_runtime.legacy.storage import AGENT_DATA_COLLECTION, MEMORY_ITEMS_COLLECTION, collection_name
from firestore_runtime.limits import check_id
from firestore_runtime.rollout.conversions import inverse, renamed, with_times
from firestore_runtime.rollout.layouts import Layout, LayoutFamily, top_level

if TYPE_CHECKING:
    from firestore_runtime.rollout.conversions import Data

_V2_DATA_TYPE = "log"
"""What agent data of the second version are if they do not say it."""
_V2_PRIVACY = "standard"


def item_layout(shape: ItemShape[Any, Any]) -> Layout:  # of whichever models: documents are fields here
    """Return the layout of items."""
    items = shape.items
    back = inverse(shape.item_keys)

    def to_current(old: Data) -> Data:
        item = renamed(old, shape.item_keys, drop=(CONTENT_HASH,))
        complete(item, items.fields.text.key, items.fields.embedding.key)
        return with_times(item, items.fields.time.key, items.fields.expiration.key)

    def to_old(current: Data) -> Data:
        old = renamed(current, back, drop=(CONTENT_HASH,))
        make_array(old, EMBEDDING)
        text = old.get(TEXT)
        if isinstance(text, str) and is_long(text):
            old[CONTENT_HASH] = content_hash(text)
        return old

    return Layout(
        name="items",
        path=items.path,
        schema=items.schema,
        user=USER,
        to_current=to_current,
        to_old=to_old,
        is_one=lambda data: True,
        paths=top_level(shape.item_keys),
    )


def agent_data_layout(shape: ItemShape[Any, Any]) -> Layout:  # as above
    """Return the layout of agent data."""
    agent_data = shape.agent_data
    back = inverse(shape.agent_data_keys)

    def to_current(old: Data) -> Data:
        data = renamed(old, shape.agent_data_keys)
        return with_times(data, agent_data.fields.time.key, agent_data.fields.expiration.key)

    return Layout(
        name="agent_data",
        path=agent_data.path,
        schema=agent_data.schema,
        user=AGENT,
        to_current=to_current,
        to_old=lambda current: renamed(current, back),
        is_one=lambda data: not is_agent_record(data),
        paths=top_level(shape.agent_data_keys),
    )


def second_version(items: Layout, agent_data: Layout) -> LayoutFamily:
    """Return the layouts of the second version's documents, which are the same without what is empty."""
    v2_items = replace(items, name="v2_items", to_current=lambda old: items.to_current({TYPE: DEFAULT_TYPE, **old}))
    v2_agent_data = replace(
        agent_data,
        name="v2_agent_data",
        to_current=lambda old: agent_data.to_current({DATA_TYPE: _V2_DATA_TYPE, **old}),
    )
    return LayoutFamily("v2:NAMESPACE[:PRIVACY[:ENVIRONMENT]]", (v2_items, v2_agent_data), _v2_paths)


def _v2_paths(words: Sequence[str]) -> list[str]:
    namespace, privacy, environment = (*words, "", "")[:3]
    return [
        check_id(collection_name(base, namespace, privacy or _V2_PRIVACY, environment))
        for base in (MEMORY_ITEMS_COLLECTION, AGENT_DATA_COLLECTION)
    ]
