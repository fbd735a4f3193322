"""Types of stored values: a closed union.

A function over it is one `match` that ends in `assert_never`, so that mypy finds the place a new kind of type forgot.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class ScalarKind(StrEnum):
    """The leaves of a document: one Python type and one Firestore value type each."""

    STRING = "string"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    BYTES = "bytes"
    TIMESTAMP = "timestamp"
    DATE = "date"
    TIME = "time"
    DURATION = "duration"
    DECIMAL = "decimal"
    UUID = "uuid"
    GEOPOINT = "geopoint"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A leaf value."""

    kind: ScalarKind


@dataclass(frozen=True, slots=True)
class AnyValue:
    """Whatever Firestore can store: a schema that names no type."""


@dataclass(frozen=True, slots=True)
class Vector:
    """An embedding. `any_dimension` accepts vectors of other lengths in writes, for data that already has them."""

    dimension: int
    any_dimension: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """A path to another document; `collection` is the collection id that it must lie in, if the schema names one."""

    collection: str | None


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that never varies (`const`)."""

    value: str | int | bool


@dataclass(frozen=True, slots=True)
class EnumRef:
    """One of the `Enum`s of the package, by class name."""

    name: str


@dataclass(frozen=True, slots=True)
class ModelRef:
    """One of the `Model`s of the package, by class name."""

    name: str


@dataclass(frozen=True, slots=True)
class Array:
    """A list; Firestore forbids an array directly inside an array."""

    items: TypeRef


@dataclass(frozen=True, slots=True)
class Map:
    """A dictionary with string keys."""

    values: TypeRef


@dataclass(frozen=True, slots=True)
class Union:
    """One of several types, none of which is null (that is `Nullable`)."""

    members: tuple[TypeRef, ...]
    discriminator: Discriminator | None = None


@dataclass(frozen=True, slots=True)
class Discriminator:
    """The stored key that tells the models of a union apart, and which value means which model."""

    key: str
    models: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Nullable:
    """The type, or `None`."""

    type: TypeRef


TypeRef: TypeAlias = (
    Scalar | AnyValue | Vector | Reference | Constant | EnumRef | ModelRef | Array | Map | Union | Nullable
)


def without_null(type_: TypeRef) -> TypeRef:
    """Return the type of the values that are not None."""
    return type_.type if isinstance(type_, Nullable) else type_
