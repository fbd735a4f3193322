"""What normalising has found so far: the one mutable value of the front half, dropped when normalising ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from firestore_codegen.errors import Place, Problem
from firestore_codegen.ir import Enum
from firestore_codegen.names import RESERVED_CLASS_NAMES
from firestore_codegen.read.sources import JsonObject
from firestore_codegen.schema.definitions import Definitions
from firestore_codegen.schema.parsed import Parsed


@dataclass(frozen=True, slots=True)
class ObjectSchema:
    """A class to be: an object schema without `allOf`, and where each of its properties is written."""

    name: str
    place: Place
    schema: JsonObject
    properties: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where the parsers put classes, names and problems."""

    definitions: Definitions
    problems: list[Problem] = field(default_factory=list)
    class_places: dict[str, Place] = field(default_factory=dict)
    objects: dict[str, ObjectSchema] = field(default_factory=dict)
    waiting: deque[ObjectSchema] = field(default_factory=deque)
    enums: dict[str, Enum] = field(default_factory=dict)
    schemas: dict[str, JsonObject] = field(default_factory=dict)
    parsed: dict[Place, Parsed | None] = field(default_factory=dict)
    open: set[Place] = field(default_factory=set)

    def report(self, place: Place, message: str, hint: str = "") -> None:
        """Note a problem and go on."""
        self.problems.append(place.problem(message, hint))

    def claim(self, name: str, place: Place) -> bool:
        """Take a class name for the schema at a place; a second schema that wants it is a problem."""
        owner = self.class_places.setdefault(name, place)
        if owner != place:
            self.report(
                place,
                f"the class name `{name}` is already taken by {owner.file}#{owner.pointer}",
                "give it a `title`, or rename it",
            )
        elif name in RESERVED_CLASS_NAMES:
            self.report(place, f"the class name `{name}` is used by the generated code itself", "give it another name")
        return owner == place
