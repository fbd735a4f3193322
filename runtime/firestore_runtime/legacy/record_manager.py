"""The older synchronous manager of records (`future.firestore_memory_manager`), on top of this library.

It reads and writes the documents that the older one does, in the same collection, so both may run side by side.
docs/migration.md lists what it does differently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firestore_runtime.legacy.failures import (
    ManagerError,
    RecordNotFoundError,
    failing,
)
from firestore_runtime.legacy.record_connection import RecordConnection
from firestore_runtime.legacy.record_shape import EMBEDDING, RecordT
from firestore_runtime.legacy.storage import ValidationError
from firestore_runtime.queries.nearest import checked_elements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class RecordManager(RecordConnection[RecordT]):
    """Typed records in a Firestore database, one document each.

    `initialize` makes a client of Google's, `_client`, and works on its channel and with its credentials, so that
    programs which use that client themselves need no second connection. `from_client` works on any store instead, and
    leaves `_client` None.

    Every method but `initialize`, `close` and `health_check` raises a `RuntimeError` until `initialize` has been
    called. All other failures are `RuntimeError`s too, but for the `ValueError`s that a method names; each also is a
    `StorageError` of this package, and knows its `original_exception`.
    """

    def save_record(self, record: RecordT, collection: str) -> str:
        """Create or replace a record, and return its id.

        Raises:
            ValueError: The record has no id.
            RuntimeError: A value cannot be stored, the id has slashes, or the store fails.
        """
        old = self._old()
        record_id = self._shape.records.fields.id.of(record)
        if not record_id:
            raise ValidationError("record_id must be provided for saving to Firestore")
        with failing(ManagerError, f"Failed to save record {record_id} to Firestore", "Unexpected error saving record"):
            old.save(collection, record)
        return record_id

    def get_record(self, record_id: str, collection: str) -> RecordT:
        """Return a record.

        Raises:
            ValueError: There is none, or no document can have this id.
            RuntimeError: The document does not fit the model, or the store fails.
        """
        old = self._old()
        failed = f"Failed to retrieve record {record_id} from Firestore"
        with failing(ManagerError, failed, "Unexpected error retrieving record", invalid=(ValueError,)):
            record = old.get(collection, record_id)
        if record is None:
            raise RecordNotFoundError(f"Record {record_id} not found in collection {collection}")
        return record

    def query_records(self, filters: Mapping[str, Any], collection: str) -> list[RecordT]:
        """Return the records that meet all filters; documents that do not fit the model are left out.

        Args:
            filters: What fields are equal to, by their paths: `metadata.k` reaches into maps, what is no identifier is
                quoted with backticks. `timestamp` may be a dictionary with `start` and `end`, both included.
            collection: Where they are.

        Returns:
            The records by their ids, or by time if `timestamp` is such a dictionary.

        Raises:
            RuntimeError: A path or a value is not valid, or the store fails.
        """
        old = self._old()
        with failing(ManagerError, "Failed to query records from Firestore", "Unexpected error querying records"):
            return old.matching(collection, filters)

    def delete_record(self, record_id: str, collection: str) -> bool:
        """Delete a record; return whether there was one.

        Raises:
            RuntimeError: No document can have this id, or the store fails.
        """
        old = self._old()
        failed = f"Failed to delete record {record_id} from Firestore"
        with failing(ManagerError, failed, "Unexpected error deleting record"):
            return old.delete(collection, record_id)

    def batch_save_records(self, records: Iterable[RecordT], collection: str) -> int:
        """Create or replace records, 400 at once, and return how many; those without an id are left out.

        Raises:
            RuntimeError: A record cannot be stored, or the store fails; what was committed before stays.
        """
        old = self._old()
        if not records:
            return 0
        failed = "Failed to batch save records to Firestore"
        with failing(ManagerError, failed, "Unexpected error during batch save"):
            return old.save_all(collection, records)

    def semantic_search(
        self,
        context: str,
        query_embedding: Sequence[float],
        persona: str | None,
        top_k: int,
        collection: str,
    ) -> list[RecordT]:
        """Return the records of a context that are nearest in meaning to a vector, the nearest first.

        Records have no embeddings themselves: documents are ranked by their field `embedding`, an array of numbers or a
        vector, such as the adapter of memory items stores with its own. Those without one of this length are left out.

        Args:
            context: The context.
            query_embedding: The vector.
            persona: Whose records they must be; without one, anybody's.
            top_k: How many; a negative number leaves out so many of the last ones.
            collection: Where they are.

        Raises:
            ValueError: The vector is empty, or holds something that is no finite number.
            RuntimeError: The store fails.
        """
        old = self._old()
        if len(query_embedding) == 0:
            raise ValidationError("Query embedding cannot be empty")
        query = checked_elements(EMBEDDING, query_embedding)
        failed = "Failed to perform semantic search"
        with failing(ManagerError, failed, "Unexpected error performing semantic search"):
            return old.nearest(collection, context, persona, query, top_k)
