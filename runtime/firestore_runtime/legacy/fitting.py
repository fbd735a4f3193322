"""What the older shapes of documents have in common, whichever manager stored them."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import pydantic

from firestore_runtime.errors import CorruptDocumentError
from firestore_runtime.limits import MAX_VECTOR_DIMENSION
from firestore_runtime.values import Vector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firestore_runtime.documents.untyped import UntypedChange

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)
Stored: TypeAlias = "tuple[dict[str, object], list[UntypedChange]]"
"""The fields of a document, and what the server makes of others."""


def fitted(model: type[ModelT], given: Mapping[str, Any]) -> ModelT:
    """Make a model of what is stored; what is absent and not required takes its default.

    Raises:
        CorruptDocumentError: It does not fit.
    """
    try:
        return model.model_validate(given)
    except pydantic.ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        fields = tuple(".".join(map(str, problem["loc"])) for problem in problems)
        text = "; ".join(f"{field}: {problem['msg']}" for field, problem in zip(fields, problems, strict=True))
        corrupt = CorruptDocumentError(f"the stored document does not fit {model.__name__}: {text}")
        corrupt.fields = fields
        raise corrupt from error


def stored_embedding(embedding: list[float], *, as_vector: bool) -> list[float]:
    """Return an embedding as a vector, if that is wanted and Firestore can store it as one, else as a plain array."""
    fits = 0 < len(embedding) <= MAX_VECTOR_DIMENSION and all(map(isfinite, embedding))
    return Vector(embedding) if as_vector and fits else embedding
