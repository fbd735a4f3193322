"""Settings of packages whose adapters move older documents to the current collections."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from pydantic import Field

from firestore_runtime.settings import ClientSettings

MigrationMode: TypeAlias = Literal["legacy", "dual_write", "shadow_read", "current_read", "current"]
MIGRATION_MODES: tuple[MigrationMode, ...] = get_args(MigrationMode)
"""In order: each step leads from one to the next."""


class RolloutSettings(ClientSettings):
    """Settings of a client, and how far the older interfaces have moved."""

    legacy_warnings: bool = True
    """Whether the older interfaces in `adapters` warn that they will be removed; they read it from the environment."""
    migration_mode: MigrationMode = "legacy"
    """The progress of the older interfaces' move to the current collections; see `adapters.rollout`."""
    migration_modes: dict[str, MigrationMode] = Field(default_factory=dict)
    """The same for single collections, by their names in the client."""
    migration_percentage: float = Field(default=100.0, ge=0, le=100)
    """The percentage of users in that mode; the others are in the one before it."""
    migration_url: str | None = None
    """The store of the current collections, if it differs from that of the older documents."""
