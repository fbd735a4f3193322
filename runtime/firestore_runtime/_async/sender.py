"""Sending writes in batches: several at once, each write until it has an outcome."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

import pydantic

from firestore_runtime import wire
from firestore_runtime.bulk.batches import Batch
from firestore_runtime.bulk.deliveries import Delivery, Outcomes
from firestore_runtime.bulk.workers import AsyncWorkers
from firestore_runtime.errors import AlreadyExistsError, StorageError
from firestore_runtime.policy.lost_creates import lost_create_response
from firestore_runtime.policy.retries import Attempts

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime.bulk.queued_writes import QueuedWrite
    from firestore_runtime.bulk.ramp_up import RampUp
    from firestore_runtime.bulk.workers import AsyncFuture
    from firestore_runtime.options import Call
    from firestore_runtime.wire import BatchWriteRequest

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


class AsyncSender(Generic[ModelT]):
    """Sends writes in batches. At the end of its `with` block all have an outcome, unless it is interrupted.

    While the most batches allowed are in flight, `add` waits, so that memory stays flat. Two writes to one
    document are never in flight together, so they are applied in order.

    Args:
        backend: The store.
        call: The call that the writes belong to.
        concurrency: The most batches in flight at once.
        report: Called with the outcomes, a batch at a time, by whoever adds writes or waits for them.
        ramp_up: The limit on how fast they may be sent, if any.

    Attributes:
        broken: The reason why no write can succeed any more; writes added then fail at once.
    """

    def __init__(
        self,
        backend: AsyncBackend,
        call: Call,
        concurrency: int,
        report: Callable[[Outcomes[ModelT]], None],
        ramp_up: RampUp | None = None,
    ) -> None:
        self._backend = backend
        self._call = call
        self._concurrency = concurrency
        self._report = report
        self._ramp_up = ramp_up
        self._workers = AsyncWorkers(concurrency)
        self._waiting: Batch[ModelT] = Batch(backend.database)
        self._sent: dict[AsyncFuture[Delivery[ModelT]], Batch[ModelT]] = {}
        self.broken: StorageError | None = None

    async def add(self, queued: QueuedWrite[ModelT]) -> None:
        """Send a write with the next batch.

        Raises:
            StorageError: It cannot be made.
        """
        with self._workers.lock:
            self._waiting.fill_in(queued)
            if self._may_add(queued):
                self._waiting.keep(queued)
            else:
                self._waiting.take_out(queued)
                await self._put(queued)
            if self._waiting.is_full:
                await self._send()

    async def flush(self) -> None:
        """Send pending writes, and wait until each has an outcome."""
        with self._workers.lock:
            while self._waiting.writes or self._sent:
                await self._send()
                await self._collect()

    async def __aenter__(self) -> Self:
        """Return the sender itself."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Send pending writes, even after an exception; when interrupted, drop them and those in flight."""
        try:
            if kind is None or issubclass(kind, Exception):
                await self.flush()
        finally:
            await self._workers.close()

    def _is_under_way(self, queued: QueuedWrite[ModelT]) -> bool:
        """Return whether a write to the same document is in flight."""
        return any(queued.name in batch.names for batch in self._sent.values())

    def _may_add(self, queued: QueuedWrite[ModelT]) -> bool:
        return self.broken is None and self._waiting.fits(queued) and not self._is_under_way(queued)

    async def _put(self, queued: QueuedWrite[ModelT]) -> None:
        """Add a write as soon as that is allowed."""
        while self.broken is None and not self._may_add(queued):
            if self._waiting.fits(queued):
                await self._collect()
            else:
                await self._send()
        if self.broken:
            self._report([(queued, queued.failed(self.broken))])
        else:
            self._waiting.put(queued)

    async def _send(self) -> None:
        while len(self._sent) >= self._concurrency:
            await self._collect()
        batch, self._waiting = self._waiting, Batch(self._backend.database)
        if self.broken:
            self._report([(queued, queued.failed(self.broken)) for queued in batch.writes])
        elif batch.writes:
            self._sent[self._workers.start(partial(self._deliver, batch))] = batch
            await asyncio.sleep(0)  # lets it begin

    async def _collect(self) -> None:
        """Wait until at least one batch has finished, and report its outcomes."""
        for ended in await self._workers.first_ended(self._sent) if self._sent else ():
            if self._sent.pop(ended, None):  # otherwise another task has handled it
                delivery = ended.result()
                self.broken = self.broken or delivery.broken
                self._report(delivery.outcomes)

    async def _deliver(self, batch: Batch[ModelT]) -> Delivery[ModelT]:
        delivery, attempts = Delivery(batch.writes), Attempts(self._call)
        while writes := delivery.next():
            await self._attempt(delivery, writes, batch.request_for(writes))
            for queued, found in delivery.take_lost_creates():
                await self._resolve_lost_create(delivery, queued, found)
            if delivery.setback:
                try:
                    delay = attempts.next_delay(delivery.setback)
                except StorageError:
                    delivery.give_up()
                else:
                    await asyncio.sleep(delay)
        return delivery

    async def _attempt(
        self, delivery: Delivery[ModelT], writes: list[QueuedWrite[ModelT]], request: BatchWriteRequest
    ) -> None:
        if self._ramp_up:
            await asyncio.sleep(self._ramp_up.delay(monotonic(), len(writes)))
        once = replace(self._call, options=self._call.options.merged(retry=False))
        try:
            response = await self._backend.batch_write(request, once)
        except StorageError as error:
            delivery.refused(writes, error)
        else:
            delivery.answered(writes, response)

    async def _resolve_lost_create(
        self, delivery: Delivery[ModelT], queued: QueuedWrite[ModelT], found: AlreadyExistsError
    ) -> None:
        """Find out whether a create that found its document existing has made it itself."""
        request = wire.GetDocumentRequest(name=queued.name)
        try:
            stored = await self._backend.get_document(request, queued.call)
            response = lost_create_response(stored, queued.message, found)
        except StorageError as error:
            delivery.failed(queued, error)
        else:
            delivery.written(queued, response.write_results[0])
