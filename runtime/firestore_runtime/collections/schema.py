"""The schema of collections, as the clients need it at run time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import pydantic

if TYPE_CHECKING:
    from collections.abc import Callable

    from firestore_runtime.codecs.context import Context, Fields
    from firestore_runtime.wire.operators import Distance

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


@dataclass(frozen=True, slots=True)
class IdField:
    """The field of a model that holds its document's id."""

    name: str
    key: str
    stored: bool


@dataclass(frozen=True, slots=True)
class ServerTimestamp:
    """A field that the server sets: when the document is created, or with each write."""

    name: str
    key: str
    on: Literal["create", "write"]


@dataclass(frozen=True, slots=True)
class TextSource:
    """The text field that a vector is computed from."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class VectorSchema:
    """A field that holds embeddings.

    Attributes:
        name: Its attribute in the model.
        key: Its stored name.
        dimension: The number of elements of its embeddings.
        distance: The default measure of searches.
        source: The text that an embedder fills it from, if any.
    """

    name: str
    key: str
    dimension: int
    distance: Distance
    source: TextSource | None


@dataclass(frozen=True, slots=True)
class CollectionSchema(Generic[ModelT]):
    """The schema of a collection.

    Attributes:
        name: Its attribute in the client.
        path: The segments of its path; a parameter is in braces.
        model: The model of its documents.
        encode: Writes a model into the fields of a document.
        decode: Reads the fields of a document, by their stored keys.
        fields: The class that holds the model's typed fields.
        id_field: The field that holds the document's id, if the model has one.
        generate_id: Whether `create` generates an id if none is given.
        server_timestamps: The fields that the server sets.
        omit_nulls: Whether None is left out of documents, instead of being stored as null.
        vectors: The fields that hold embeddings.
        unindexed: The paths of the fields that have no automatic indexes.
        assume_utc: Whether a time without an offset is taken to be in UTC, instead of being refused.
    """

    name: str
    path: tuple[str, ...]
    model: type[ModelT]
    encode: Callable[[ModelT, Fields, Context], None]
    decode: Callable[[Fields, Context], dict[str, Any]]
    fields: type
    id_field: IdField | None
    generate_id: bool
    server_timestamps: tuple[ServerTimestamp, ...]
    omit_nulls: bool
    vectors: tuple[VectorSchema, ...]
    unindexed: frozenset[str]
    assume_utc: bool = False


@dataclass(frozen=True, slots=True)
class PackageSchema:
    """The schema of a package.

    Attributes:
        package: Its import name.
        collections: Its collections.
    """

    package: str
    collections: tuple[CollectionSchema[Any], ...]
