"""Adapters as their templates want them: `adapter.collections.items.fields.user.name`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from firestore_codegen import ir

ViewT = TypeVar("ViewT")


class Named(Generic[ViewT]):
    """Things by name, of which a template writes the name behind a dot.

    A dictionary would not do: of one, `collections.items` is a method.
    """

    __slots__ = ("_views",)

    def __init__(self, views: Mapping[str, ViewT]) -> None:
        self._views = views

    def __getitem__(self, name: str) -> ViewT:
        """Return the thing of this name."""
        return self._views[name]


@dataclass(frozen=True, slots=True)
class AdaptedFieldView:
    """A field: `name` in Python, `key` in documents of the current shape; `dimension` is 0 unless it is a vector."""

    name: str
    key: str
    dimension: int


@dataclass(frozen=True, slots=True)
class AdaptedCollectionView:
    """A collection: its attribute on the client, the class of its model, and the path of any older documents."""

    name: str
    model: str
    path: str
    fields: Named[AdaptedFieldView]


@dataclass(frozen=True, slots=True)
class AdapterView:
    """An adapter."""

    kind: str
    collections: Named[AdaptedCollectionView]


def adapter_views(adapters: Iterable[ir.Adapter]) -> Named[AdapterView]:
    """Return the adapters by their kind."""
    return Named({adapter.kind: _adapter_view(adapter) for adapter in adapters})


def _adapter_view(adapter: ir.Adapter) -> AdapterView:
    return AdapterView(adapter.kind, Named({bound.role: _collection_view(bound) for bound in adapter.collections}))


def _collection_view(bound: ir.AdaptedCollection) -> AdaptedCollectionView:
    fields = {role: _field_view(field) for role, field in bound.fields}
    collection = bound.collection
    return AdaptedCollectionView(collection.name, collection.model.name, "/".join(bound.path or ()), Named(fields))


def _field_view(field: ir.Field) -> AdaptedFieldView:
    type_ = ir.without_null(field.type)
    return AdaptedFieldView(field.name, field.key, type_.dimension if isinstance(type_, ir.Vector) else 0)
