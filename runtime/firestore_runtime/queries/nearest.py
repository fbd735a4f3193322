"""Searches for the documents whose vectors are nearest to a given one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from numbers import Real
from typing import TYPE_CHECKING, Generic, TypeVar

import pydantic

from firestore_runtime.codecs.vectors import encode_vector
from firestore_runtime.documents.reads import read_or_report
from firestore_runtime.errors import ValidationError
from firestore_runtime.fields.fields import VectorField
from firestore_runtime.limits import MAX_NEAREST, MAX_VECTOR_DIMENSION
from firestore_runtime.paths import field_path
from firestore_runtime.wire.operators import DISTANCE_MEASURES

if TYPE_CHECKING:
    from firestore_runtime.codecs.context import Context
    from firestore_runtime.collections.schema import CollectionSchema
    from firestore_runtime.documents.reads import OnCorrupt
    from firestore_runtime.options import Call
    from firestore_runtime.paths import FieldPath
    from firestore_runtime.queries.statements import Statement
    from firestore_runtime.wire import Document, FindNearest, RunQueryRequest
    from firestore_runtime.wire.operators import Distance

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


@dataclass(frozen=True, slots=True)
class Nearest(Generic[ModelT]):
    """A document that was found near a vector.

    Attributes:
        value: The model.
        distance: Its distance by the measure of the search. With `DOT_PRODUCT`, larger is nearer.
        similarity: Its similarity: 1 - distance with `COSINE`, the product itself with `DOT_PRODUCT`, and None with
            `EUCLIDEAN`, which defines none.
    """

    value: ModelT
    distance: float
    similarity: float | None


@dataclass(frozen=True, slots=True)
class NearestSearch(Generic[ModelT]):
    """A search with its checked arguments."""

    statement: Statement[ModelT]
    field: VectorField[ModelT]
    vector: list[float]
    limit: int
    threshold: float | None
    distance: Distance

    def request(self) -> RunQueryRequest:
        """Make the request."""
        request = self.statement.request()
        message, context = request.structured_query.find_nearest, self.statement.reference.context
        write_nearest(message, self.field.path, self.vector, self.distance, self.limit, context)
        message.distance_result_field = _distance_key(self.statement.reference.schema)
        if self.threshold is not None:
            message.distance_threshold.value = self.threshold
        return request

    def read(self, document: Document, call: Call, on_corrupt: OnCorrupt | None) -> Nearest[ModelT] | None:
        """Return a document that was found, or None if it does not fit the model and may be skipped.

        Raises:
            CorruptDocumentError: The document does not fit the model, and `on_corrupt` is `"raise"`.
        """
        reference = self.statement.reference
        model = read_or_report(reference, document, call, on_corrupt or self.statement.on_corrupt)
        if model is None:
            return None
        distance = document.fields[_distance_key(reference.schema)].double_value
        return Nearest(model, distance, _similarity(self.distance, distance))


def write_nearest(
    message: FindNearest, path: FieldPath, vector: Sequence[float], distance: Distance, limit: int, context: Context
) -> None:
    """Fill the protobuf message of a search by a vector."""
    message.vector_field.field_path = field_path(path)
    encode_vector(message.query_vector, vector, context)
    message.distance_measure = DISTANCE_MEASURES[distance]
    message.limit.value = limit


def nearest_search(
    statement: Statement[ModelT],
    field: object,
    vector: object,
    limit: object,
    threshold: object,
    distance: object,
) -> NearestSearch[ModelT]:
    """Make a search from a caller's arguments.

    Raises:
        ValidationError: The field holds no vectors, the vector does not fit it, or an argument is out of range.
    """
    if statement.orders or statement.start or statement.end or statement.limit is not None:
        raise ValidationError(
            "the nearest documents have an order and a limit of their own: leave out order_by, start, end and limit"
        )
    vectors: VectorField[ModelT] = checked_vector_field(field)
    name = field_path(vectors.path)
    declared = _declared_distance(statement.reference.schema, vectors)
    measure = declared if distance is None else _checked_distance(name, distance)
    elements = _fitting(name, vector, vectors.dimension)
    if measure == "COSINE" and not any(elements):
        raise ValidationError(f"{name}: a vector of zeros has no direction, and so no COSINE distance")
    checked = _checked_limit(name, limit), _checked_threshold(name, threshold)
    return NearestSearch(statement, vectors, elements, *checked, measure)


def checked_vector_field(field: object) -> VectorField[ModelT]:
    """Return the argument if it is a vector field.

    Raises:
        ValidationError: It is not.
    """
    if not isinstance(field, VectorField):
        raise ValidationError(f"the field of a vector is needed here, not {type(field).__name__}: {field!r}")
    return field


def checked_elements(name: str, vector: object) -> list[float]:
    """Return the elements of a vector as floating-point numbers.

    Raises:
        ValidationError: It is not a list, it is empty, or an element is not a finite number.
    """
    if isinstance(vector, (str, bytes)) or not isinstance(vector, Iterable):
        raise ValidationError(f"{name}: a vector, which is a list of numbers, is needed here, not {vector!r:.80}")
    elements = list(vector)
    if not elements:
        raise ValidationError(f"{name}: the vector is empty")
    if set(map(type, elements)) == {float} and all(map(isfinite, elements)):
        return elements
    return [_checked_element(name, at, element) for at, element in enumerate(elements)]


def _checked_element(name: str, at: int, element: object) -> float:
    if isinstance(element, bool) or not isinstance(element, Real):
        raise ValidationError(f"{name}: element {at} of the vector is not a number: {element!r:.80}")
    try:
        number = float(element)
    except OverflowError as error:
        raise ValidationError(f"{name}: element {at} of the vector does not fit into 64 bits") from error
    if not isfinite(number):
        raise ValidationError(f"{name}: element {at} of the vector is {number}; Firestore needs finite numbers")
    return number


def _fitting(name: str, vector: object, dimension: int) -> list[float]:
    elements = checked_elements(name, vector)
    if len(elements) > MAX_VECTOR_DIMENSION:
        limit = f"Firestore allows {MAX_VECTOR_DIMENSION:,}"
        raise ValidationError(f"{name}: a vector of {len(elements):,} elements; {limit}, and the schema {dimension:,}")
    if len(elements) != dimension:
        raise ValidationError(
            f"{name}: a vector of {len(elements):,} elements, where the schema declares {dimension:,}"
        )
    return elements


def _declared_distance(schema: CollectionSchema[ModelT], field: VectorField[ModelT]) -> Distance:
    """Return the measure in the schema, which can name none for a vector inside a nested model."""
    return next((vector.distance for vector in schema.vectors if (vector.key,) == field.path), "COSINE")


def _checked_distance(name: str, distance: object) -> Distance:
    for measure in DISTANCE_MEASURES:
        if measure == distance:
            return measure
    raise ValidationError(f"{name}: distance must be one of {', '.join(DISTANCE_MEASURES)}, not {distance!r}")


def _checked_limit(name: str, limit: object) -> int:
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_NEAREST:
        raise ValidationError(f"{name}: limit must be an integer from 1 to {MAX_NEAREST:,}, not {limit!r}")
    return limit


def _checked_threshold(name: str, threshold: object) -> float | None:
    if threshold is None:
        return None
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)) or not isfinite(threshold):
        raise ValidationError(f"{name}: threshold must be a finite number, not {threshold!r}")
    return float(threshold)


def _similarity(measure: Distance, distance: float) -> float | None:
    match measure:
        case "COSINE":
            return 1 - distance
        case "DOT_PRODUCT":
            return distance
        case "EUCLIDEAN":
            return None


def _distance_key(schema: CollectionSchema[ModelT]) -> str:
    """Return the key under which the server adds the distance to a document: one that the model does not read."""
    keys = {info.alias or name for name, info in schema.model.model_fields.items()}
    key = "distance"
    while key in keys:
        key = f"_{key}"
    return key
