"""The kinds of adapters that there are: data beside their templates, so that the generator knows none of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, TypeAlias

from firestore_codegen.resources import template_dir
from firestore_runtime.index import Direction

FieldType: TypeAlias = Literal["id", "string", "timestamp", "vector", "map", "any"]

_DIRECTIONS: Mapping[str, Direction] = {"asc": "ASCENDING", "desc": "DESCENDING"}


@dataclass(frozen=True, slots=True)
class FieldRole:
    """What an adapter needs of a field: its type, whether it may be None, and whether it can do without the field."""

    type: FieldType
    nullable: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class AdapterQuery:
    """A query of documents, by their stored keys if they are older ones, by the adapter's names if they are current.

    Attributes:
        equal: What it always compares by `==`.
        optional: What it may compare by `==`, in any combination.
        inequalities: What it compares by `<` and the like.
        orders: What it is ordered by.
        nearest: The vector that it searches for the nearest ones of, if it does.
        dimension_of: The adapter's name of the field that says how long these vectors are.
    """

    equal: tuple[str, ...]
    optional: tuple[str, ...]
    inequalities: tuple[str, ...]
    orders: tuple[tuple[str, Direction], ...]
    nearest: str
    dimension_of: str

    @property
    def keys(self) -> frozenset[str]:
        """All the keys in it."""
        nearest = (self.nearest,) if self.nearest else ()
        return frozenset((*self.equal, *self.optional, *self.inequalities, *dict(self.orders), *nearest))

    def renamed(self, names: Mapping[str, str]) -> AdapterQuery:
        """The same query with other names for its keys."""
        return replace(
            self,
            equal=tuple(names[key] for key in self.equal),
            optional=tuple(names[key] for key in self.optional),
            inequalities=tuple(names[key] for key in self.inequalities),
            orders=tuple((names[key], direction) for key, direction in self.orders),
            nearest=names[self.nearest] if self.nearest else "",
        )


@dataclass(frozen=True, slots=True)
class CollectionRole:
    """What an adapter needs of a collection: fields, by its own names, and queries of older and current documents."""

    fields: Mapping[str, FieldRole]
    queries: tuple[AdapterQuery, ...]
    current_queries: tuple[AdapterQuery, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of adapter.

    Attributes:
        name: Its name.
        group: The kinds that it comes together with, itself among them.
        collections: The collections that it needs, by its own names for them.
        files: Its own templates.
        shared_files: Those that it shares with others.
        flavoured_files: Those of them that are rendered for each flavour.
    """

    name: str
    group: tuple[str, ...]
    collections: Mapping[str, CollectionRole]
    files: tuple[str, ...]
    shared_files: tuple[str, ...]
    flavoured_files: tuple[str, ...]


@cache
def kinds() -> Mapping[str, Kind]:
    """Return all kinds by name."""
    content = json.loads((template_dir() / "adapters" / "kinds.json").read_text(encoding="utf-8"))
    groups = content["groups"].values()
    found = [_kind(name, group, content["files"]) for group in groups for name in group["kinds"]]
    return {kind.name: kind for kind in found}


def adapter_files(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the files of adapters of these kinds, each with its kind, or with nothing if it is shared."""
    used = [kinds()[name] for name in names]
    for file in dict.fromkeys(file for kind in used for file in kind.shared_files):
        yield file, ""
    for kind in used:
        for file in kind.files:
            yield file, kind.name


def flavoured_adapter_files(names: Iterable[str]) -> tuple[str, ...]:
    """Return the files of adapters of these kinds that are rendered for each flavour."""
    return tuple(dict.fromkeys(file for name in names for file in kinds()[name].flavoured_files))


def _kind(name: str, group: dict[str, Any], common: list[str]) -> Kind:
    config = group["kinds"][name]
    return Kind(
        name=name,
        group=tuple(group["kinds"]),
        collections={role: _collection(needed) for role, needed in config["collections"].items()},
        files=tuple(config["files"]),
        shared_files=(*common, *group["files"]),
        flavoured_files=tuple(group.get("io_files", ())),
    )


def _collection(config: dict[str, Any]) -> CollectionRole:
    fields = {name: _field(needed) for name, needed in config["fields"].items()}
    old, current = ([_query(query) for query in config.get(key, ())] for key in ("queries", "current_queries"))
    return CollectionRole(fields, tuple(old), tuple(current))


def _field(config: dict[str, Any]) -> FieldRole:
    return FieldRole(config["type"], config.get("nullable", False), config.get("optional", False))


def _query(config: dict[str, Any]) -> AdapterQuery:
    nearest = config.get("nearest", {})
    return AdapterQuery(
        equal=tuple(config["equal"]),
        optional=tuple(config.get("optional", ())),
        inequalities=tuple(config.get("inequalities", ())),
        orders=tuple((order["field"], _DIRECTIONS[order["direction"]]) for order in config.get("order_by", ())),
        nearest=nearest.get("field", ""),
        dimension_of=nearest.get("dimension_of", ""),
    )
