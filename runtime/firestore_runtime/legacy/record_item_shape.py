"""How the adapter stores items and agent data: as records, and in their metadata or beside it what these lack."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic

from firestore_runtime.documents.untyped import Condition
from firestore_runtime.legacy.fitting import Stored, fitted, stored_embedding
from firestore_runtime.legacy.item_shape import DataT, ItemT
from firestore_runtime.legacy.record_shape import (
    CONTENT,
    CONTEXT,
    EMBEDDING,
    ID,
    METADATA,
    PERSONA,
    TIMESTAMP,
    RecordShape,
)
from firestore_runtime.legacy.values import as_operand, as_stored, checked_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firestore_runtime.bindings import BoundCollection
    from firestore_runtime.documents.untyped import UntypedDocument
    from firestore_runtime.legacy.bindings import AgentDataFields, ItemFields

TYPE, SESSION, CONTENT_HASH = "item_type", "session_id", "content_hash"
DATA_TYPE, AGENT = "data_type", "agent_id"
RECORD_TYPE = "record_type"
"""Where metadata tells what a record is; records of other programs have none."""
ITEM_RECORD, AGENT_RECORD = "memory_item", "agent_data"

EXPIRATION = "expiration"
"""Older documents have none, unless the application kept one under this key of the metadata."""

DEFAULT_PERSONA, AGENT_PERSONA, DEFAULT_TYPE = "default", "agent", "message"

_PERSONA_FILTER = "persona_active"
"""What the persona is called in filters; records keep it outside of their metadata."""


class RecordItemShape(Generic[ItemT, DataT]):
    """Items and agent data as records.

    Args:
        items: What is bound to items.
        agent_data: What is bound to agent data.
        records: The shape of records.

    Attributes:
        items: As above.
        agent_data: As above.
    """

    def __init__(
        self,
        items: BoundCollection[ItemT, ItemFields],
        agent_data: BoundCollection[DataT, AgentDataFields],
        records: RecordShape[Any],  # of whichever model: only its fields are read
    ) -> None:
        self.items = items
        self.agent_data = agent_data
        self._records = records

    def to_old_item(self, item: ItemT, item_id: str, *, as_vector: bool = False) -> Stored:
        """Return the fields of an item's document, and what the server makes of some of its metadata.

        Args:
            item: The item.
            item_id: Its id.
            as_vector: Whether its embedding is stored as a vector if Firestore can do that, instead of as an array.

        Raises:
            TypeError: A value has a type that Firestore does not know.
            ValueError: A value or a key cannot be written.
        """
        fields = self.items.fields
        own = {TYPE: fields.type.of(item), SESSION: fields.session.of(item), RECORD_TYPE: ITEM_RECORD}
        data: dict[str, object] = {
            ID: item_id,
            CONTEXT: fields.user.of(item),
            PERSONA: fields.persona.of(item) or DEFAULT_PERSONA,
            CONTENT: fields.text.of(item) or "",
            TIMESTAMP: fields.time.of(item),
            METADATA: {**fields.metadata.of(item), **own},
        }
        if (embedding := fields.embedding.of(item)) is not None:
            data[EMBEDDING] = stored_embedding(embedding, as_vector=as_vector)
        if (expiration := fields.expiration.of(item)) is not None:
            data[EXPIRATION] = expiration
        return as_stored(data)

    def from_old_item(self, document: UntypedDocument) -> ItemT:
        """Make an item of its document, or of a record of another program; a time that is absent is the present.

        Raises:
            CorruptDocumentError: The document does not fit the model.
        """
        record, of_record = self._records.from_old(document), self._records.records.fields
        metadata = dict(of_record.metadata.of(record))
        fields = self.items.fields
        given = {
            fields.id.key: of_record.id.of(record),
            fields.user.key: of_record.context.of(record),
            fields.session.key: metadata.pop(SESSION, None),
            fields.time.key: of_record.timestamp.of(record),
            fields.type.key: metadata.pop(TYPE, DEFAULT_TYPE),
            fields.persona.key: of_record.persona.of(record),
            fields.text.key: of_record.content.of(record),
            fields.embedding.key: document.data.get(EMBEDDING),
            fields.metadata.key: metadata,
            fields.expiration.key: stored_expiration(document),
        }
        return fitted(self.items.model, given)

    def to_old_agent_data(self, data: DataT, data_id: str, *, as_text: bool = False) -> Stored:
        """Return the fields of the document of agent data, and what the server makes of some of them.

        Args:
            data: The data.
            data_id: Their id.
            as_text: Whether their content is stored as Python writes it, instead of as it is.

        Raises:
            TypeError: A value has a type that Firestore does not know.
            ValueError: A value or a key cannot be written.
        """
        fields = self.agent_data.fields
        content, agent = fields.content.of(data), fields.agent.of(data)
        own = {DATA_TYPE: fields.type.of(data), AGENT: agent, RECORD_TYPE: AGENT_RECORD}
        stored: dict[str, object] = {
            ID: data_id,
            CONTEXT: agent,
            PERSONA: AGENT_PERSONA,
            CONTENT: str(content) if as_text else content,
            TIMESTAMP: fields.time.of(data),
            METADATA: {**fields.metadata.of(data), **own},
        }
        if (expiration := fields.expiration.of(data)) is not None:
            stored[EXPIRATION] = expiration
        return as_stored(stored)


def history_conditions(user: object, session: object, filters: Mapping[str, object]) -> list[Condition]:
    """Return what the records of a user's items meet: of two filters of the same field, the last one.

    Args:
        user: The user.
        session: The session, or nothing for any.
        filters: What further fields are equal to, by their names in items.

    Raises:
        ValueError: A path or a value is not valid.
        TypeError: A value has a type that Firestore does not know.
    """
    equal: dict[str, object] = {CONTEXT: user}
    if session:
        equal[f"{METADATA}.{SESSION}"] = session
    for key, value in filters.items():
        if key == _PERSONA_FILTER:
            equal[PERSONA] = value or DEFAULT_PERSONA  # as it is stored
        else:
            equal[key if key.startswith(f"{METADATA}.") else f"{METADATA}.{key}"] = value
    return [Condition(checked_path(path), "==", as_operand(value)) for path, value in equal.items()]


def is_expired(document: UntypedDocument, record_type: str, now: datetime) -> bool:
    """Whether a document is a record of this adapter's, of a type, whose time is over."""
    metadata = document.data.get(METADATA)
    expiration = stored_expiration(document)
    is_ours = isinstance(metadata, dict) and metadata.get(RECORD_TYPE) == record_type
    return is_ours and isinstance(expiration, datetime) and expiration < now


def stored_expiration(document: UntypedDocument) -> object:
    """Return when a document expires: as it says itself, or else in its metadata."""
    expiration = document.data.get(EXPIRATION)
    metadata = document.data.get(METADATA)
    if expiration is None and isinstance(metadata, dict):
        return metadata.get(EXPIRATION)
    return expiration
