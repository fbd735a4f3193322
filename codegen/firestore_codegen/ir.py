"""The intermediate representation: what a schema and its collections mean, with every name decided.

`codegen.build` makes it, the templates read it, nothing changes it in between. A type is a `TypeRef`, a closed union:
a function over it is one `match` that ends in `assert_never`, so that mypy finds the place a new kind of type forgot.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from firestore_runtime.paths import field_path

JsonScalar: TypeAlias = str | int | float | bool | None


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
class DocumentId:
    """Where a document's id comes from; `field` is None where the model does not hold it."""

    field: Field | None
    generate: bool
    stored: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument of a declared query: a value, or with `many` a sequence of them.

    An `optional` one drops its filter when it is None.
    """

    name: str
    type: TypeRef
    optional: bool
    many: bool = False


Operator: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not-in", "array-contains", "array-contains-any"]


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


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter of a declared query: against a parameter, or against a value written in the configuration."""

    path: FieldPath
    op: Operator
    operand: Parameter | FixedValue


@dataclass(frozen=True, slots=True)
class FixedValue:
    """A value written in the configuration, or several, with the type that it is, or each of them is, compared with."""

    value: JsonScalar | tuple[JsonScalar, ...]
    type: TypeRef


@dataclass(frozen=True, slots=True)
class Order:
    """One key of a declared order."""

    path: FieldPath
    direction: Literal["asc", "desc"]


@dataclass(frozen=True, slots=True)
class Query:
    """A declared query: a method of its collection."""

    name: str
    description: str
    where: tuple[Condition, ...]
    order_by: tuple[Order, ...]
    limit: int | None


Distance: TypeAlias = Literal["COSINE", "EUCLIDEAN", "DOT_PRODUCT"]


@dataclass(frozen=True, slots=True)
class VectorField:
    """How a vector field of a collection is searched.

    `source` is the text that it is filled from, if any; `filters` are the sets of fields that searches filter by.
    """

    field: Field
    dimension: int
    distance: Distance
    source: Field | None
    filters: tuple[tuple[FieldPath, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of the client. `path` is its template as segments: `("sessions", "{session_id}", "turns")`."""

    name: str
    class_name: str
    description: str
    model: Model
    path: tuple[str, ...]
    document_id: DocumentId
    omit_nulls: bool
    vectors: tuple[VectorField, ...]
    queries: tuple[Query, ...]
    time_to_live: Field | None = None
    unindexed: tuple[FieldPath, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the path's parameters, in order."""
        return tuple(segment[1:-1] for segment in self.path if segment.startswith("{"))


@dataclass(frozen=True, slots=True)
class AdaptedCollection:
    """A collection in one of the roles of an adapter.

    Attributes:
        role: What the adapter calls it.
        collection: The typed collection.
        path: Where documents of an older shape lie, which the adapter reads and writes, as segments; None for kinds
            that have none.
        fields: The model's fields, each with what the adapter calls it.
    """

    role: str
    collection: Collection
    path: tuple[str, ...] | None
    fields: tuple[tuple[str, Field], ...]


@dataclass(frozen=True, slots=True)
class Adapter:
    """An interface of other software on top of collections.

    Attributes:
        kind: The name of its kind, which a `KindGroup` declares.
        rolls_out: Whether it moves older documents to the current collections.
        collections: The collections in their roles.
    """

    kind: str
    rolls_out: bool
    collections: tuple[AdaptedCollection, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """Everything that the templates need."""

    name: str
    description: str
    client: str
    env_prefix: str
    naive_datetimes: Literal["error", "utc"]
    enums: tuple[Enum, ...]
    models: tuple[Model, ...]
    collections: tuple[Collection, ...]
    adapters: tuple[Adapter, ...]

    @property
    def rolls_out(self) -> bool:
        """Whether an adapter moves older documents to the current collections."""
        return any(adapter.rolls_out for adapter in self.adapters)
