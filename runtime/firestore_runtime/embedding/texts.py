"""Making vectors of texts by an embedder, and which texts of a document they are made of."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import contextmanager
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, TypeVar

import pydantic

from firestore_runtime.errors import ConfigurationError, OperationError, StorageError, ValidationError
from firestore_runtime.fields.changes import Change, DeleteField, SetField
from firestore_runtime.queries.nearest import checked_elements, checked_vector_field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from firestore_runtime.collections.schema import CollectionSchema, VectorSchema
    from firestore_runtime.embedders import AnyEmbedder
    from firestore_runtime.fields.fields import VectorField

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


def embed(embedder: AnyEmbedder | None, texts: Sequence[str], dimension: int) -> list[list[float]]:
    """Return the vectors of texts, padded with zeros to a field's dimension.

    Zeros change none of the three distances.

    Raises:
        ConfigurationError: There is no embedder, it is asynchronous, or its dimension is too large or not as declared.
        OperationError: The embedder failed.
    """
    embedder = checked_embedder(embedder, dimension)
    with _calling():
        vectors = embedder.embed(texts)
        if isinstance(vectors, Coroutine):
            vectors.close()
            raise ConfigurationError("the embedder is asynchronous, and the client is not")
    return _padded(vectors, len(texts), embedder.dimension, dimension)


async def embed_async(embedder: AnyEmbedder | None, texts: Sequence[str], dimension: int) -> list[list[float]]:
    """Return the same as `embed`; an embedder that is not asynchronous runs in a thread."""
    embedder = checked_embedder(embedder, dimension)
    with _calling():
        if iscoroutinefunction(embedder.embed):
            vectors = await embedder.embed(texts)
        else:
            vectors = await asyncio.to_thread(embedder.embed, texts)
            vectors = await vectors if isinstance(vectors, Coroutine) else vectors
    return _padded(vectors, len(texts), embedder.dimension, dimension)


def checked_embedder(embedder: AnyEmbedder | None, dimension: int) -> AnyEmbedder:
    """Return the embedder if its vectors fit into a field of `dimension` elements.

    Raises:
        ConfigurationError: They do not, or there is no embedder.
    """
    if embedder is None:
        raise ConfigurationError("there is no embedder: connect with embedder=…, such as WordLlamaEmbedder()")
    own = _checked_dimension(getattr(embedder, "dimension", None))
    if own > dimension:
        raise ConfigurationError(
            f"the embedder makes vectors of {own:,} elements, which do not fit into a field of {dimension:,}"
        )
    return embedder


def _checked_dimension(own: object) -> int:
    if isinstance(own, bool) or not isinstance(own, int) or own < 1:
        raise ConfigurationError(f"the embedder's dimension must be a positive integer, not {own!r}")
    return own


def check_embedder(schema: CollectionSchema[ModelT], embedder: AnyEmbedder | None) -> None:
    """Check that an embedder can fill the fields that are computed from texts.

    Raises:
        ConfigurationError: It cannot.
    """
    for vector in schema.vectors:
        if embedder is not None and vector.source:
            checked_embedder(embedder, vector.dimension)


def missing_texts(vector: VectorSchema, models: Sequence[ModelT]) -> dict[int, str]:
    """Return the texts of the models whose vector is unset, by position."""
    if vector.source is None:
        return {}
    texts = {
        at: getattr(model, vector.source.name) for at, model in enumerate(models) if not getattr(model, vector.name)
    }
    return {at: text for at, text in texts.items() if text}


def changed_texts(
    schema: CollectionSchema[ModelT], changes: Sequence[object], patch: Mapping[str, object]
) -> Iterator[tuple[VectorSchema, str | None]]:
    """Yield the vectors whose text an update changes, with the new text, unless it changes the vector as well."""
    touched = {change.path[0]: change for change in changes if isinstance(change, Change)}
    for vector in schema.vectors:
        source = vector.source
        if source is None or vector.name in patch or vector.key in touched:
            continue
        change = touched.get(source.key)
        text = change.value if isinstance(change, SetField) else patch.get(source.name, "")
        if (source.name in patch or isinstance(change, SetField | DeleteField)) and isinstance(text, str | None):
            yield vector, text or None


def searched_field(schema: CollectionSchema[ModelT], field: VectorField[ModelT] | None) -> VectorField[ModelT]:
    """Return the field to search for a text: the given one, or the only candidate.

    Raises:
        ValidationError: It is not a vector field, or none is given and there is not exactly one.
    """
    if field is not None:
        return checked_vector_field(field)
    candidates = [vector for vector in schema.vectors if vector.source] or schema.vectors
    if len(candidates) != 1:
        names = ", ".join(vector.name for vector in schema.vectors) or "none"
        raise ValidationError(f"field=… must say which vector is searched; {schema.name} has {names}")
    found: VectorField[ModelT] = getattr(schema.fields, candidates[0].name)
    return found


def checked_text(text: object) -> str:
    """Return `text` if it can be searched for.

    Raises:
        ValidationError: It is not a string, or is blank.
    """
    if not isinstance(text, str):
        raise ValidationError(f"the text to search by must be a string, not {type(text).__name__}: {text!r:.80}")
    if not text.strip():
        raise ValidationError("the text to search by is blank")
    return text


@contextmanager
def _calling() -> Iterator[None]:
    """Turn any exception of an embedder into a `StorageError`."""
    try:
        yield
    except StorageError:
        raise
    except Exception as error:
        raise OperationError(f"the embedder failed: {error!r}") from error


def _padded(vectors: Sequence[Sequence[float]], count: int, own: int, dimension: int) -> list[list[float]]:
    if len(vectors) != count:
        raise OperationError(f"the embedder gave {len(vectors)} vectors for {count} texts")
    return [_fitted(vector, own) + [0.0] * (dimension - own) for vector in vectors]


def _fitted(vector: Sequence[float], own: int) -> list[float]:
    elements = checked_elements("what the embedder made", vector)
    if len(elements) != own:
        raise ConfigurationError(
            f"the embedder made a vector of {len(elements):,} elements, but its dimension is {own:,}"
        )
    return elements
