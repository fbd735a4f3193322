"""What the items and agent data that are kept as records become in the current collections, and back.

What no shape knows is carried over as it is, so that the way back finds it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from firestore_runtime.legacy.embeddings import complete, make_array
from firestore_runtime.legacy.item_shape import CONTENT_HASH
from firestore_runtime.legacy.record_item_shape import (
    AGENT,
    AGENT_PERSONA,
    AGENT_RECORD,
    DATA_TYPE,
    DEFAULT_PERSONA,
    DEFAULT_TYPE,
    EXPIRATION,
    ITEM_RECORD,
    RECORD_TYPE,
    SESSION,
    TYPE,
    RecordItemShape,
)
from firestore_runtime.legacy.record_layout import record_type
from firestore_runtime.legacy.record_shape import CONTENT, CONTEXT, EMBEDDING, ID, METADATA, PERSONA, TIMESTAMP
from firestore_runtime.rollout.conversions import inverse, renamed, with_times
from firestore_runtime.rollout.layouts import Layout, top_level

if TYPE_CHECKING:
    from firestore_runtime.bindings import BoundCollection
    from firestore_runtime.legacy.bindings import AgentDataFields, ItemFields
    from firestore_runtime.rollout.conversions import Data

_NO_TEXT = ""
_OWN_METADATA = (DATA_TYPE, AGENT, RECORD_TYPE)


def record_item_layout(shape: RecordItemShape[Any, Any]) -> Layout:  # of whichever models: documents are fields here
    """Return the layout of items."""
    conversion = _ItemConversion(shape.items.fields)
    in_metadata = {(METADATA, old): (new,) for old, new in conversion.metadata_keys.items()}
    return Layout(
        name="record_items",
        path=shape.items.path,
        schema=shape.items.schema,
        user=CONTEXT,
        to_current=conversion.to_current,
        to_old=conversion.to_old,
        is_one=lambda data: record_type(data) == ITEM_RECORD,
        paths=top_level(conversion.keys) | in_metadata,
        absent={(PERSONA,): DEFAULT_PERSONA, (CONTENT,): _NO_TEXT},
        always={(METADATA, RECORD_TYPE): ITEM_RECORD},
    )


def record_agent_data_layout(shape: RecordItemShape[Any, Any]) -> Layout:  # as above
    """Return the layout of agent data."""
    agent_data: BoundCollection[Any, AgentDataFields] = shape.agent_data  # as above
    conversion = _AgentDataConversion(agent_data.fields)
    return Layout(
        name="record_agent_data",
        path=agent_data.path,
        schema=agent_data.schema,
        user=CONTEXT,
        to_current=conversion.to_current,
        to_old=conversion.to_old,
        is_one=is_agent_record,
        paths=top_level(conversion.keys) | {(METADATA, EXPIRATION): (agent_data.fields.expiration.key,)},
    )


def is_agent_record(data: Data) -> bool:
    """Whether a document is agent data that are kept as a record."""
    return ID in data and record_type(data) == AGENT_RECORD


class _ItemConversion:
    """Of the adapter's items, which are records; their metadata say what records lack."""

    def __init__(self, fields: ItemFields) -> None:
        self._fields = fields
        self.keys = {
            ID: fields.id.key,
            CONTEXT: fields.user.key,
            PERSONA: fields.persona.key,
            CONTENT: fields.text.key,
            TIMESTAMP: fields.time.key,
            METADATA: fields.metadata.key,
            EMBEDDING: fields.embedding.key,
            EXPIRATION: fields.expiration.key,
        }
        self.metadata_keys = {SESSION: fields.session.key, TYPE: fields.type.key}
        self._inverse = inverse(self.keys)

    def to_current(self, old: Data) -> Data:
        fields, metadata = self._fields, _metadata(old)
        item = renamed(old, self.keys)
        item[fields.session.key] = metadata.pop(SESSION, None)
        item[fields.type.key] = metadata.pop(TYPE, DEFAULT_TYPE)
        if old.get(EXPIRATION) is None and EXPIRATION in metadata:
            item[fields.expiration.key] = metadata[EXPIRATION]
        metadata.pop(RECORD_TYPE, None)
        item[fields.metadata.key] = metadata
        if old.get(PERSONA) == DEFAULT_PERSONA:
            item[fields.persona.key] = None
        if old.get(CONTENT) == _NO_TEXT:
            item[fields.text.key] = None
        complete(item, fields.text.key, fields.embedding.key)
        return with_times(item, fields.time.key, fields.expiration.key)

    def to_old(self, current: Data) -> Data:
        old = renamed(current, self._inverse, drop=(CONTENT_HASH, *self.metadata_keys.values()))
        for key in (EMBEDDING, EXPIRATION):
            if old.get(key) is None:
                old.pop(key, None)
        make_array(old, EMBEDDING)
        old[PERSONA] = old.get(PERSONA) or DEFAULT_PERSONA
        old[CONTENT] = old.get(CONTENT) or _NO_TEXT
        own = {key: current.get(new) for key, new in self.metadata_keys.items()}
        return _with_metadata(old, {**own, RECORD_TYPE: ITEM_RECORD})


class _AgentDataConversion:
    """Of the adapter's agent data, which are records, too; contents that were stored as text stay text."""

    def __init__(self, fields: AgentDataFields) -> None:
        self._fields = fields
        self.keys = {
            ID: fields.id.key,
            CONTEXT: fields.agent.key,
            CONTENT: fields.content.key,
            TIMESTAMP: fields.time.key,
            METADATA: fields.metadata.key,
            EXPIRATION: fields.expiration.key,
        }
        self._inverse = inverse(self.keys)

    def to_current(self, old: Data) -> Data:
        fields, metadata = self._fields, _metadata(old)
        data = renamed(old, self.keys, drop=(PERSONA,))
        data[fields.type.key] = metadata.get(DATA_TYPE)
        data[fields.metadata.key] = {key: value for key, value in metadata.items() if key not in _OWN_METADATA}
        return with_times(data, fields.time.key, fields.expiration.key)

    def to_old(self, current: Data) -> Data:
        kind = self._fields.type.key
        old = renamed(current, self._inverse, drop=(kind,))
        if old.get(EXPIRATION) is None:
            old.pop(EXPIRATION, None)
        own = {DATA_TYPE: current.get(kind), AGENT: old.get(CONTEXT), RECORD_TYPE: AGENT_RECORD}
        old[PERSONA] = AGENT_PERSONA
        return _with_metadata(old, own)


def _metadata(old: Data) -> Data:
    """Return a copy of a record's metadata.

    Raises:
        ValueError: They are no map.
    """
    metadata = old.get(METADATA) or {}
    if not isinstance(metadata, dict):
        raise ValueError(f"{METADATA}: no map, but a {type(metadata).__name__}")
    return dict(metadata)


def _with_metadata(old: Data, own: Mapping[str, object]) -> Data:
    """Add to a record's metadata what they say of it, unless they are no map: nobody can read such a record."""
    metadata = old.get(METADATA, {})
    if isinstance(metadata, dict):
        old[METADATA] = {**metadata, **own}
    return old
