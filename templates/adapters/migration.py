"""Moving stored documents between the older collections and the current ones: what `firestore-codegen migrate` does.

Documents are copied in the order of their ids, a batch at a time, so memory stays flat. Each batch is copied as
`copying.py` says, so programs may go on writing both shapes meanwhile, and nothing is lost if the same is done twice.
The source is never written to.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from firestore_runtime._sync.opening import open_backend
from firestore_runtime.errors import ConfigurationError

from ..schema import PACKAGE
from ..settings import load_settings
from ._checkpoints import Checkpoint, Progress
from ._migration_reports import MigrationReport, OnProgress, RouteReport, Work
from ._migration_routes import routes_of
from ._migration_runs import Copying, Ends, look
from ._sync.outbox import Outbox

if TYPE_CHECKING:
    from firestore_runtime._sync.backend import Backend

    from ._copies import Direction

__all__ = ["MigrationReport", "OnProgress", "RouteReport", "Work", "migrate", "repair"]

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
    _check_pace(batch, rate)
    settings = load_settings()
    direction: Direction = "back" if reverse else "forward"
    namespace = namespace or settings.namespace
    routes = routes_of(layouts, direction, namespace=namespace, old_namespace=old_namespace)
    with ExitStack() as stack:
        source = target = stack.enter_context(closing(open_backend(from_url, PACKAGE.package, settings, None)))
        if to_url != from_url:
            target = stack.enter_context(closing(open_backend(to_url, PACKAGE.package, settings, None)))
        ends = Ends(source, target, settings.options())
        if work != "copy":
            return look(ends, routes, batch, work, on_progress)
        identity = {"from": from_url, "to": to_url, "routes": [route.to_data() for route in routes]}
        progress = Checkpoint.load(checkpoint, identity, [Progress(RouteReport.of(route)) for route in routes])
        return Copying(ends, routes, batch, progress, quarantine, rate).run(on_progress)


def _check_pace(batch: int, rate: float | None) -> None:
    if not 1 <= batch <= _MAX_BATCH:
        raise ConfigurationError(f"batch must be from 1 to {_MAX_BATCH}, not {batch}")
    if rate is not None and not rate > 0:
        raise ConfigurationError(f"rate must be a positive number of documents in a second, not {rate}")


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
