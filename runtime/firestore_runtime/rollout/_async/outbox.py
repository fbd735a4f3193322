"""What has been written in one store and is still to be copied into another."""

from __future__ import annotations

import logging
from collections import defaultdict
from functools import partial
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING

from firestore_runtime._async.untyped import AsyncUntypedCollection
from firestore_runtime.documents.untyped import Condition, if_unchanged
from firestore_runtime.errors import StorageError
from firestore_runtime.fields.changes import SetServerTimestamp
from firestore_runtime.options import Options
from firestore_runtime.rollout._async.copying import AsyncCopier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime.documents.untyped import UntypedDocument
    from firestore_runtime.rollout.copies import Route
    from firestore_runtime.rollout.rollout import Rollout
    from firestore_runtime.wire import Write

OUTBOX = "migration_outbox"
"""The collection of what is to be copied, in the store that it is to be copied from."""

_AT_ONCE = 100
_HURRY = Options(timeout=2.0, attempt_timeout=2.0, retry=None)
"""For copies that a caller waits for."""
_PAUSE_SECONDS = 5.0

_log = logging.getLogger(__name__)


class AsyncOutbox:
    """Copies documents from one store into another, later if not at once.

    An entry says which document has been written, not what was written: it is committed together with the document,
    and deleted when the copy is what the document is then. So copies may be made twice, in any order, or by several
    processes, and nothing is lost if one dies.

    A copy may have been written itself, by a program whose mode says so, and wait in the outbox of the other store to
    be copied the other way: what was written later wins then.

    Args:
        source: The store of the documents, and of the entries.
        target: The store of the copies.
        options: What applies to calls that no caller waits for.
        rollout: Which knows the layouts, and counts what is delivered.
    """

    def __init__(self, source: AsyncBackend, target: AsyncBackend, options: Options, rollout: Rollout) -> None:
        self._rollout = rollout
        self._source = source
        self._target = target
        self._options = options
        self._is_behind = True  # other processes may have left something
        self._seen: str | None = None
        self._pause_until = 0.0

    def entry_write(self, route: Route, document_id: str) -> Write:
        """Return the write that says that a document is to be copied."""
        data = {**route.to_data(), "document_id": document_id}
        return self._entries(self._options).set_write(
            _entry_id(route.source, document_id), data, [SetServerTimestamp(("at",))]
        )

    async def deliver(self, written: Sequence[tuple[Route, str]]) -> None:
        """Copy what has just been written, unless that fails; then it stays for later."""
        try:
            if monotonic() < self._pause_until:
                raise _Pausing
            entries = await self._entries(_HURRY).get_many(
                _entry_id(route.source, document_id) for route, document_id in written
            )
            await self._copy(entries, _HURRY)
        except Exception as error:  # whatever it is: the document itself has been written
            for route, _ in written:
                self._rollout.findings.count(route.layout.schema.name, "copy", "undelivered")
            self._put_off(error)

    async def catch_up(self) -> None:
        """Copy some of what has been left behind, if there may be something, unless that fails."""
        if not self._is_behind or monotonic() < self._pause_until:
            return
        try:
            _, self._seen = await self._repair_some(self._seen, _HURRY)
            self._is_behind = self._seen is not None
        except Exception as error:  # as above
            self._put_off(error)

    async def repair(self) -> int:
        """Copy all that waits, and return how many documents that were.

        Raises:
            StorageError: A store fails; what has not been copied stays.
        """
        repaired, seen = await self._repair_some(None, self._options)
        while seen is not None:
            more, seen = await self._repair_some(seen, self._options)
            repaired += more
        return repaired

    async def pending(self, at_most: int = 1_000) -> int:
        """Return how many documents wait.

        Args:
            at_most: How many to count.

        Raises:
            StorageError: The store fails.
        """
        return len(await self._entries(self._options).ids(None, at_most))

    async def is_pending(self, source: str) -> bool:
        """Whether a document of a collection waits.

        Raises:
            StorageError: The store fails.
        """
        found = self._entries(self._options).query([Condition("source", "==", source)], limit=1)
        return [entry async for entry in found] != []

    def _put_off(self, error: Exception) -> None:
        """Remember that something is left behind, and leave the stores alone for a while."""
        self._is_behind, self._seen = True, None
        if not isinstance(error, _Pausing):
            self._pause_until = monotonic() + _PAUSE_SECONDS
            _log.warning("Documents wait to be copied to %s: %s", self._target.database, error)

    async def _repair_some(self, after: str | None, options: Options) -> tuple[int, str | None]:
        """Copy some of what waits.

        Args:
            after: The last entry that has been seen; those that cannot be copied stay, and must not be in the way.
            options: What applies to the calls.

        Returns:
            How many documents could be copied, and the last entry that has been seen, or None if there are no more.
        """
        entries = self._entries(options)
        ids = await entries.ids(after, _AT_ONCE)
        copied = await self._copy(await entries.get_many(ids), options) if ids else 0
        return copied, ids[-1] if len(ids) == _AT_ONCE else None

    async def _copy(self, entries: Mapping[str, UntypedDocument], options: Options) -> int:
        """Copy what entries are about, delete these, and return how many they were."""
        groups: dict[Route, list[UntypedDocument]] = defaultdict(list)
        for entry in entries.values():
            groups[self._rollout.route(entry.data)].append(entry)
        done: list[Write] = []
        for route, group in groups.items():
            outdated = partial(self._outdated, route, group, options)
            copier = AsyncCopier(route, self._source, self._target, options, always=True, outdated=outdated)
            outcomes = await copier.copy([entry.data["document_id"] for entry in group])
            for entry in group:
                outcome = outcomes[entry.data["document_id"]]
                if outcome.fate == "failed":
                    _log.error("The document %r cannot be copied: %s", entry.data["document_id"], outcome.reason)
                else:
                    done.append(if_unchanged(self._entries(options).delete_write(entry.id), entry))
                self._rollout.findings.count(
                    route.layout.schema.name, "copy", "undelivered" if outcome.fate == "failed" else "delivered"
                )
        await self._entries(options).write_many(done)  # one that has changed meanwhile stays
        return len(done)

    async def _outdated(
        self, route: Route, entries: Sequence[UntypedDocument], options: Options, document_ids: Sequence[str]
    ) -> set[str]:
        """Return which documents must not be copied: what has been written later is to be copied the other way."""
        found = await AsyncUntypedCollection(self._target, OUTBOX, options).get_many(
            _entry_id(route.target, each) for each in document_ids
        )
        rivals = {rival.data["document_id"]: (rival.data["at"], rival.data["direction"]) for rival in found.values()}
        times = {entry.data["document_id"]: (entry.data["at"], route.direction) for entry in entries}
        return {each for each, time in rivals.items() if time > times[each]}

    def _entries(self, options: Options) -> AsyncUntypedCollection:
        return AsyncUntypedCollection(self._source, OUTBOX, options)


class _Pausing(StorageError):
    """The last attempt has failed a moment ago."""

    def __init__(self) -> None:
        super().__init__("the other store has failed a moment ago")


def _entry_id(path: str, document_id: str) -> str:
    return sha256(f"{path}/{document_id}".encode()).hexdigest()
