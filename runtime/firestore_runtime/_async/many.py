"""Writing many documents in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pydantic

from firestore_runtime._async.embedding import with_vectors
from firestore_runtime._async.sender import AsyncSender
from firestore_runtime.bulk.model_writes import Destination, Entry, check_many, entry_of
from firestore_runtime.bulk.queued_writes import DeleteByName
from firestore_runtime.bulk.reports import ReportBuilder, Tally
from firestore_runtime.bulk.workers import AsyncWorkers
from firestore_runtime.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime.bulk.outcomes import OnError, WriteReport
    from firestore_runtime.bulk.queued_writes import QueuedWrite
    from firestore_runtime.bulk.workers import AsyncItems
    from firestore_runtime.options import Call
    from firestore_runtime.wire import RunQueryResponse

GivenT = TypeVar("GivenT")
ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)

_CONCURRENCY = 4
_EMBEDDED_AT_ONCE = 100


async def write_many(
    backend: AsyncBackend, call: Call, writes: AsyncIterator[QueuedWrite[ModelT]], on_error: OnError
) -> WriteReport[ModelT]:
    """Send writes, which are taken one by one, and report on each.

    Raises:
        BulkWriteError: Some failed, and `on_error` is `"raise"`.
    """
    builder: ReportBuilder[ModelT] = ReportBuilder()
    async with AsyncSender(backend, call, _CONCURRENCY, builder.add) as sender:
        async for queued in writes:
            builder.expect(queued)
            try:
                await sender.add(queued)
            except StorageError as error:
                builder.refused(queued, error)
    return builder.report(call, on_error)


async def each(items: AsyncItems[GivenT]) -> AsyncIterator[GivenT]:
    """Yield the items one by one.

    Raises:
        ValidationError: A single item was passed instead of many.
    """
    check_many(items)
    async for chunk in AsyncWorkers.chunks(items, 1):
        yield chunk[0]


async def entries(destination: Destination[ModelT], items: AsyncItems[object]) -> AsyncIterator[Entry]:
    """Yield models, or pairs of id and model, one by one, with the vectors of their texts filled in.

    Raises:
        ValidationError: A single model was passed instead of many.
    """
    check_many(items)
    async for chunk in AsyncWorkers.chunks(items, _EMBEDDED_AT_ONCE if destination.options.embedder else 1):
        for entry in await with_entry_vectors(destination, [entry_of(given) for given in chunk]):
            yield entry


async def with_entry_vectors(destination: Destination[ModelT], entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return entries with the vectors of their texts, or with the error that prevented them."""
    schema = destination.reference.schema
    known = [(entry, entry.model) for entry in entries if isinstance(entry.model, schema.model)]
    try:
        models = await with_vectors(schema, [model for _, model in known], destination.options)
    except StorageError as error:
        for entry, _ in known:
            entry.error = error
    else:
        for (entry, _), model in zip(known, models, strict=True):
            entry.model = model
    return entries


async def delete_found(backend: AsyncBackend, call: Call, found: AsyncIterator[RunQueryResponse]) -> int:
    """Delete the documents that a query finds, and return how many there were.

    Raises:
        BulkWriteError: Some documents could not be deleted.
    """
    tally = Tally()
    async with AsyncSender[pydantic.BaseModel](backend, call, _CONCURRENCY, tally.add) as sender:
        async for response in found:
            if response.HasField("document"):
                await sender.add(DeleteByName(response.document.name, call))
    tally.raise_for_errors(call)
    return tally.progress.written
