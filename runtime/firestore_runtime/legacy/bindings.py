"""The fields that the older managers need of a model, whatever it calls them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from firestore_runtime.bindings import BoundField


@dataclass(frozen=True, slots=True)
class RecordFields:
    """Those of a record."""

    id: BoundField[str]
    context: BoundField[str]
    persona: BoundField[str]
    content: BoundField[str]
    timestamp: BoundField[datetime]
    metadata: BoundField[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ItemFields:
    """Those of an item."""

    id: BoundField[str | None]
    user: BoundField[str]
    session: BoundField[str | None]
    time: BoundField[datetime]
    type: BoundField[str]
    persona: BoundField[str | None]
    text: BoundField[str | None]
    embedding: BoundField[list[float] | None]
    metadata: BoundField[dict[str, Any]]
    expiration: BoundField[datetime | None]


@dataclass(frozen=True, slots=True)
class AgentDataFields:
    """Those of the data of an agent."""

    id: BoundField[str | None]
    agent: BoundField[str]
    time: BoundField[datetime]
    type: BoundField[str]
    content: BoundField[object]
    metadata: BoundField[dict[str, Any]]
    expiration: BoundField[datetime | None]
