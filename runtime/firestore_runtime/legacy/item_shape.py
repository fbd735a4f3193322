"""How the asynchronous manager stores items and agent data, and how it reads what has been stored."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pydantic

from firestore_runtime.legacy.fitting import Stored, fitted, stored_embedding
from firestore_runtime.legacy.values import as_stored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firestore_runtime.bindings import BoundCollection
    from firestore_runtime.documents.untyped import UntypedDocument
    from firestore_runtime.legacy.bindings import AgentDataFields, ItemFields

ItemT = TypeVar("ItemT", bound=pydantic.BaseModel)
DataT = TypeVar("DataT", bound=pydantic.BaseModel)

ID, METADATA, TIMESTAMP, EXPIRATION = "id", "metadata", "timestamp", "expiration"
USER, SESSION, TYPE, PERSONA = "user_id", "session_id", "item_type", "persona_active"
TEXT, EMBEDDING = "text_content", "embedding"
AGENT, DATA_TYPE, CONTENT = "agent_id", "data_type", "content"
CONTENT_HASH = "content_hash"
"""Only documents of long texts have it; older readers ignore it."""

MAX_COMPARED_BYTES = 1_499
"""The longest text, in UTF-8, that Firestore compares a field with."""


class ItemShape(Generic[ItemT, DataT]):
    """Items and agent data as documents of the older shape.

    Args:
        items: What is bound to items.
        agent_data: What is bound to agent data.

    Attributes:
        items: As above.
        agent_data: As above.
        item_keys: The older keys of items, and those that their model is made of.
        agent_data_keys: The same for agent data.
    """

    def __init__(
        self, items: BoundCollection[ItemT, ItemFields], agent_data: BoundCollection[DataT, AgentDataFields]
    ) -> None:
        self.items = items
        self.agent_data = agent_data
        self.item_keys = {
            ID: items.fields.id.key,
            USER: items.fields.user.key,
            SESSION: items.fields.session.key,
            TIMESTAMP: items.fields.time.key,
            TYPE: items.fields.type.key,
            PERSONA: items.fields.persona.key,
            TEXT: items.fields.text.key,
            EMBEDDING: items.fields.embedding.key,
            METADATA: items.fields.metadata.key,
            EXPIRATION: items.fields.expiration.key,
        }
        self.agent_data_keys = {
            ID: agent_data.fields.id.key,
            AGENT: agent_data.fields.agent.key,
            TIMESTAMP: agent_data.fields.time.key,
            DATA_TYPE: agent_data.fields.type.key,
            CONTENT: agent_data.fields.content.key,
            METADATA: agent_data.fields.metadata.key,
            EXPIRATION: agent_data.fields.expiration.key,
        }

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
        text = fields.text.of(item)
        embedding = fields.embedding.of(item)
        data: dict[str, object] = {
            ID: item_id,
            USER: fields.user.of(item),
            SESSION: fields.session.of(item),
            TIMESTAMP: fields.time.of(item),
            TYPE: fields.type.of(item),
            PERSONA: fields.persona.of(item),
            TEXT: text,
            EMBEDDING: None if embedding is None else stored_embedding(embedding, as_vector=as_vector),
            METADATA: fields.metadata.of(item),
            EXPIRATION: fields.expiration.of(item),
        }
        if text and is_long(text):
            data[CONTENT_HASH] = content_hash(text)
        return as_stored(data)

    def from_old_item(self, document: UntypedDocument) -> ItemT:
        """Make an item of its document; what is absent and not required takes the model's default.

        Raises:
            CorruptDocumentError: The document does not fit the model.
        """
        return fitted(self.items.model, _renamed(document, self.item_keys))

    def to_old_agent_data(self, data: DataT, data_id: str) -> Stored:
        """Return the fields of the document of agent data, and what the server makes of some of them.

        Raises:
            TypeError: A value has a type that Firestore does not know.
            ValueError: A value or a key cannot be written.
        """
        fields = self.agent_data.fields
        return as_stored(
            {
                ID: data_id,
                AGENT: fields.agent.of(data),
                TIMESTAMP: fields.time.of(data),
                DATA_TYPE: fields.type.of(data),
                CONTENT: fields.content.of(data),
                METADATA: fields.metadata.of(data),
                EXPIRATION: fields.expiration.of(data),
            }
        )

    def from_old_agent_data(self, document: UntypedDocument) -> DataT:
        """Make agent data of its document; what is absent and not required takes the model's default.

        Raises:
            CorruptDocumentError: The document does not fit the model.
        """
        return fitted(self.agent_data.model, _renamed(document, self.agent_data_keys))


def is_long(text: str) -> bool:
    """Whether Firestore refuses to compare a field with a text."""
    return len(text) * 4 > MAX_COMPARED_BYTES and len(text.encode()) > MAX_COMPARED_BYTES


def content_hash(text: str) -> str:
    """The SHA-256 of a text in UTF-8, as hexadecimal digits."""
    return sha256(text.encode()).hexdigest()


def _renamed(document: UntypedDocument, keys: Mapping[str, str]) -> dict[str, Any]:
    return {key: document.data[old] for old, key in keys.items() if old in document.data}
