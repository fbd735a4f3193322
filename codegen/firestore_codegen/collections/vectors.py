"""The vector fields of a collection: how they are searched, and what they are filled from."""

from __future__ import annotations

from firestore_codegen.collections.check_queries import comparison_problem
from firestore_codegen.collections.lookup import Lookup
from firestore_codegen.collections.queries import indexed_path
from firestore_codegen.errors import Place
from firestore_codegen.ir import (
    DocumentId,
    Field,
    FieldPath,
    Nullable,
    Scalar,
    ScalarKind,
    Vector,
    VectorField,
    without_null,
)
from firestore_codegen.read.sources import JsonObject


def build_vectors(lookup: Lookup, config: JsonObject, document_id: DocumentId, place: Place) -> tuple[VectorField, ...]:
    """Return the vector fields of a collection; what is wrong with their settings goes to the lookup's problems."""
    for key in config:
        lookup.field(key, place / key)
    return tuple(
        _build_vector(lookup, field, type_.dimension, config.get(field.key, {}), document_id, place / field.key)
        for field in lookup.model.fields
        if isinstance(type_ := without_null(field.type), Vector)
    )


def _build_vector(
    lookup: Lookup, field: Field, dimension: int, settings: JsonObject, document_id: DocumentId, place: Place
) -> VectorField:
    source = _source(lookup, field, settings["source"], place / "source") if "source" in settings else None
    filters = settings.get("filters", [])
    if filters and lookup.is_unindexed(FieldPath(field)):
        lookup.report(place / "filters", f"`{field.key}` is unindexed, so it is not searched", "leave one of them out")
        filters = []
    built = [
        [_filter(lookup, text, document_id, place / "filters" / at / at_field) for at_field, text in enumerate(texts)]
        for at, texts in enumerate(filters)
    ]
    sets = tuple(tuple(path for path in paths if path is not None) for paths in built)
    return VectorField(field, dimension, settings.get("distance", "COSINE"), source, sets)


def _filter(lookup: Lookup, text: str, document_id: DocumentId, place: Place) -> FieldPath | None:
    """Return the path to a field that searches filter by."""
    path = indexed_path(lookup, text, document_id, place)
    wrong = comparison_problem("==", path) if path is not None else ""
    if wrong:
        lookup.report(place, wrong)
    return path


def _source(lookup: Lookup, vector: Field, key: str, place: Place) -> Field | None:
    """Return the field whose text a vector is made of."""
    source = lookup.field(key, place)
    if source is None:
        return None
    if without_null(source.type) != Scalar(ScalarKind.STRING):
        lookup.report(place, f"`{key}` is not a text", "a vector is made of the text of a `type: string` field")
        return None
    if not isinstance(vector.type, Nullable):
        lookup.report(place, f"`{vector.key}` is never unset, so nothing would fill it", "let it be null")
        return None
    return source
