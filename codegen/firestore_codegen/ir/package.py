"""A package: all that the templates are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from firestore_codegen.ir.adapters import Adapter
from firestore_codegen.ir.collections import Collection
from firestore_codegen.ir.models import Enum, Model


@dataclass(frozen=True, slots=True)
class Package:
    """Everything that the templates need."""

    name: str
    description: str
    client: str
    env_prefix: str
    naive_datetimes: Literal["error", "utc"]
    enums: tuple[Enum, ...]
    models: tuple[Model, ...]
    collections: tuple[Collection, ...]
    adapters: tuple[Adapter, ...]

    @property
    def rolls_out(self) -> bool:
        """Whether an adapter moves older documents to the current collections."""
        return any(adapter.rolls_out for adapter in self.adapters)
