"""A collection of documents of one model; a generated package derives a class with typed fields for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, TypeVar, overload

import pydantic

from firestore_runtime import wire
from firestore_runtime._async.embedding import with_new_vectors, with_vectors
from firestore_runtime._async.many import each, entries, write_many
from firestore_runtime._async.query import AsyncQuery
from firestore_runtime.bulk.model_writes import CreateWrite, DeleteWrite, Destination, SetWrite
from firestore_runtime.bulk.outcomes import OnError, WriteReport
from firestore_runtime.documents.reads import OnCorrupt, Snapshot, read_model, read_or_report, read_snapshot
from firestore_runtime.documents.writes import (
    create_write,
    created_model,
    delete_write,
    set_write,
    update_write,
    with_id,
)
from firestore_runtime.documents.written import Written
from firestore_runtime.embedding.texts import check_embedder
from firestore_runtime.errors import NotFoundError, ValidationError
from firestore_runtime.options import Call
from firestore_runtime.queries.statements import Statement

if TYPE_CHECKING:
    import builtins
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Self

    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime.bulk.workers import AsyncItems
    from firestore_runtime.collections.reference import CollectionReference
    from firestore_runtime.embedders import AnyEmbedder
    from firestore_runtime.fields.changes import Change
    from firestore_runtime.fields.fields import Order, VectorField
    from firestore_runtime.fields.filters import Filter
    from firestore_runtime.options import Options, Retry
    from firestore_runtime.queries.nearest import Nearest
    from firestore_runtime.values import DocumentPath
    from firestore_runtime.wire import CommitRequest, Document, WriteResult
    from firestore_runtime.wire.operators import Distance

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


class AsyncCollection(Generic[ModelT]):
    """The documents of one collection.

    Args:
        backend: The store.
        reference: The location of the collection in the store.
        options: The options of its calls.

    Raises:
        ConfigurationError: The embedder's vectors do not fit into a field that is filled from a text.
    """

    def __init__(self, backend: AsyncBackend, reference: CollectionReference[ModelT], options: Options) -> None:
        self._backend = backend
        self._reference = reference
        self._options = options
        check_embedder(reference.schema, options.embedder)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        attempt_timeout: float | None = None,
        retry: Retry | bool | None = None,
        if_updated_at: datetime | None = None,
        embedder: AnyEmbedder | None = None,
    ) -> Self:
        """Return the same collection with other options.

        Args:
            timeout: Total seconds for a call, retries included; for a stream, for each wait for a result.
            attempt_timeout: Seconds for one attempt, or for the next result of a stream.
            retry: How to retry, or False for a single attempt.
            if_updated_at: Make `set`, `update` and `delete` fail with a `ConflictError` unless this is the document's
                `Snapshot.update_time`.
            embedder: The embedder for `search` and for fields that are filled from a text.
        """
        options = self._options.merged(timeout, attempt_timeout, retry, if_updated_at, embedder)
        return type(self)(self._backend, self._reference, options)

    def path(self, document_id: str) -> DocumentPath:
        """Return the path of a document, for a field that refers to it. The document need not exist."""
        with self._call("path", document_id):
            return self._reference.path(document_id)

    async def get(self, document_id: str) -> ModelT | None:
        """Return a document, or None if it does not exist.

        Raises:
            CorruptDocumentError: The stored document does not fit the model.
        """
        with self._call("get", document_id) as call:
            document = await self._get_document(document_id, call)
            return None if document is None else read_model(self._reference, document, call)

    async def require(self, document_id: str) -> ModelT:
        """Return a document.

        Raises:
            NotFoundError: It does not exist.
            CorruptDocumentError: The stored document does not fit the model.
        """
        with self._call("require", document_id) as call:
            document = await self._get_document(document_id, call)
            if document is None:
                raise NotFoundError("the document does not exist")
            return read_model(self._reference, document, call)

    async def get_snapshot(self, document_id: str) -> Snapshot[ModelT] | None:
        """Return a document with its times, or None if it does not exist.

        Raises:
            CorruptDocumentError: The stored document does not fit the model.
        """
        with self._call("get_snapshot", document_id) as call:
            document = await self._get_document(document_id, call)
            return None if document is None else read_snapshot(self._reference, document, call)

    async def exists(self, document_id: str) -> bool:
        """Return whether a document exists; its fields are not sent."""
        with self._call("exists", document_id) as call:
            request = wire.GetDocumentRequest(name=self._reference.name(document_id))
            request.mask.field_paths.append("__name__")
            return await self._backend.get_document(request, call) is not None

    async def get_many(
        self, document_ids: Sequence[str], *, on_corrupt: OnCorrupt = "raise"
    ) -> builtins.list[ModelT | None]:
        """Return documents in the order of their ids, with None for each that does not exist.

        Args:
            document_ids: Any number of ids.
            on_corrupt: How to handle a document that does not fit the model; a skipped one is None, too.

        Raises:
            CorruptDocumentError: A stored document does not fit the model, and `on_corrupt` is `"raise"`.
        """
        with self._call("get_many") as call:
            names = [self._reference.name(document_id) for document_id in _checked_ids(document_ids)]
            request = wire.BatchGetDocumentsRequest(database=self._reference.database)
            request.documents.extend(dict.fromkeys(names))
            found: dict[str, ModelT | None] = {}
            async for response in self._backend.batch_get(request, call):
                if response.HasField("found"):
                    found[response.found.name] = read_or_report(self._reference, response.found, call, on_corrupt)
            return [found.get(name) for name in names]

    async def create(self, model: ModelT, *, id: str | None = None) -> ModelT:
        """Create a document, and return the model with its id and the fields that the server set.

        Args:
            model: The model to store; it is not changed.
            id: The document's id; defaults to the model's own, or to a new random one if the schema says so.

        Raises:
            AlreadyExistsError: A document with this id exists.
            ValidationError: The id or a value is not valid, or the document is too large.
        """
        with self._call("create", id) as call:
            document_id, model = with_id(self._reference, model, id, generate=True)
            [model] = await with_vectors(self._reference.schema, [model], self._options)
            request = self._commit_request()
            write = create_write(self._reference, model, document_id, self._options.if_updated_at, request.writes.add())
            result = await self._commit(request, call.about(document_id))
            return created_model(self._reference, model, write, result)

    @overload
    async def set(self, model: ModelT, /) -> Written: ...

    @overload
    async def set(self, document_id: str, model: ModelT, /) -> Written: ...

    async def set(self, first: str | ModelT, second: ModelT | None = None, /) -> Written:
        """Create a document or replace it entirely, and return the time of the write.

        Args:
            first: The model, or the document's id followed by the model.
            second: The model, if the id comes first.

        Raises:
            ConflictError: The document is not as `if_updated_at` requires.
            ValidationError: The id or a value is not valid, or the document is too large.
        """
        given_id, given = (first, second) if isinstance(first, str) else (None, first)
        with self._call("set", given_id) as call:
            document_id, model = with_id(self._reference, given, given_id, generate=False)
            [model] = await with_vectors(self._reference.schema, [model], self._options)
            request = self._commit_request()
            set_write(self._reference, model, document_id, self._options.if_updated_at, request.writes.add())
            return Written(await self._commit(request, call.about(document_id)))

    async def delete(self, document_id: str) -> None:
        """Delete a document; it need not exist.

        Raises:
            ConflictError: The document is not as `if_updated_at` requires.
        """
        with self._call("delete", document_id) as call:
            request = self._commit_request()
            delete_write(self._reference, document_id, self._options.if_updated_at, request.writes.add())
            await self._commit(request, call)

    async def create_many(
        self, models: AsyncItems[ModelT | tuple[str, ModelT]], *, on_error: OnError = "raise"
    ) -> WriteReport[ModelT]:
        """Create any number of documents, each independently of the others, and report on each.

        Args:
            models: The models, or pairs of id and model, consumed one by one.
            on_error: Whether to raise an error at the end if any failed, or only to report failures.

        Raises:
            BulkWriteError: Some documents were not created; its `report` says which.
        """
        with self._call("create_many") as call:
            destination = self._destination(call.operation)
            writes = (CreateWrite(destination, entry) async for entry in entries(destination, models))
            return await write_many(self._backend, call, writes, on_error)

    async def set_many(
        self, models: AsyncItems[ModelT | tuple[str, ModelT]], *, on_error: OnError = "raise"
    ) -> WriteReport[ModelT]:
        """Create or replace any number of documents. Of two with the same id, the later one wins. See `create_many`."""
        with self._call("set_many") as call:
            destination = self._destination(call.operation)
            writes = (SetWrite(destination, entry) async for entry in entries(destination, models))
            return await write_many(self._backend, call, writes, on_error)

    async def delete_many(self, document_ids: AsyncItems[str], *, on_error: OnError = "raise") -> WriteReport[ModelT]:
        """Delete any number of documents; they need not exist. See `create_many`."""
        with self._call("delete_many") as call:
            destination = self._destination(call.operation)
            writes = (DeleteWrite(destination, document_id) async for document_id in each(document_ids))
            return await write_many(self._backend, call, writes, on_error)

    def all(self, *, on_corrupt: OnCorrupt = "raise") -> AsyncQuery[ModelT]:
        """Return the query for all documents.

        Args:
            on_corrupt: How its reads handle a document that does not fit the model.
        """
        return AsyncQuery(self._backend, Statement(self._reference, on_corrupt=on_corrupt), self._options)

    def where(self, *filters: Filter[ModelT]) -> AsyncQuery[ModelT]:
        """Return the query for the documents that match all filters."""
        return self.all().where(*filters)

    def order_by(self, *orders: Order[ModelT]) -> AsyncQuery[ModelT]:
        """Return the query for all documents in the given order."""
        return self.all().order_by(*orders)

    async def find_nearest(
        self,
        field: VectorField[ModelT],
        vector: Sequence[float],
        *,
        limit: int,
        threshold: float | None = None,
        distance: Distance | None = None,
        on_corrupt: OnCorrupt | None = None,
    ) -> builtins.list[Nearest[ModelT]]:
        """Return the documents whose vectors are nearest to the given one; see `AsyncQuery.find_nearest`."""
        return await self.all().find_nearest(
            field, vector, limit=limit, threshold=threshold, distance=distance, on_corrupt=on_corrupt
        )

    async def search(
        self,
        text: str,
        *filters: Filter[ModelT],
        field: VectorField[ModelT] | None = None,
        limit: int = 10,
        threshold: float | None = None,
        distance: Distance | None = None,
        on_corrupt: OnCorrupt | None = None,
    ) -> builtins.list[Nearest[ModelT]]:
        """Return the documents nearest in meaning to a text that match all filters; see `AsyncQuery.search`."""
        return await self.where(*filters).search(
            text, field=field, limit=limit, threshold=threshold, distance=distance, on_corrupt=on_corrupt
        )

    async def _update(
        self, document_id: str, changes: tuple[Change[ModelT], ...], patch: Mapping[str, object]
    ) -> Written:
        with self._call("update", document_id) as call:
            patch = await with_new_vectors(self._reference.schema, changes, patch, self._options)
            request = self._commit_request()
            update_write(
                self._reference, document_id, changes, patch, self._options.if_updated_at, request.writes.add()
            )
            return Written(await self._commit(request, call))

    def _destination(self, operation: str) -> Destination[ModelT]:
        return Destination(self._reference, self._options, operation)

    async def _get_document(self, document_id: str, call: Call) -> Document | None:
        return await self._backend.get_document(wire.GetDocumentRequest(name=self._reference.name(document_id)), call)

    def _commit_request(self) -> CommitRequest:
        """Make a request whose write is then built in place: adding one afterwards would copy it."""
        return wire.CommitRequest(database=self._reference.database)

    async def _commit(self, request: CommitRequest, call: Call) -> WriteResult:
        return (await self._backend.commit(request, call)).write_results[0]

    def _call(self, operation: str, document_id: str | None = None) -> Call:
        return Call(operation, self._reference.schema.name, document_id, self._options)


def _checked_ids(document_ids: object) -> Sequence[str]:
    if isinstance(document_ids, str) or not isinstance(document_ids, Sequence):
        raise ValidationError(f"a list of ids is needed here, not {type(document_ids).__name__}")
    return document_ids
