"""Find the fields that a collection's configuration names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from codegen.errors import Place, Problem, did_you_mean
from codegen.ir import Enum, Field, Model


@dataclass(frozen=True, slots=True)
class Lookup:
    """The model of a collection, what a check needs to know beside it, and where problems go."""

    model: Model
    enums: Mapping[str, Enum]
    unread: Collection[str]
    unindexed: Collection[str]
    problems: list[Problem]

    def report(self, place: Place, message: str, hint: str = "") -> None:
        """Note a problem and go on."""
        self.problems.append(place.problem(message, hint))

    def field(self, key: str, place: Place) -> Field | None:
        """Return the field with a stored name, or None after reporting that there is none."""
        for field in self.model.fields:
            if field.key == key:
                return field
        if f"{self.model.name}.{key}" in self.unread:
            return None
        known = [field.key for field in self.model.fields]
        self.report(
            place, f"`{self.model.name}` has no field `{key}`", did_you_mean(key, known) or f"known: {', '.join(known)}"
        )
        return None
