"""Indexes as `firestore.indexes.json` declares them. Which one a query needs is decided in `indexes`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Direction: TypeAlias = Literal["ASCENDING", "DESCENDING"]
Kind: TypeAlias = Literal["ASCENDING", "DESCENDING", "CONTAINS", "VECTOR"]

AUTOMATIC: tuple[Kind, ...] = ("ASCENDING", "DESCENDING", "CONTAINS")
"""The indexes that Firestore makes automatically for each field of a collection."""


@dataclass(frozen=True, slots=True)
class IndexField:
    """A field of an index, by its path as Firestore spells it; `dimension` is that of a vector."""

    path: str
    kind: Kind = "ASCENDING"
    dimension: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the field as `firestore.indexes.json` has it."""
        match self.kind:
            case "VECTOR":
                return {"fieldPath": self.path, "vectorConfig": {"dimension": self.dimension, "flat": {}}}
            case "CONTAINS":
                return {"fieldPath": self.path, "arrayConfig": "CONTAINS"}
            case _:
                return {"fieldPath": self.path, "order": self.kind}


@dataclass(frozen=True, slots=True)
class Index:
    """An index: equalities first, then orders and inequalities, then a vector. `group` is for collection groups."""

    collection_id: str
    fields: tuple[IndexField, ...]
    group: bool = False

    @property
    def scope(self) -> Literal["COLLECTION", "COLLECTION_GROUP"]:
        """The scope of the queries that it serves."""
        return "COLLECTION_GROUP" if self.group else "COLLECTION"

    @property
    def is_single_field(self) -> bool:
        """Whether Firestore wants it declared as a setting of its one field, not as a composite index."""
        return len(self.fields) == 1 and self.fields[0].kind != "VECTOR"

    def as_json(self) -> dict[str, Any]:
        """Return it as an entry of `indexes` in `firestore.indexes.json`, or of `fieldOverrides` if it is of one field.

        An override replaces the automatic indexes of its field, so it lists them, too.
        """
        if self.is_single_field:
            return override_json(self.collection_id, self.fields[0].path, (*automatic(self), self))
        fields = [field.as_json() for field in self.fields]
        return {"collectionGroup": self.collection_id, "queryScope": self.scope, "fields": fields}


def automatic(index: Index) -> tuple[Index, ...]:
    """Return the automatic indexes of a single-field index's field, without the index itself."""
    path = index.fields[0].path
    every = (Index(index.collection_id, (IndexField(path, kind),)) for kind in AUTOMATIC)
    return tuple(other for other in every if other != index)


def override_json(collection_id: str, path: str, indexes: Iterable[Index]) -> dict[str, Any]:
    """Return an entry of `fieldOverrides`: all the single-field indexes that a field is to have."""
    entries = []
    for index in indexes:
        _, *kind = index.fields[0].as_json().items()
        entries.append({**dict(kind), "queryScope": index.scope})
    return {"collectionGroup": collection_id, "fieldPath": path, "indexes": entries}
