# Derived from _async/many.py by runtime/derive_sync.py. Do not edit; change that and run `make sync`.

"""Writing many documents in one call."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import pydantic

from firestore_runtime._sync.embedding import with_vectors
from firestore_runtime.bulk.batches import QueuedWrite
from firestore_runtime.bulk.tallies import Gathering, Tally
from firestore_runtime.bulk.workers import Workers
from firestore_runtime.bulk.write_makers import Entry, WriteMaker, check_many, entry_of
from firestore_runtime.errors import StorageError
from firestore_runtime.paths import document_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from firestore_runtime._sync.backend import Backend
    from firestore_runtime.bulk.outcomes import OnError, WriteReport
    from firestore_runtime.bulk.workers import Items
    from firestore_runtime.options import Call
    from firestore_runtime.wire import RunQueryResponse, Write

GivenT = TypeVar("GivenT")
ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)

_CONCURRENCY = 4
_EMBEDDED_AT_ONCE = 100


def write_many(
    backend: Backend,
    call: Call,
    items: Iterator[GivenT],
    make: Callable[[GivenT, Write], QueuedWrite[ModelT]],
    on_error: OnError,
) -> WriteReport[ModelT]:
    """Turn each item into a write, and send them all.

    Raises:
        BulkWriteError: Some failed, and `on_error` is `"raise"`.
    """
    gathering = Gathering(make)
    from firestore_runtime._sync.sender import Sender  # with gRPC, which is slow to load

    with Sender(backend, call, _CONCURRENCY, gathering.add) as sender:
        for given in items:
            with suppress(StorageError):  # already recorded as an outcome
                sender.add(partial(gathering.make, given))
    return gathering.report(call, on_error)


def each(items: Items[GivenT]) -> Iterator[GivenT]:
    """Yield the items one by one.

    Raises:
        ValidationError: A single item was passed instead of many.
    """
    check_many(items)
    for chunk in Workers.chunks(items, 1):
        yield chunk[0]


def entries(maker: WriteMaker[ModelT], items: Items[object]) -> Iterator[Entry]:
    """Yield models, or pairs of id and model, one by one, with the vectors of their texts filled in.

    Raises:
        ValidationError: A single model was passed instead of many.
    """
    check_many(items)
    for chunk in Workers.chunks(items, _EMBEDDED_AT_ONCE if maker.options.embedder else 1):
        for entry in with_entry_vectors(maker, [entry_of(given) for given in chunk]):
            yield entry


def with_entry_vectors(maker: WriteMaker[ModelT], entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return entries with the vectors of their texts, or with the error that prevented them."""
    schema = maker.reference.schema
    known = [(entry, entry.model) for entry in entries if isinstance(entry.model, schema.model)]
    try:
        models = with_vectors(schema, [model for _, model in known], maker.options)
    except StorageError as error:
        for entry, _ in known:
            entry.error = error
    else:
        for (entry, _), model in zip(known, models, strict=True):
            entry.model = model
    return entries


def delete_found(backend: Backend, call: Call, found: Iterator[RunQueryResponse]) -> int:
    """Delete the documents that a query finds, and return how many there were.

    Raises:
        BulkWriteError: Some documents could not be deleted.
    """
    tally = Tally()
    from firestore_runtime._sync.sender import Sender  # with gRPC, which is slow to load

    with Sender[pydantic.BaseModel](backend, call, _CONCURRENCY, tally.add) as sender:
        for response in found:
            if response.HasField("document"):
                sender.add(partial(_delete, response.document.name, call))
    tally.raise_for_errors(call)
    return tally.progress.written


def _delete(name: str, call: Call, write: Write) -> QueuedWrite[pydantic.BaseModel]:
    write.delete = name
    return QueuedWrite(write, call.about(document_id(name)))
