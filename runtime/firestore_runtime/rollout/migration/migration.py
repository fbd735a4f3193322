"""Moving stored documents between the older collections and the current ones: what `firestore-codegen migrate` does.

Documents are copied in the order of their ids, a batch at a time, so memory stays flat. Each batch is copied as
`copying.py` says, so programs may go on writing both shapes meanwhile, and nothing is lost if the same is done twice.
The source is never written to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from firestore_runtime._sync.opening import open_backend
from firestore_runtime.errors import ConfigurationError
from firestore_runtime.rollout._sync.outbox import Outbox
from firestore_runtime.rollout.migration.checkpoints import Checkpoint, Progress
from firestore_runtime.rollout.migration.reports import MigrationReport, OnProgress, RouteReport, Work
from firestore_runtime.rollout.migration.routes import routes_of
from firestore_runtime.rollout.migration.runs import Copying, Ends, look

if TYPE_CHECKING:
    from firestore_runtime._sync.backend import Backend
    from firestore_runtime.rollout.copies import Direction
    from firestore_runtime.rollout.rollout import Rollout
    from firestore_runtime.rollout.settings import RolloutSettings

_MAX_BATCH = 500


class Migration:
    """Moves the stored documents of a package.

    Args:
        rollout: Which knows their layouts, and the settings of the package.
    """

    def __init__(self, rollout: Rollout) -> None:
        self._rollout = rollout

    def migrate(
        self,
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
        """Copy documents, or find out what would be copied, or whether both shapes are equal.

        Args:
            from_url: The store of the documents.
            to_url: The store of the copies, which may be the same.
            work: `copy`; `plan`, to see what would become of each document; `verify`, to compare both shapes.
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
        _check_pace(batch, rate)
        settings = self._rollout.settings.load()
        direction: Direction = "back" if reverse else "forward"
        namespace = namespace or settings.namespace
        routes = routes_of(self._rollout, layouts, direction, namespace=namespace, old_namespace=old_namespace)
        identity = {"from": from_url, "to": to_url, "routes": [route.to_data() for route in routes]}
        with self._opened(from_url, to_url, settings) as ends:
            if work != "copy":
                return look(ends, routes, batch, work, on_progress)
            progress = Checkpoint.load(checkpoint, identity, [Progress(RouteReport.of(route)) for route in routes])
            return Copying(ends, routes, batch, progress, quarantine, rate).run(on_progress)

    def repair(self, old: Backend, current: Backend) -> int:
        """Copy what adapters have written in one of two stores and could not copy into the other one; return how much.

        Args:
            old: The store of the older documents, such as the `backend` of a client.
            current: The store of the current ones.

        Raises:
            StorageError: A store fails; what has not been copied goes on waiting.
        """
        options = self._rollout.settings.load().options()
        there = Outbox(old, current, options, self._rollout)
        back = Outbox(current, old, options, self._rollout)
        return there.repair() + back.repair()

    @contextmanager
    def _opened(self, from_url: str, to_url: str, settings: RolloutSettings) -> Iterator[Ends]:
        """Open both stores, or the one that both URLs name, and close them at the end."""
        package = self._rollout.package
        with ExitStack() as stack:
            source = target = stack.enter_context(closing(open_backend(from_url, package, settings, None)))
            if to_url != from_url:
                target = stack.enter_context(closing(open_backend(to_url, package, settings, None)))
            yield Ends(source, target, settings.options())


def _check_pace(batch: int, rate: float | None) -> None:
    if not 1 <= batch <= _MAX_BATCH:
        raise ConfigurationError(f"batch must be from 1 to {_MAX_BATCH}, not {batch}")
    if rate is not None and not rate > 0:
        raise ConfigurationError(f"rate must be a positive number of documents in a second, not {rate}")
