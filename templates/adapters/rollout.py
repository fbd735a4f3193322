"""How far the older managers have moved to the current collections: the flags, and what has been seen on the way.

| mode | reads | writes |
|---|---|---|
| `legacy` | the older documents | the older documents |
| `dual_write` | the older ones | both |
| `shadow_read` | both, and compares them; the older ones are returned | both |
| `current_read` | the current ones | both |
| `current` | the current ones | the current ones |

The settings `migration_mode`, `migration_modes` and `migration_percentage` say where a program is; `migration_mode`
here says it for a block. All steps but the last can be taken back at any time, since both shapes are written on either
side of them; when `current` is left, `firestore-codegen migrate --reverse` brings the older documents up to date.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from typing import Literal, TypeAlias, TypeVar

import pydantic

from firestore_runtime.errors import ValidationError
from firestore_runtime.rollout.settings import MIGRATION_MODES, MigrationMode

from ..settings import load_settings
from ._layouts import LAYOUTS

__all__ = ["MigrationMode", "Tally", "migration_mode", "report", "reset_report"]

SideT = TypeVar("SideT")
T = TypeVar("T")
Read: TypeAlias = Callable[[SideT], T]
AsyncRead: TypeAlias = Callable[[SideT], Awaitable[T]]

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


_FLAGS: ContextVar[Flags | None] = ContextVar("flags", default=None)


@contextmanager
def migration_mode(
    mode: MigrationMode, *, percentage: float = 100.0, collections: Iterable[str] | None = None
) -> Iterator[None]:
    """Set the mode for the calls in a block, whatever the settings say; tasks that are started in it have it, too.

    Args:
        mode: The mode.
        percentage: How many of a hundred users have it, 0 to 100; the others have the mode before.
        collections: The collections, by their names in the client; without them, all.

    Raises:
        ValidationError: An argument is none of these.
    """
    step = Step(_checked_mode(mode), _checked_percentage(percentage))
    before = current_flags()
    flags = Flags(step) if collections is None else replace(before, steps={**before.steps, **_steps(collections, step)})
    token = _FLAGS.set(flags)
    try:
        yield
    finally:
        _FLAGS.reset(token)


def current_flags() -> Flags:
    """The flags of the block around the call, or else of the settings, which are read once."""
    return _FLAGS.get() or _settings()


@cache
def _settings() -> Flags:
    settings = load_settings()
    percentage = settings.migration_percentage
    steps: dict[str, Step] = {}
    for name, mode in settings.migration_modes.items():
        steps |= _steps([name], Step(mode, percentage))
    return Flags(Step(settings.migration_mode, percentage), steps)


def _steps(collections: Iterable[str], step: Step) -> dict[str, Step]:
    known = sorted({layout.schema.name for layout in LAYOUTS.values()})
    names = list(collections)
    for name in names:
        if name not in known:
            raise ValidationError(f"{name!r} is no collection that the older managers move to: it is one of {known}")
    return dict.fromkeys(names, step)


def _checked_mode(mode: object) -> MigrationMode:
    for known in MIGRATION_MODES:
        if mode == known:
            return known
    raise ValidationError(f"{mode!r} is no mode of the migration: it is one of {', '.join(MIGRATION_MODES)}")


def _checked_percentage(percentage: object) -> float:
    if isinstance(percentage, (int, float)) and not isinstance(percentage, bool) and 0 <= percentage <= 100:
        return percentage
    raise ValidationError(f"percentage must be a number from 0 to 100, not {percentage!r}")


# What has been seen

Finding: TypeAlias = Literal["equal", "different", "undecided", "failed", "delivered", "undelivered"]


@dataclass(frozen=True, slots=True)
class Tally:
    """What this process has seen of one operation on one collection.

    Attributes:
        equal: How many reads found the same on both sides.
        different: How many found something else among the current documents, which nobody was changing meanwhile.
        undecided: How many could not tell, since the documents changed again and again.
        failed: How many could not read the current documents.
        delivered: How many writes have reached the second store, if there are two.
        undelivered: How many have not at their time; they wait in the outbox of the first one.
    """

    equal: int = 0
    different: int = 0
    undecided: int = 0
    failed: int = 0
    delivered: int = 0
    undelivered: int = 0


_lock = threading.Lock()
_found: Counter[tuple[str, str, Finding]] = Counter()


def is_same(one: object, other: object) -> bool:
    """Whether two reads gave the same: models are, if the same fields are set to the same values."""
    return _comparable(one) == _comparable(other)


def _comparable(value: object) -> object:
    match value:
        case pydantic.BaseModel():
            return _comparable(value.model_dump(exclude_unset=True))
        case dict():
            return sorted((key, _comparable(item)) for key, item in value.items())
        case list() | tuple():
            return [_comparable(item) for item in value]
        case _:
            return type(value), repr(value)  # NaN is the same as NaN, and 1 not as 1.0 or True


def count(collection: str, operation: str, finding: Finding) -> None:
    """Count what has been found."""
    with _lock:
        _found[collection, operation, finding] += 1


def report() -> dict[tuple[str, str], Tally]:
    """Return what this process has seen, by collection and operation; it holds nothing of any document."""
    with _lock:
        found = dict(_found)
    tallies: dict[tuple[str, str], Tally] = {}
    for (collection, operation, finding), number in found.items():
        tally = tallies.get((collection, operation), Tally())
        tallies[collection, operation] = replace(tally, **{finding: number})
    return tallies


def reset_report() -> None:
    """Forget what has been seen."""
    with _lock:
        _found.clear()
