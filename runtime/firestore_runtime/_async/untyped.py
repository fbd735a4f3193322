"""Collections of documents as dictionaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from firestore_runtime import wire
from firestore_runtime.bulk.batches import in_batches
from firestore_runtime.bulk.queued_writes import GivenWrite
from firestore_runtime.collections.reference import Location
from firestore_runtime.documents.untyped import read_untyped, untyped_write
from firestore_runtime.options import Call, Options
from firestore_runtime.paths import document_id
from firestore_runtime.policy.statuses import status_error
from firestore_runtime.queries.aggregations import count_request, read_number
from firestore_runtime.queries.untyped import ids_request, nearest_request, untyped_selection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    import pydantic

    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime.documents.untyped import Condition, UntypedChange, UntypedDocument
    from firestore_runtime.errors import StorageError
    from firestore_runtime.wire import RunQueryRequest, Write


class AsyncUntypedCollection:
    """A collection whose documents are read and written as dictionaries.

    Args:
        backend: The store.
        path: The path of the collection below the root of the database, such as `"memory_records"`.
        options: The options of its calls.
    """

    def __init__(self, backend: AsyncBackend, path: str, options: Options) -> None:
        self.path = path
        self._backend = backend
        self._options = options
        self._location = Location(backend.database, path)

    async def get(self, document_id: str) -> UntypedDocument | None:
        """Return a document, or None if it does not exist."""
        call = self._call("get", document_id)
        with call:
            request = wire.GetDocumentRequest(name=self.name(document_id))
        document = await self._backend.get_document(request, call)
        return None if document is None else read_untyped(document, self._location.context)

    async def get_many(self, document_ids: Iterable[str]) -> dict[str, UntypedDocument]:
        """Return the documents that exist, by id."""
        call = self._call("get_many", None)
        request = wire.BatchGetDocumentsRequest(database=self._backend.database)
        with call:
            request.documents.extend(map(self.name, document_ids))
        found: dict[str, UntypedDocument] = {}
        if not request.documents:
            return found
        async for response in self._backend.batch_get(request, call):
            if response.HasField("found"):
                document = read_untyped(response.found, self._location.context)
                found[document.id] = document
        return found

    async def set(self, document_id: str, data: Mapping[str, object], changes: Iterable[UntypedChange] = ()) -> None:
        """Create or replace a document, and then apply changes to it on the server."""
        call = self._call("set", document_id)
        with call:
            write = self.set_write(document_id, data, changes)
        await self._commit([write], call)

    async def delete(self, document_id: str) -> None:
        """Delete a document; it need not exist."""
        call = self._call("delete", document_id)
        with call:
            write = self.delete_write(document_id)
        await self._commit([write], call)

    async def commit(self, writes: Sequence[Write]) -> None:
        """Apply writes to this and other collections of the store, all of them or none."""
        await self._commit(writes, self._call("commit", None))

    async def write_many(self, writes: Sequence[Write]) -> list[StorageError | None]:
        """Apply writes independently of each other, and return for each the error that prevented it, or None."""
        call = self._call("write_many", None)
        outcomes: list[StorageError | None] = []
        queued: Iterable[GivenWrite[pydantic.BaseModel]] = (GivenWrite(write, call) for write in writes)
        for batch in in_batches(self._backend.database, queued):
            response = await self._backend.batch_write(batch.request, call)
            outcomes.extend(status_error(status, call) for status in response.status)
        return outcomes

    async def query(
        self,
        conditions: Sequence[Condition] = (),
        order_by: Sequence[tuple[str, Literal["asc", "desc"]]] = (),
        limit: int | None = None,
    ) -> AsyncIterator[UntypedDocument]:
        """Yield the documents that meet all conditions.

        Args:
            conditions: The conditions.
            order_by: The paths of the fields to order by; defaults to the order of the ids.
            limit: The most documents to yield.
        """
        call = self._call("query", None)
        with call:
            request = untyped_selection(self._location, conditions, order_by, limit).request()
        async for document in self._found(request, call):
            yield document

    async def ids(self, after: str | None, limit: int) -> list[str]:
        """Return document ids in order.

        Args:
            after: The last id that is already known; None to begin with the first.
            limit: The most ids to return.
        """
        call = self._call("ids", None)
        with call:
            request = ids_request(self._location, after, limit)
        return [
            document_id(response.document.name)
            async for response in self._backend.run_query(request, call)
            if response.HasField("document")
        ]

    async def count(self) -> int:
        """Return the number of documents."""
        call = self._call("count", None)
        selection = untyped_selection(self._location)
        async for response in self._backend.run_aggregation(count_request(selection), call):
            if response.HasField("result"):
                return int(read_number(response, selection))
        return 0

    async def nearest(
        self, path: str, vector: Sequence[float], limit: int, conditions: Sequence[Condition] = ()
    ) -> AsyncIterator[UntypedDocument]:
        """Yield the documents whose vectors have the smallest cosine distance to a vector, nearest first.

        Args:
            path: The path of the vector field; only vectors of the same dimension are compared.
            vector: The vector.
            limit: The most documents to yield, up to 1,000.
            conditions: Conditions that all documents must meet; only equalities are possible.
        """
        call = self._call("nearest", None)
        with call:
            request = nearest_request(untyped_selection(self._location, conditions), path, vector, limit)
        async for document in self._found(request, call):
            yield document

    def name(self, document_id: str) -> str:
        """Return the full name of a document.

        Raises:
            ValidationError: The id is not valid.
        """
        return self._location.name(document_id)

    def set_write(self, document_id: str, data: Mapping[str, object], changes: Iterable[UntypedChange] = ()) -> Write:
        """Return the write that `set` makes, for `commit`.

        Raises:
            ValidationError: The id or a value is not valid, or the document is too large.
        """
        return untyped_write(self.name(document_id), data, changes, self._location.context)

    def delete_write(self, document_id: str) -> Write:
        """Return the write that `delete` makes, for `commit`.

        Raises:
            ValidationError: The id is not valid.
        """
        return wire.Write(delete=self.name(document_id))

    async def _found(self, request: RunQueryRequest, call: Call) -> AsyncIterator[UntypedDocument]:
        async for response in self._backend.run_query(request, call):
            if response.HasField("document"):
                yield read_untyped(response.document, self._location.context)

    async def _commit(self, writes: Sequence[Write], call: Call) -> None:
        request = wire.CommitRequest(database=self._backend.database, writes=writes)
        await self._backend.commit(request, call)

    def _call(self, operation: str, document_id: str | None) -> Call:
        return Call(operation, self.path, document_id, self._options)
