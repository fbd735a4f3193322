# Derived from _async/bulk_writer.py by runtime/derive_sync.py. Do not edit; change that and run `make sync`.

"""Writing any number of documents of any collections, in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, overload

import pydantic

from firestore_runtime._sync.embedding import with_new_vectors
from firestore_runtime._sync.many import with_entry_vectors
from firestore_runtime._sync.sender import Sender
from firestore_runtime.bulk.batches import checked_concurrency
from firestore_runtime.bulk.model_writes import CreateWrite, DeleteWrite, Entry, SetWrite, UpdateWrite
from firestore_runtime.bulk.ramp_up import RampUp
from firestore_runtime.bulk.reports import Tally
from firestore_runtime.errors import OperationError
from firestore_runtime.options import Call

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from firestore_runtime._sync.backend import Backend
    from firestore_runtime._sync.collection import Collection
    from firestore_runtime.bulk.deliveries import Outcomes
    from firestore_runtime.bulk.outcomes import OnError, WriteOutcome, WriteProgress
    from firestore_runtime.bulk.queued_writes import QueuedWrite
    from firestore_runtime.fields.changes import Change
    from firestore_runtime.options import Options

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


class BulkWriter:
    """Collects writes, and sends them in batches while it collects more. Use it in a `with` block.

    Create it with the client's `bulk_writer`.

    Args:
        backend: The store.
        options: The options of its requests.
        throttle: Whether to keep to Firestore's ramp-up.
        max_concurrency: The most requests in flight at once.
        on_error: Whether failures are raised.
        on_outcome: Called with the outcome of each write.
        on_progress: Called after each request with the progress so far.

    Raises:
        ValidationError: `max_concurrency` is not a positive integer.
    """

    def __init__(
        self,
        backend: Backend,
        options: Options,
        *,
        throttle: bool,
        max_concurrency: int,
        on_error: OnError,
        on_outcome: Callable[[WriteOutcome[pydantic.BaseModel]], None] | None,
        on_progress: Callable[[WriteProgress], None] | None,
    ) -> None:
        self._call = Call("bulk_writer", None, None, options)
        self._on_error = on_error
        self._on_outcome = on_outcome
        self._on_progress = on_progress
        self._tally = Tally()
        self._is_open = False
        self._sender: Sender[pydantic.BaseModel] = Sender(
            backend, self._call, checked_concurrency(max_concurrency), self._report, RampUp() if throttle else None
        )

    @property
    def progress(self) -> WriteProgress:
        """The number of writes that have an outcome."""
        return self._tally.progress

    def create(self, collection: Collection[ModelT], model: ModelT, *, id: str | None = None) -> str:
        """Create a document, and return its id. See the collection's `create`."""
        destination = collection._destination("create")
        [entry] = with_entry_vectors(destination, [Entry(model, id)])
        queued = CreateWrite(destination, entry)
        self._add(queued)
        return queued.document_id

    @overload
    def set(self, collection: Collection[ModelT], model: ModelT, /) -> None: ...

    @overload
    def set(self, collection: Collection[ModelT], document_id: str, model: ModelT, /) -> None: ...

    def set(self, collection: Collection[ModelT], first: str | ModelT, second: ModelT | None = None, /) -> None:
        """Create a document or replace it entirely. See the collection's `set`."""
        given_id, model = (first, second) if isinstance(first, str) else (None, first)
        destination = collection._destination("set")
        [entry] = with_entry_vectors(destination, [Entry(model, given_id)])
        self._add(SetWrite(destination, entry))

    def update(self, collection: Collection[ModelT], document_id: str, /, *changes: Change[ModelT]) -> None:
        """Change individual fields of a document, such as with `F.name.set(value)`. See the collection's `update`."""
        destination = collection._destination("update")
        with destination.call(document_id):
            patch = with_new_vectors(destination.reference.schema, changes, {}, destination.options)
        self._add(UpdateWrite(destination, document_id, changes, patch))

    def delete(self, collection: Collection[ModelT], document_id: str) -> None:
        """Delete a document; it need not exist."""
        self._add(DeleteWrite(collection._destination("delete"), document_id))

    def flush(self) -> None:
        """Send pending writes, and wait until each has an outcome.

        Raises:
            BulkWriteError: Writes failed since the last `flush`, and failures are raised.
        """
        self._sender.flush()
        if self._on_error == "raise":
            self._tally.raise_for_errors(self._call)

    def __enter__(self) -> Self:
        """Return the writer itself, which accepts writes until the end of the block."""
        self._is_open = True
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, *traceback: object) -> None:
        """Flush, even after an exception, to which a note on the outcome is added."""
        self._sender.__exit__(kind, error, *traceback)
        self._is_open = False
        if error is not None:
            error.add_note(
                f"The bulk writer had {self.progress.written:,} written and {self.progress.failed:,} failed."
            )
        elif self._on_error == "raise":
            self._tally.raise_for_errors(self._call)

    def _add(self, queued: QueuedWrite[ModelT]) -> None:
        if not self._is_open:
            raise OperationError(
                "the bulk writer takes writes only inside of its `with` block", operation="bulk_writer"
            )
        self._sender.add(queued)
        if self._sender.broken:
            raise self._sender.broken

    def _report(self, outcomes: Outcomes[pydantic.BaseModel]) -> None:
        self._tally.add(outcomes)
        for _, outcome in outcomes:
            if self._on_outcome:
                self._on_outcome(outcome)
        if self._on_progress:
            self._on_progress(self.progress)
