"""What a health check finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firestore_runtime.errors import StorageError


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the store answers.

    Attributes:
        healthy: It does.
        latency: Seconds that the answer, or the failure, took.
        error: What went wrong, if it does not.
    """

    healthy: bool
    latency: float
    error: StorageError | None = None

    def __bool__(self) -> bool:
        """Whether the store answers."""
        return self.healthy
