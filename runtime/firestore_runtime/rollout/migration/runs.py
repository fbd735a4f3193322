"""Going through documents, a batch at a time in the order of their ids: to copy them, or to see what would happen."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING

from firestore_runtime._sync.untyped import UntypedCollection
from firestore_runtime.dumps.notation import Notation
from firestore_runtime.rollout._sync.copying import Copier
from firestore_runtime.rollout.migration.reports import MigrationReport, RouteReport

if TYPE_CHECKING:
    from pathlib import Path

    from firestore_runtime._sync.backend import Backend
    from firestore_runtime.options import Options
    from firestore_runtime.rollout.copies import Outcome, Route
    from firestore_runtime.rollout.migration.checkpoints import Checkpoint, Progress
    from firestore_runtime.rollout.migration.reports import OnProgress, Work


@dataclass(frozen=True, slots=True)
class Ends:
    """Where documents come from and where they go.

    Attributes:
        source: The store of the documents.
        target: The store of the copies.
        options: What applies to calls.
    """

    source: Backend
    target: Backend
    options: Options

    def copier(self, route: Route) -> Copier:
        """Return what copies documents on a route."""
        return Copier(route, self.source, self.target, self.options, always=False)

    def sources(self, route: Route) -> UntypedCollection:
        """Return the documents of a route."""
        return UntypedCollection(self.source, route.source, self.options)

    def targets(self, route: Route) -> UntypedCollection:
        """Return the copies of a route."""
        return UntypedCollection(self.target, route.target, self.options)


def _batches(documents: UntypedCollection, size: int, after: str | None = None) -> Iterator[list[str]]:
    """Yield the ids of all documents, in order."""
    while ids := documents.ids(after, size):
        yield ids
        after = ids[-1]


class Copying:
    """A migration that copies.

    Args:
        ends: From where to where.
        routes: Which documents.
        batch: How many at once.
        checkpoint: How far it has come.
        quarantine: The file for what cannot be converted.
        rate: How many documents in a second at most.
    """

    def __init__(
        self,
        ends: Ends,
        routes: Sequence[Route],
        batch: int,
        checkpoint: Checkpoint,
        quarantine: Path | None,
        rate: float | None,
    ) -> None:
        self._ends = ends
        self._routes = routes
        self._batch = batch
        self._checkpoint = checkpoint
        self._quarantine = quarantine
        self._rate = rate
        self._documents = 0

    def run(self, on_progress: OnProgress | None) -> MigrationReport:
        """Copy all documents that have not been copied yet.

        Raises:
            StorageError: A store fails; what is done stays so, and the checkpoint says how far that is.
            OSError: A file cannot be written.
        """
        began = monotonic()
        if self._quarantine is not None and self._quarantine.exists():
            os.truncate(self._quarantine, self._checkpoint.quarantined)  # what follows will be found again
        for route, progress in zip(self._routes, self._checkpoint.routes, strict=True):
            if not progress.is_done:
                self._copy_route(route, progress, on_progress)
        reports = [progress.report for progress in self._checkpoint.routes]
        return MigrationReport("copy", self._routes[0].direction, reports, monotonic() - began, self._documents)

    def _copy_route(self, route: Route, progress: Progress, on_progress: OnProgress | None) -> None:
        documents, copier = self._ends.sources(route), self._ends.copier(route)
        total = documents.count() if on_progress else 0
        if progress.batch:
            self._copy_batch(route, copier, progress)
        for ids in _batches(documents, self._batch, progress.after):
            began = monotonic()
            existing = self._ends.targets(route).get_many(ids)
            progress.batch, progress.made = ids, [each for each in ids if each not in existing]
            self._checkpoint.save()  # first, so that what is copied and then vanishes is deleted even after a kill
            self._copy_batch(route, copier, progress)
            if on_progress:
                on_progress(progress.report, progress.report.documents, total)
            if self._rate:
                sleep(max(0.0, began + len(ids) / self._rate - monotonic()))
        progress.is_done = True
        self._checkpoint.save()

    def _copy_batch(self, route: Route, copier: Copier, progress: Progress) -> None:
        outcomes = copier.copy(progress.batch, progress.made)
        for document_id, outcome in outcomes.items():
            progress.report.add(document_id, outcome, "copy")
        self._keep(route, {each: outcome for each, outcome in outcomes.items() if outcome.fate == "failed"})
        self._documents += len(progress.batch)
        progress.report.documents += len(progress.batch)
        progress.after, progress.batch, progress.made = progress.batch[-1], [], []

    def _keep(self, route: Route, failed: dict[str, Outcome]) -> None:
        """Write documents that could not be copied to the quarantine file, as `client.dump` does, with the reason."""
        if self._quarantine is None or not failed:
            return
        notation = Notation(self._ends.source.database, None)
        with self._quarantine.open("a", encoding="utf-8", newline="\n") as file:
            for document_id, document in self._ends.sources(route).get_many(failed).items():
                line = {
                    "path": f"{route.source}/{document_id}",
                    "fields": {key: notation.to_json(value) for key, value in document.message.fields.items()},
                    "layout": route.layout.name,
                    "reason": failed[document_id].reason,
                }
                file.write(f"{json.dumps(line)}\n")
            file.flush()
            os.fsync(file.fileno())
            self._checkpoint.quarantined = file.tell()


def look(
    ends: Ends, routes: Sequence[Route], batch: int, work: Work, on_progress: OnProgress | None
) -> MigrationReport:
    """Find out what would become of all documents.

    Args:
        ends: From where to where.
        routes: Which documents.
        batch: How many at once.
        work: `plan`, or `verify` to find also what has no document that it comes from.
        on_progress: Is told after each batch.

    Raises:
        StorageError: A store fails.
    """
    began = monotonic()
    report = MigrationReport(work, routes[0].direction, [RouteReport.of(route) for route in routes])
    for route, found in zip(routes, report.routes, strict=True):
        documents, copier = ends.sources(route), ends.copier(route)
        total = documents.count() if on_progress else 0
        for ids in _batches(documents, batch):
            for document_id, outcome in copier.preview(ids).items():
                found.add(document_id, outcome, work)
            report.documents += len(ids)
            found.documents += len(ids)
            if on_progress:
                on_progress(found, found.documents, total)
    if work == "verify":
        _find_extra(ends, routes, batch, report)
    report.seconds = monotonic() - began
    return report


def _find_extra(ends: Ends, routes: Sequence[Route], batch: int, report: MigrationReport) -> None:
    """Find the documents of the targets that come from nowhere."""
    for target in dict.fromkeys(route.target for route in routes):
        same = [(route, found) for route, found in zip(routes, report.routes, strict=True) if route.target == target]
        for ids in _batches(ends.targets(same[0][0]), batch):
            missing = set(ids)
            for route, _ in same:
                sources = ends.sources(route).get_many(missing)
                missing -= {each for each, source in sources.items() if route.takes(source)}
            for document_id in sorted(missing):
                same[0][1].add_problem("extra", document_id)
