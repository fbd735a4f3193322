"""Collections: where documents of a model lie, and how they are found."""

from __future__ import annotations

from dataclasses import dataclass

from firestore_codegen.ir.models import Field, FieldPath, Model
from firestore_codegen.ir.queries import Query
from firestore_runtime.wire.operators import Distance


@dataclass(frozen=True, slots=True)
class DocumentId:
    """Where a document's id comes from; `field` is None where the model does not hold it."""

    field: Field | None
    generate: bool
    stored: bool


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
