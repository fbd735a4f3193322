"""Writing many documents in one call."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import pydantic

from firestore_runtime._async.embedding import with_vectors
from firestore_runtime.bulk.batches import QueuedWrite
from firestore_runtime.bulk.tallies import Gathering, Tally
from firestore_runtime.bulk.workers import AsyncWorkers
from firestore_runtime.bulk.write_makers import Entry, WriteMaker, check_many, entry_of
from firestore_runtime.errors import StorageError
from firestore_runtime.paths import document_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime.bulk.outcomes import OnError, WriteReport
    from firestore_runtime.bulk.workers import AsyncItems
    from firestore_runtime.options import Call
    from firestore_runtime.wire import RunQueryResponse, Write

GivenT = TypeVar("GivenT")
ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)

_CONCURRENCY = 4
_EMBEDDED_AT_ONCE = 100


async def write_many(
    backend: AsyncBackend,
    call: Call,
    items: AsyncIterator[GivenT],
    make: Callable[[GivenT, Write], QueuedWrite[ModelT]],
    on_error: OnError,
) -> WriteReport[ModelT]:
    """Turn each item into a write, and send them all.

    Raises:
        BulkWriteError: Some failed, and `on_error` is `"raise"`.
    """
    gathering = Gathering(make)
    from firestore_runtime._async.sender import AsyncSender  # with gRPC, which is slow to load

    async with AsyncSender(backend, call, _CONCURRENCY, gathering.add) as sender:
        async for given in items:
            with suppress(StorageError):  # already recorded as an outcome
                await sender.add(partial(gathering.make, given))
    return gathering.report(call, on_error)


async def each(items: AsyncItems[GivenT]) -> AsyncIterator[GivenT]:
    """Yield the items one by one.

    Raises:
        ValidationError: A single item was passed instead of many.
    """
    check_many(items)
    async for chunk in AsyncWorkers.chunks(items, 1):
        yield chunk[0]


async def entries(maker: WriteMaker[ModelT], items: AsyncItems[object]) -> AsyncIterator[Entry]:
    """Yield models, or pairs of id and model, one by one, with the vectors of their texts filled in.

    Raises:
        ValidationError: A single model was passed instead of many.
    """
    check_many(items)
    async for chunk in AsyncWorkers.chunks(items, _EMBEDDED_AT_ONCE if maker.options.embedder else 1):
        for entry in await with_entry_vectors(maker, [entry_of(given) for given in chunk]):
            yield entry


async def with_entry_vectors(maker: WriteMaker[ModelT], entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return entries with the vectors of their texts, or with the error that prevented them."""
    schema = maker.reference.schema
    known = [(entry, entry.model) for entry in entries if isinstance(entry.model, schema.model)]
    try:
        models = await with_vectors(schema, [model for _, model in known], maker.options)
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
    from firestore_runtime._async.sender import AsyncSender  # with gRPC, which is slow to load

    async with AsyncSender[pydantic.BaseModel](backend, call, _CONCURRENCY, tally.add) as sender:
        async for response in found:
            if response.HasField("document"):
                await sender.add(partial(_delete, response.document.name, call))
    tally.raise_for_errors(call)
    return tally.progress.written


def _delete(name: str, call: Call, write: Write) -> QueuedWrite[pydantic.BaseModel]:
    write.delete = name
    return QueuedWrite(write, call.about(document_id(name)))
