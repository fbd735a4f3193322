"""Adapters: interfaces of other software on top of collections."""

from __future__ import annotations

from dataclasses import dataclass

from firestore_codegen.ir.collections import Collection
from firestore_codegen.ir.models import Field


@dataclass(frozen=True, slots=True)
class AdaptedCollection:
    """A collection in one of the roles of an adapter.

    Attributes:
        role: What the adapter calls it.
        collection: The typed collection.
        path: Where documents of an older shape lie, which the adapter reads and writes, as segments.
        fields: The model's fields, each with what the adapter calls it.
    """

    role: str
    collection: Collection
    path: tuple[str, ...]
    fields: tuple[tuple[str, Field], ...]


@dataclass(frozen=True, slots=True)
class Adapter:
    """An interface of other software on top of collections; `templates/adapters/kinds.json` says what its kind is."""

    kind: str
    collections: tuple[AdaptedCollection, ...]
