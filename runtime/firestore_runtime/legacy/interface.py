"""The interface that the older memory managers share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Generic, Protocol, TypedDict

from pydantic import BaseModel

from firestore_runtime.legacy.item_shape import DataT, ItemT


class PersonaConfig(BaseModel):
    """How an agent presents itself. Searches look at its name alone."""

    name: str
    description: str
    traits: dict[str, float] = {}
    prompt_template: str | None = None
    metadata: dict[str, Any] = {}


class Persona(Protocol):
    """What has the name of a persona: a `PersonaConfig`, from here or from elsewhere."""

    @property
    def name(self) -> str:
        """The name; an empty one stands for any."""


class MemoryHealth(TypedDict, total=False):
    """What a health check finds.

    Attributes:
        status: `healthy` or `error`.
        firestore: Whether Firestore answers.
        redis: Whether Redis does, in managers that know of one.
        error_count: How many errors there were.
        last_error: The text of the last one.
        details: Whatever else there is to tell.
    """

    status: str
    firestore: bool
    redis: bool
    error_count: int
    last_error: str | None
    details: dict[str, Any]


class MemoryManager(ABC, Generic[ItemT, DataT]):
    """What keeps the memory of agents: items about users, and raw data of agents."""

    @abstractmethod
    async def initialize(self) -> None:
        """Make ready for use."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of what `initialize` took."""

    @abstractmethod
    async def add_memory_item(self, item: ItemT) -> str:
        """Create or replace an item, and return its id."""

    @abstractmethod
    async def get_memory_item(self, item_id: str) -> ItemT | None:
        """Return an item, or None if there is none."""

    @abstractmethod
    async def get_conversation_history(
        self,
        user_id: str,
        session_id: str | None = None,
        limit: int = 20,
        filters: Mapping[str, Any] | None = None,
    ) -> list[ItemT]:
        """Return a user's items, newest first, those of one session if that is given."""

    @abstractmethod
    async def semantic_search(
        self,
        user_id: str,
        query_embedding: Sequence[float],
        persona_context: Persona | None = None,
        top_k: int = 5,
    ) -> list[ItemT]:
        """Return the items of a user that are nearest in meaning to a vector, the nearest first."""

    @abstractmethod
    async def add_raw_agent_data(self, data: DataT) -> str:
        """Create or replace data of an agent, and return its id."""

    @abstractmethod
    async def check_duplicate(self, item: ItemT) -> bool:
        """Whether there is an item with the same content already."""

    @abstractmethod
    async def cleanup_expired_items(self) -> int:
        """Delete what has expired, and return how many items that were."""

    @abstractmethod
    async def health_check(self) -> MemoryHealth:
        """Find out whether the manager works. It never raises."""
