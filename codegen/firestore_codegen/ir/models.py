"""Models, their fields and enumerations, and paths to fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from firestore_codegen.ir.types import TypeRef
from firestore_runtime.paths import field_path


@dataclass(frozen=True, slots=True)
class Field:
    """A property of a model: `name` in Python, `key` in the stored document.

    `is_none_if_absent` says that reading a document without it gives None, so that a None need not be stored.
    """

    name: str
    key: str
    type: TypeRef
    required: bool
    description: str = ""
    server_timestamp: Literal["create", "write"] | None = None
    is_none_if_absent: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """A class of models.py."""

    name: str
    description: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Enum:
    """An enumeration of models.py: (Python name, stored value) pairs."""

    name: str
    description: str
    members: tuple[tuple[str, str | int], ...]


@dataclass(frozen=True, slots=True)
class MapKey:
    """A key inside of a map, or of a value of no declared type."""

    key: str
    type: TypeRef


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A path from a document's root: what it passes through, so that names and keys are both at hand."""

    root: Field
    inner: tuple[Field | MapKey, ...] = ()

    def __str__(self) -> str:
        """Return the stored keys as a reader writes them."""
        return ".".join(self.keys)

    @property
    def steps(self) -> tuple[Field | MapKey, ...]:
        """All of it."""
        return self.root, *self.inner

    @property
    def type(self) -> TypeRef:
        """The type at its end."""
        return self.steps[-1].type

    @property
    def keys(self) -> tuple[str, ...]:
        """The stored keys."""
        return tuple(step.key for step in self.steps)

    @property
    def text(self) -> str:
        """The path as Firestore spells it."""
        return field_path(self.keys)
