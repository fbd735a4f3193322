"""The result of a health check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firestore_runtime.errors import StorageError


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the store answers.

    Attributes:
        healthy: Whether it does.
        latency: Seconds until the answer, or the failure.
        error: The failure, if it does not answer.
    """

    healthy: bool
    latency: float
    error: StorageError | None = None

    def __bool__(self) -> bool:
        """Return whether the store answers."""
        return self.healthy
