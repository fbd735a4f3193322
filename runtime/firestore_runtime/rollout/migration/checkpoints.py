"""How far a migration has come, in a file, so that it goes on there after it was interrupted."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from firestore_runtime.dumps import text_files
from firestore_runtime.errors import ConfigurationError
from firestore_runtime.rollout.migration.reports import RouteReport

if TYPE_CHECKING:
    from pathlib import Path

_VERSION = 1


@dataclass(slots=True)
class Progress:
    """How far one route has come.

    Attributes:
        report: What has happened on it.
        after: The id of the last document that is done; None at the beginning.
        is_done: Whether all are.
        made: The ids of those after it whose copies are being made, and had none before.
        batch: The ids of all that are being copied.
    """

    report: RouteReport
    after: str | None = None
    is_done: bool = False
    made: list[str] = field(default_factory=list)
    batch: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Checkpoint:
    """How far a migration has come.

    Attributes:
        path: The file; None keeps it in memory only.
        identity: What the migration is about; one that is about something else does not go on with this one.
        routes: How far each route has come.
        quarantined: How many bytes of the quarantine file are valid.
    """

    path: Path | None
    identity: dict[str, Any]
    routes: list[Progress]
    quarantined: int = 0

    @classmethod
    def load(cls, path: Path | None, identity: dict[str, Any], routes: list[Progress]) -> Checkpoint:
        """Read the file, or begin at the beginning if there is none.

        Raises:
            ConfigurationError: The file is no checkpoint, or that of another migration.
            OSError: The file cannot be read.
        """
        if path is None or not path.exists():
            return cls(path, identity, routes)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            is_ours = content["version"] == _VERSION and content["identity"] == identity
            progress = [Progress(**{**each, "report": RouteReport(**each["report"])}) for each in content["routes"]]
            quarantined = content["quarantined"]
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(f"{path} is no checkpoint of a migration: name another file") from error
        if not is_ours:
            message = f"{path} is the checkpoint of another migration: name another file, or remove it to begin again"
            raise ConfigurationError(message)
        return cls(path, identity, progress, quarantined)

    def save(self) -> None:
        """Write the file, so that it survives whatever happens next.

        Raises:
            OSError: It cannot be written.
        """
        if self.path is None:
            return
        content = {
            "version": _VERSION,
            "identity": self.identity,
            "routes": [asdict(each) for each in self.routes],
            "quarantined": self.quarantined,
        }
        with text_files.replacing(self.path) as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
