"""Moving stored documents between the older collections and the current ones: what `firestore-codegen migrate` does.

Documents are copied in the order of their ids, a batch at a time, so memory stays flat. Each batch is copied as
`copying.py` says, so programs may go on writing both shapes meanwhile, and nothing is lost if the same is done twice.
The source is never written to.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, TypeAlias

from .._sync.opening import open_backend
from .._sync.plain import PlainCollection
from ..dumps.notation import Notation
from ..errors import ConfigurationError
from ..settings import load_settings
from ._checkpoints import Checkpoint, Progress
from ._migration_reports import MigrationReport, RouteReport, Work
from ._migration_routes import routes_of
from ._sync.copying import Copier
from ._sync.outbox import Outbox

if TYPE_CHECKING:
    from .._sync.backend import Backend
    from ..options import Options
    from ._copies import Direction, Outcome, Route

__all__ = ["MigrationReport", "OnProgress", "RouteReport", "Work", "migrate", "repair"]

OnProgress: TypeAlias = Callable[[RouteReport, int, int], None]
"""Is told the report of a route, how many documents have been looked at there, and how many there were."""

_MAX_BATCH = 500


def migrate(
    from_url: str,
    to_url: str,
    *,
    work: Work = "copy",
    reverse: bool = False,
    layouts: Sequence[str] = (),
    namespace: str | None = None,
    old_namespace: str | None = None,
    checkpoint: Path | None = None,
    quarantine: Path | None = None,
    rate: float | None = None,
    batch: int = 200,
    on_progress: OnProgress | None = None,
) -> MigrationReport:
    """Copy documents, or find out what would be copied, or whether both sides are equal.

    Args:
        from_url: The store of the documents.
        to_url: The store of the copies, which may be the same.
        work: `copy`; `plan`, to see what would become of each document; `verify`, to compare both sides.
        reverse: Whether current documents become older ones again.
        layouts: The shapes of the older documents: see `routes_of`.
        namespace: The namespace of the current documents.
        old_namespace: The namespace of the older ones, if the adapter of records kept them in one.
        checkpoint: A file that says how far it has come, to go on there.
        quarantine: A file for what cannot be converted, one document to a line, with the reason.
        rate: How many documents to copy in a second at most.
        batch: How many documents to copy at once, up to 500.
        on_progress: Is told after each batch.

    Raises:
        ConfigurationError: An argument is wrong, or the checkpoint is that of another migration.
        StorageError: A store fails; what is done stays so, and the checkpoint says how far that is.
        OSError: A file cannot be written.
    """
    if not 1 <= batch <= _MAX_BATCH:
        raise ConfigurationError(f"batch must be from 1 to {_MAX_BATCH}, not {batch}")
    if rate is not None and not rate > 0:
        raise ConfigurationError(f"rate must be a positive number of documents in a second, not {rate}")
    settings = load_settings()
    direction: Direction = "back" if reverse else "forward"
    namespace = namespace or settings.namespace
    routes = routes_of(layouts, direction, namespace=namespace, old_namespace=old_namespace)
    with ExitStack() as stack:
        source = stack.enter_context(closing(open_backend(from_url, settings, None)))
        target = source if from_url == to_url else stack.enter_context(closing(open_backend(to_url, settings, None)))
        stores = _Stores(source, target, settings.options())
        if work == "copy":
            identity = {"from": from_url, "to": to_url, "routes": [route.to_data() for route in routes]}
            progress = [Progress(RouteReport.of(route)) for route in routes]
            run = _Copying(stores, routes, batch, Checkpoint.load(checkpoint, identity, progress), quarantine, rate)
            return run.run(on_progress)
        return _looked_at(stores, routes, batch, work, on_progress)


def repair(old: Backend, current: Backend) -> int:
    """Copy what adapters have written in one of two stores and could not copy into the other one; return how much.

    Args:
        old: The store of the older documents, such as the `backend` of a client.
        current: The store of the current ones.

    Raises:
        StorageError: A store fails; what has not been copied goes on waiting.
    """
    options = load_settings().options()
    return Outbox(old, current, options).repair() + Outbox(current, old, options).repair()


@dataclass(frozen=True, slots=True)
class _Stores:
    """Where documents come from and where they go."""

    source: Backend
    target: Backend
    options: Options

    def copier(self, route: Route) -> Copier:
        return Copier(route, self.source, self.target, self.options, always=False)

    def sources(self, route: Route) -> PlainCollection:
        return PlainCollection(self.source, route.source, self.options)

    def targets(self, route: Route) -> PlainCollection:
        return PlainCollection(self.target, route.target, self.options)


def _batches(documents: PlainCollection, size: int, after: str | None = None) -> Iterator[list[str]]:
    """Yield the ids of all documents, in order."""
    while ids := documents.ids(after, size):
        yield ids
        after = ids[-1]


class _Copying:
    """A migration that copies.

    Args:
        stores: From where to where.
        routes: Which documents.
        batch: How many at once.
        checkpoint: How far it has come.
        quarantine: The file for what cannot be converted.
        rate: How many documents in a second at most.
    """

    def __init__(
        self,
        stores: _Stores,
        routes: Sequence[Route],
        batch: int,
        checkpoint: Checkpoint,
        quarantine: Path | None,
        rate: float | None,
    ) -> None:
        self._stores = stores
        self._routes = routes
        self._batch = batch
        self._checkpoint = checkpoint
        self._quarantine = quarantine
        self._rate = rate
        self._documents = 0

    def run(self, on_progress: OnProgress | None) -> MigrationReport:
        """Copy all documents that have not been copied yet."""
        began = monotonic()
        if self._quarantine is not None and self._quarantine.exists():
            os.truncate(self._quarantine, self._checkpoint.quarantined)  # what follows will be found again
        for route, progress in zip(self._routes, self._checkpoint.routes, strict=True):
            if not progress.is_done:
                self._copy_route(route, progress, on_progress)
        reports = [progress.report for progress in self._checkpoint.routes]
        return MigrationReport("copy", self._routes[0].direction, reports, monotonic() - began, self._documents)

    def _copy_route(self, route: Route, progress: Progress, on_progress: OnProgress | None) -> None:
        documents, copier = self._stores.sources(route), self._stores.copier(route)
        total = documents.count() if on_progress else 0
        if progress.batch:
            self._copy_batch(route, copier, progress)
        for ids in _batches(documents, self._batch, progress.after):
            began = monotonic()
            existing = self._stores.targets(route).get_many(ids)
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
        notation = Notation(self._stores.source.database, None)
        with self._quarantine.open("a", encoding="utf-8", newline="\n") as file:
            for document_id, document in self._stores.sources(route).get_many(failed).items():
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


def _looked_at(
    stores: _Stores, routes: Sequence[Route], batch: int, work: Work, on_progress: OnProgress | None
) -> MigrationReport:
    """Find out what would become of all documents."""
    began = monotonic()
    report = MigrationReport(work, routes[0].direction, [RouteReport.of(route) for route in routes])
    for route, found in zip(routes, report.routes, strict=True):
        documents, copier = stores.sources(route), stores.copier(route)
        total = documents.count() if on_progress else 0
        for ids in _batches(documents, batch):
            for document_id, outcome in copier.preview(ids).items():
                found.add(document_id, outcome, work)
            report.documents += len(ids)
            found.documents += len(ids)
            if on_progress:
                on_progress(found, found.documents, total)
    if work == "verify":
        _find_extra(stores, routes, batch, report)
    report.seconds = monotonic() - began
    return report


def _find_extra(stores: _Stores, routes: Sequence[Route], batch: int, report: MigrationReport) -> None:
    """Find the documents of the targets that come from nowhere."""
    for target in dict.fromkeys(route.target for route in routes):
        same = [(route, found) for route, found in zip(routes, report.routes, strict=True) if route.target == target]
        for ids in _batches(stores.targets(same[0][0]), batch):
            missing = set(ids)
            for route, _ in same:
                sources = stores.sources(route).get_many(missing)
                missing -= {each for each, source in sources.items() if route.takes(source)}
            for document_id in sorted(missing):
                same[0][1].add_problem("extra", document_id)
