"""The documents that all contenders write and read: items of an agent's memory."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from google.cloud.firestore_v1.vector import Vector

from firestore_memory import MemoryItem

DIMENSIONS = (0, 768)
_TEXT = "We talked about Iceland: puffins in June, northern lights in October, hot springs always. "


@dataclass(frozen=True, slots=True)
class Documents:
    """The same documents as models and as the dictionaries that Google's client takes."""

    dimension: int
    items: Sequence[MemoryItem]
    dictionaries: Sequence[dict[str, Any]]

    @property
    def namespace(self) -> str:
        """The namespace that the documents lie in."""
        return f"dimension-{self.dimension}"

    @property
    def path(self) -> str:
        """The path of the collection, for a client that knows no namespaces."""
        return f"namespaces/{self.namespace}/memories"


def make_documents(count: int, dimension: int) -> Documents:
    """Make documents with embeddings of `dimension` elements, or without if it is 0; always the same ones."""
    source = random.Random(dimension)
    items = [_make_item(source, number, dimension) for number in range(count)]
    return Documents(dimension, items, [to_dictionary(item) for item in items])


def _make_item(source: random.Random, number: int, dimension: int) -> MemoryItem:
    moment = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    return MemoryItem(
        id=f"item-{number:06}",
        user_id=f"user-{number % 50}",
        session_id=f"session-{number % 200}",
        timestamp=moment,
        item_type="conversation",
        persona_active="guide",
        text_content=_TEXT * 3,
        embedding=[source.uniform(-1, 1) for _ in range(dimension)] or None,
        metadata={"role": "user", "turn": number, "score": source.random(), "tags": ["travel"], "pinned": False},
        expiration=moment + timedelta(days=90),
    )


def to_dictionary(item: MemoryItem) -> dict[str, Any]:
    """Return what Google's client stores for an item, made as a program would that has pydantic models."""
    data = item.model_dump()
    if item.embedding is not None:
        data["embedding"] = Vector(item.embedding)
    return data


def from_dictionary(data: dict[str, Any]) -> MemoryItem:
    """Return the item for what Google's client reads."""
    if data["embedding"] is not None:
        data["embedding"] = list(data["embedding"])
    return MemoryItem.model_validate(data)
