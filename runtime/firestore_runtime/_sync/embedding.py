# Derived from _async/embedding.py by runtime/derive_sync.py. Do not edit; change that and run `make sync`.

"""Documents whose vectors are computed from one of their texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pydantic

from firestore_runtime.embedding.texts import changed_texts, embed, missing_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from firestore_runtime.collections.schema import CollectionSchema
    from firestore_runtime.fields.changes import Change
    from firestore_runtime.options import Options

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


def with_vectors(schema: CollectionSchema[ModelT], models: Sequence[ModelT], options: Options) -> Sequence[ModelT]:
    """Return models with unset vectors filled in from their texts; all texts are embedded at once."""
    if options.embedder is None:
        return models
    filled = list(models)
    for vector in schema.vectors:
        if texts := missing_texts(vector, filled):
            vectors = embed(options.embedder, list(texts.values()), vector.dimension)
            for at, elements in zip(texts, vectors, strict=True):
                filled[at] = filled[at].model_copy(update={vector.name: elements})
    return filled


def with_new_vectors(
    schema: CollectionSchema[ModelT],
    changes: Sequence[Change[ModelT]],
    patch: Mapping[str, object],
    options: Options,
) -> Mapping[str, object]:
    """Return the keywords of an update with the vectors of the texts that it changes; None for a removed text."""
    if options.embedder is None:
        return patch
    new: dict[str, object] = {}
    for vector, text in changed_texts(schema, changes, patch):
        vectors = embed(options.embedder, [text] if text else [], vector.dimension)
        new[vector.name] = vectors[0] if vectors else None
    return {**patch, **new}
