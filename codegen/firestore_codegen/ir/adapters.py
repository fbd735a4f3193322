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
        path: Where documents of an older shape lie, which the adapter reads and writes, as segments; None for kinds
            that have none.
        fields: The model's fields, each with what the adapter calls it.
    """

    role: str
    collection: Collection
    path: tuple[str, ...] | None
    fields: tuple[tuple[str, Field], ...]


@dataclass(frozen=True, slots=True)
class Adapter:
    """An interface of other software on top of collections.

    Attributes:
        kind: The name of its kind, which a `KindGroup` declares.
        rolls_out: Whether it moves older documents to the current collections.
        collections: The collections in their roles.
    """

    kind: str
    rolls_out: bool
    collections: tuple[AdaptedCollection, ...]
