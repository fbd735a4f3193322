"""Firestore's rules for searches by a vector."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from firestore_runtime.embedded.semantics.keys import is_vector
from firestore_runtime.embedded.semantics.lookup import read_path
from firestore_runtime.embedded.semantics.value_rules import check_value
from firestore_runtime.errors import ValidationError
from firestore_runtime.limits import MAX_NEAREST, check_key
from firestore_runtime.wire.operators import DISTANCE_MEASURES

if TYPE_CHECKING:
    from firestore_runtime.wire import FindNearest, StructuredQuery


def read_nearest(query: StructuredQuery) -> FindNearest:
    """Return the search by a vector that a query is.

    Raises:
        ValidationError: It is not valid, or the query has what such a search cannot have.
    """
    search = query.find_nearest
    if query.offset or any(map(query.HasField, ("start_at", "end_at", "limit"))):
        raise ValidationError(
            "a search by a vector has a limit of its own: it takes no limit, offset and cursor beside"
        )
    read_path(search.vector_field.field_path)
    check_value(search.query_vector, 0)
    if not is_vector(search.query_vector):
        raise ValidationError("the query_vector of a search by a vector is no vector")
    if search.distance_measure not in DISTANCE_MEASURES.values():
        raise ValidationError(f"{search.distance_measure} is no distance measure")
    if not 1 <= search.limit.value <= MAX_NEAREST:
        raise ValidationError(f"the limit of a search by a vector must be from 1 to {MAX_NEAREST:,}")
    if not isfinite(search.distance_threshold.value):
        raise ValidationError("the distance_threshold of a search by a vector must be a finite number")
    if search.distance_result_field:
        check_key(search.distance_result_field)
    return search
