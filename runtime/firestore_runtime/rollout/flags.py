"""How far collections have moved: a mode for each, and for how many of the users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from firestore_runtime.errors import ValidationError
from firestore_runtime.rollout.settings import MIGRATION_MODES, MigrationMode

READING_CURRENT: tuple[MigrationMode, ...] = ("current_read", "current")
_BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    """A mode, and for how many of the users; the others have the one before.

    Attributes:
        mode: The mode.
        percentage: How many of a hundred users have it: always the same ones, and more of them the larger it is.
    """

    mode: MigrationMode = "legacy"
    percentage: float = 100.0

    def for_reading(self, user: object) -> MigrationMode:
        """The mode of a user; for an unknown one, the earlier of both: it reads what the later one writes, too."""
        return self.mode if self._is_chosen(user, unknown=False) else self._previous

    def for_writing(self, user: object) -> MigrationMode:
        """The mode of a user; for an unknown one, who may have either, the one of both that writes both shapes."""
        if self._is_chosen(user, unknown=self.mode != "current"):
            return self.mode
        return self._previous

    @property
    def _previous(self) -> MigrationMode:
        return MIGRATION_MODES[max(MIGRATION_MODES.index(self.mode) - 1, 0)]

    def _is_chosen(self, user: object, *, unknown: bool) -> bool:
        if self.percentage >= 100:
            return True
        if not isinstance(user, str):
            return unknown
        digest = sha256(user.encode(errors="surrogatepass")).digest()
        return int.from_bytes(digest[:8]) % _BUCKETS < self.percentage / 100 * _BUCKETS


@dataclass(frozen=True, slots=True)
class Flags:
    """Where the collections are.

    Attributes:
        step: Those that are not named.
        steps: Those that are, by their name in the client.
    """

    step: Step = Step()
    steps: Mapping[str, Step] = field(default_factory=dict)

    def of(self, collection: str) -> Step:
        """Where a collection is, by its name in the client."""
        return self.steps.get(collection, self.step)


def checked_mode(mode: object) -> MigrationMode:
    """Return a mode if it is one.

    Raises:
        ValidationError: It is none.
    """
    for known in MIGRATION_MODES:
        if mode == known:
            return known
    raise ValidationError(f"{mode!r} is no mode of the migration: it is one of {', '.join(MIGRATION_MODES)}")


def checked_percentage(percentage: object) -> float:
    """Return a percentage if it is one.

    Raises:
        ValidationError: It is none.
    """
    if isinstance(percentage, (int, float)) and not isinstance(percentage, bool) and 0 <= percentage <= 100:
        return percentage
    raise ValidationError(f"percentage must be a number from 0 to 100, not {percentage!r}")
