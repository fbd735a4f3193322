"""The indexes and times to live that `firestore.indexes.json` declares."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from firestore_runtime.errors import MissingIndexError
from firestore_runtime.index import AUTOMATIC, Index, IndexField
from firestore_runtime.indexes.rules import missing_index
from firestore_runtime.indexes.shapes import query_shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from firestore_runtime.wire import StructuredQuery

_NOTHING = '{"indexes": [], "fieldOverrides": []}'


@dataclass(frozen=True, slots=True)
class Declared:
    """The declarations for collections with one id.

    Attributes:
        indexes: The composite indexes, vector indexes and single-field indexes for collection groups.
        unindexed: The paths of the fields that have no automatic indexes.
        time_to_live: The paths of the fields that hold the expiry time of a document.
    """

    indexes: tuple[Index, ...] = ()
    unindexed: frozenset[str] = field(default_factory=frozenset)
    time_to_live: tuple[str, ...] = ()


class DeclaredIndexes:
    """The declarations in a `firestore.indexes.json`, which is read when first needed.

    Args:
        load: Returns the text of the file.
        source: What errors call the file.
    """

    def __init__(self, load: Callable[[], str] = lambda: _NOTHING, source: str = "firestore.indexes.json") -> None:
        self._load = load
        self._source = source

    @classmethod
    def of_package(cls, package: str) -> DeclaredIndexes:
        """Return the declarations of a Python package, given its import name."""
        name = "firestore.indexes.json"
        return cls(lambda: (files(package) / name).read_text(encoding="utf-8"), f"{name} of {package}")

    @cached_property
    def by_collection_id(self) -> Mapping[str, Declared]:
        """The declarations by collection id."""
        content = json.loads(self._load())
        ids = {entry["collectionGroup"] for entry in (*content["indexes"], *content["fieldOverrides"])}
        return {collection_id: _declared(collection_id, content) for collection_id in ids}

    def of(self, collection_id: str) -> Declared:
        """Return the declarations for collections with an id."""
        return self.by_collection_id.get(collection_id, Declared())

    def check(self, query: StructuredQuery, aggregated: Sequence[str]) -> None:
        """Refuse a query that Firestore would refuse for lack of an index.

        Args:
            query: The query.
            aggregated: The paths of the fields that are summed or averaged.

        Raises:
            MissingIndexError: The query needs an undeclared index, which the error holds.
        """
        declared = self.of(query.from_[0].collection_id)
        for shape in query_shapes(query, aggregated=aggregated, unindexed=declared.unindexed):
            missing = missing_index(shape, declared.indexes)
            if missing is not None:
                raise _missing(missing, self._source)


def _missing(index: Index, source: str) -> MissingIndexError:
    error = MissingIndexError(
        f"the query needs an index that {source} does not declare: {json.dumps(index.as_json())}; "
        "declare the query in collections.json, or connect with ?strict_indexes=false to explore"
    )
    error.index = index
    return error


def _declared(collection_id: str, content: dict[str, Any]) -> Declared:
    indexes = [_index(entry) for entry in content["indexes"] if entry["collectionGroup"] == collection_id]
    overrides = [entry for entry in content["fieldOverrides"] if entry["collectionGroup"] == collection_id]
    return Declared(
        (*indexes, *(index for entry in overrides for index in _single_fields(entry))),
        frozenset(entry["fieldPath"] for entry in overrides if not _is_automatic(entry)),
        tuple(entry["fieldPath"] for entry in overrides if entry.get("ttl")),
    )


def _index(entry: dict[str, Any]) -> Index:
    fields = tuple(_field(field["fieldPath"], field) for field in entry["fields"])
    return Index(entry["collectionGroup"], fields, entry["queryScope"] == "COLLECTION_GROUP")


def _field(path: str, entry: dict[str, Any]) -> IndexField:
    if "vectorConfig" in entry:
        return IndexField(path, "VECTOR", entry["vectorConfig"]["dimension"])
    return IndexField(path, entry.get("order") or entry["arrayConfig"])


def _single_fields(override: dict[str, Any]) -> list[Index]:
    return [
        Index(
            override["collectionGroup"],
            (_field(override["fieldPath"], entry),),
            entry["queryScope"] == "COLLECTION_GROUP",
        )
        for entry in override["indexes"]
    ]


def _is_automatic(override: dict[str, Any]) -> bool:
    """Return whether a field with its own settings still has all automatic indexes."""
    kinds = {index.fields[0].kind for index in _single_fields(override) if not index.group}
    return kinds.issuperset(AUTOMATIC)
