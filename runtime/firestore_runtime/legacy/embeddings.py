"""What becomes of embeddings and texts on their way between the older shapes and the current one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime.legacy.fitting import stored_embedding
from firestore_runtime.legacy.item_shape import CONTENT_HASH, content_hash
from firestore_runtime.values import Vector

if TYPE_CHECKING:
    from firestore_runtime.rollout.conversions import Data


def complete(item: Data, text_key: str, embedding_key: str) -> None:
    """Store the embedding as a vector if Firestore can do that, and the hash of the text, which finds duplicates."""
    embedding, text = item.get(embedding_key), item.get(text_key)
    if isinstance(embedding, list) and all(type(element) in (int, float) for element in embedding):
        item[embedding_key] = stored_embedding([float(element) for element in embedding], as_vector=True)
    if isinstance(text, str) and text:
        item[CONTENT_HASH] = content_hash(text)


def make_array(data: Data, key: str) -> None:
    """Store a vector as the older managers did."""
    if isinstance(vector := data.get(key), Vector):
        data[key] = [*vector]
