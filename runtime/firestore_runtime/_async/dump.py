"""Writing documents to files, and reading them from there."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pydantic

from firestore_runtime._async.sender import AsyncSender
from firestore_runtime.bulk.reports import Tally
from firestore_runtime.bulk.workers import AsyncWorkers
from firestore_runtime.dumps import text_files
from firestore_runtime.dumps.ndjson import BadDocument, DocumentReader, write_documents
from firestore_runtime.dumps.notation import Notation
from firestore_runtime.errors import ValidationError
from firestore_runtime.queries.statements import Statement

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime.collections.reference import CollectionReference
    from firestore_runtime.dumps.catalog import Catalog
    from firestore_runtime.options import Call
    from firestore_runtime.wire import Document

_CONCURRENCY = 4
_WRITTEN_AT_ONCE = 100


async def dump_documents(
    backend: AsyncBackend,
    catalog: Catalog,
    call: Call,
    target: text_files.PathOrFile,
    collections: Sequence[str] | None,
) -> int:
    """Write the documents of collections to a file, and return how many there are.

    Raises:
        OSError: The file cannot be written.
        ValidationError: There is no collection of such a name, or the file is open as bytes.
    """
    count = 0
    with call:
        references = catalog.references(collections)
        notation = Notation(catalog.database, catalog.namespace)
        with text_files.replacing(target) as file:
            for reference in references:
                found = _documents(
                    backend, catalog, reference, notation, replace(call, collection=reference.schema.name)
                )
                async for documents in AsyncWorkers.chunks(found, _WRITTEN_AT_ONCE):
                    await text_files.run_async(partial(write_documents, documents, notation, file))
                    count += len(documents)
    return count


async def _documents(
    backend: AsyncBackend,
    catalog: Catalog,
    reference: CollectionReference[Any],  # of any model
    notation: Notation,
    call: Call,
) -> AsyncIterator[Document]:
    """Read a collection in the order of its documents' names, without those of others with the same last id."""
    async for response in backend.run_query(Statement(reference).request(), call):
        if (
            response.HasField("document")
            and catalog.schema_at(notation.path(response.document.name)) is reference.schema
        ):
            yield response.document


async def load_documents(backend: AsyncBackend, catalog: Catalog, call: Call, source: text_files.PathOrFile) -> int:
    """Create or replace the documents in a file, and return how many there are.

    Raises:
        BulkWriteError: Some documents could not be written.
        OSError: The file cannot be read.
        ValidationError: One of them is wrong, or the file is open as bytes.
    """
    tally = Tally()
    try:
        with call, text_files.reading(source) as file:
            reader = DocumentReader(file, catalog, call)
            async with AsyncSender[pydantic.BaseModel](backend, call, _CONCURRENCY, tally.add) as sender:
                while not sender.broken and (writes := await text_files.run_async(reader.next)):
                    for queued in writes:
                        await sender.add(queued)
    except BadDocument as bad:
        loaded = f"{tally.progress.written:,} documents before it were" if tally.progress.written else "nothing was"
        raise ValidationError(f"{bad} ({loaded} loaded)", operation=call.operation) from bad
    if sender.broken:
        raise sender.broken
    tally.raise_for_errors(call)
    return tally.progress.written
