"""How the synchronous manager of records stores them, and how it reads what has been stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pydantic

from firestore_runtime.legacy.fitting import Stored, fitted
from firestore_runtime.legacy.values import as_stored

if TYPE_CHECKING:
    from firestore_runtime.bindings import BoundCollection
    from firestore_runtime.documents.untyped import UntypedDocument
    from firestore_runtime.legacy.bindings import RecordFields

RecordT = TypeVar("RecordT", bound=pydantic.BaseModel)

ID, CONTEXT, PERSONA, CONTENT = "record_id", "context", "persona", "content"
TIMESTAMP, METADATA = "timestamp", "metadata"
EMBEDDING = "embedding"
"""Where the adapter of memory items keeps the vector of a record; a record itself has none."""


class RecordShape(Generic[RecordT]):
    """Records as documents of the older shape.

    Args:
        records: What is bound to them.

    Attributes:
        records: As above.
        keys: The older keys, and those that the model is made of.
    """

    def __init__(self, records: BoundCollection[RecordT, RecordFields]) -> None:
        self.records = records
        fields = records.fields
        self.keys = {
            ID: fields.id.key,
            CONTEXT: fields.context.key,
            PERSONA: fields.persona.key,
            CONTENT: fields.content.key,
            TIMESTAMP: fields.timestamp.key,
            METADATA: fields.metadata.key,
        }

    def to_old(self, record: RecordT) -> Stored:
        """Return the fields of a record's document, and what the server makes of some of its metadata.

        Raises:
            TypeError: A value has a type that Firestore does not know.
            ValueError: A value or a key cannot be written.
        """
        fields = self.records.fields
        return as_stored(
            {
                ID: fields.id.of(record),
                CONTEXT: fields.context.of(record),
                PERSONA: fields.persona.of(record),
                CONTENT: fields.content.of(record),
                TIMESTAMP: fields.timestamp.of(record),
                METADATA: fields.metadata.of(record),
            }
        )

    def from_old(self, document: UntypedDocument) -> RecordT:
        """Make a record of its document; what is absent and not required takes the model's default.

        Raises:
            CorruptDocumentError: The document does not fit the model.
        """
        given: dict[str, Any] = {key: document.data[old] for old, key in self.keys.items() if old in document.data}
        return fitted(self.records.model, given)
