"""A package's way from older documents to current ones: its layouts, its flags, and what has been seen on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from firestore_runtime.errors import ValidationError
from firestore_runtime.rollout.copies import Route
from firestore_runtime.rollout.findings import Findings
from firestore_runtime.rollout.flags import Flags, Step, checked_mode, checked_percentage

if TYPE_CHECKING:
    from firestore_runtime.rollout.conversions import Data
    from firestore_runtime.rollout.findings import Tally
    from firestore_runtime.rollout.layouts import Layout, LayoutFamily
    from firestore_runtime.rollout.settings import MigrationMode, RolloutSettings


class Rollout:
    """A package's way from older documents to current ones.

    Args:
        package: The import name of the generated package.
        settings: Its settings, which are read from the environment when a call first wants to know them.
        layouts: The shapes of its older documents.
        families: Those of them whose paths depend on words behind their names.

    Attributes:
        package: As above.
        settings: As above.
        layouts: The shapes of older documents, by their names.
        families: As above.
        findings: What this process has seen.
    """

    def __init__(
        self,
        package: str,
        settings: type[RolloutSettings],
        layouts: Iterable[Layout],
        families: Iterable[LayoutFamily] = (),
    ) -> None:
        self.package = package
        self.settings = settings
        self.families = tuple(families)
        known = [*layouts, *(layout for family in self.families for layout in family.layouts)]
        self.layouts: Mapping[str, Layout] = {layout.name: layout for layout in known}
        self.findings = Findings()
        self._flags: ContextVar[Flags | None] = ContextVar(f"{package} flags", default=None)

    @contextmanager
    def migration_mode(
        self, mode: MigrationMode, *, percentage: float = 100.0, collections: Iterable[str] | None = None
    ) -> Iterator[None]:
        """Set the mode for the calls in a block, whatever the settings say; tasks that are started in it have it, too.

        Args:
            mode: The mode.
            percentage: How many of a hundred users have it, 0 to 100; the others have the mode before.
            collections: The collections, by their names in the client; without them, all.

        Raises:
            ValidationError: An argument is none of these.
        """
        step = Step(checked_mode(mode), checked_percentage(percentage))
        flags = Flags(step)
        before = self.current_flags()
        if collections is not None:
            flags = replace(before, steps={**before.steps, **self._steps(collections, step)})
        token = self._flags.set(flags)
        try:
            yield
        finally:
            self._flags.reset(token)

    def current_flags(self) -> Flags:
        """The flags of the block around the call, or else of the settings, which are read once."""
        return self._flags.get() or self._flags_of_settings

    def report(self) -> dict[tuple[str, str], Tally]:
        """Return what this process has seen, by collection and operation; it holds nothing of any document."""
        return self.findings.tallies()

    def reset_report(self) -> None:
        """Forget what has been seen."""
        self.findings.clear()

    def checked_settings(self) -> RolloutSettings:
        """Read the settings, and see that the flags in them are valid before the first call wants to know.

        Raises:
            ConfigurationError: A setting is wrong.
            ValidationError: A flag in them is.
        """
        self.current_flags()
        return self.settings.load()

    def route(self, data: Data) -> Route:
        """Return the route that `Route.to_data` was about."""
        return Route(self.layouts[data["layout"]], data["direction"], data["source"], data["target"])

    @cached_property
    def _flags_of_settings(self) -> Flags:
        settings = self.settings.load()
        percentage = settings.migration_percentage
        steps: dict[str, Step] = {}
        for name, mode in settings.migration_modes.items():
            steps |= self._steps([name], Step(mode, percentage))
        return Flags(Step(settings.migration_mode, percentage), steps)

    def _steps(self, collections: Iterable[str], step: Step) -> dict[str, Step]:
        known = sorted({layout.schema.name for layout in self.layouts.values()})
        names = list(collections)
        for name in names:
            if name not in known:
                raise ValidationError(f"{name!r} is no collection that older documents move to: it is one of {known}")
        return dict.fromkeys(names, step)
