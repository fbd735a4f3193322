"""Models to store, with no more than a test is about."""

from __future__ import annotations

from typing import Any

from firestore_memory import AgentData, MemoryItem


def an_item(**fields: Any) -> MemoryItem:
    """Make a memory of Ada's."""
    return MemoryItem(**{"user_id": "ada", "item_type": "conversation", **fields})


def agent_data(**fields: Any) -> AgentData:
    """Make an observation."""
    return AgentData(**{"agent_id": "scout", "data_type": "observation", "content": "sunny", **fields})
