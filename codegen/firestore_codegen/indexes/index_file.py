"""The indexes that the declared queries and the vectors of a package need, and what is set for single fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, combinations, count
from typing import Any

from firestore_codegen import ir
from firestore_codegen.adapters.indexes import adapter_shapes
from firestore_runtime.index import AUTOMATIC, Direction, Index, IndexField, override_json
from firestore_runtime.indexes.rules import QueryShape, required_indexes
from firestore_runtime.wire.operators import FIELD_OPERATORS, Role

_DIRECTIONS: dict[str, Direction] = {"asc": "ASCENDING", "desc": "DESCENDING"}
_SUFFIXES = {"ASCENDING": "", "DESCENDING": "_desc", "CONTAINS": "_array", "VECTOR": "_vector"}
_NO_NAME = re.compile(r"[^A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class FieldSetting:
    """The indexes that a field has by itself, instead of the automatic ones, and whether documents expire by it."""

    collection_id: str
    path: str
    indexes: tuple[Index, ...]
    expires: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as an entry of `fieldOverrides`."""
        entry = override_json(self.collection_id, self.path, self.indexes)
        return entry | ({"ttl": True} if self.expires else {})


@dataclass(frozen=True, slots=True)
class IndexFile:
    """What is deployed to a database."""

    indexes: tuple[Index, ...]
    fields: tuple[FieldSetting, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what `firestore.indexes.json` holds."""
        return {
            "indexes": [index.as_json() for index in self.indexes],
            "fieldOverrides": [setting.as_json() for setting in self.fields],
        }

    def named_indexes(self) -> tuple[tuple[str, Index], ...]:
        """The indexes with a name for each."""
        return tuple(zip(_names(map(_index_name, self.indexes)), self.indexes, strict=True))

    def named_fields(self) -> tuple[tuple[str, FieldSetting], ...]:
        """The fields with a name for each."""
        names = _names(f"{setting.collection_id}_{setting.path}" for setting in self.fields)
        return tuple(zip(names, self.fields, strict=True))


def index_file(package: ir.Package) -> IndexFile:
    """Return the indexes for every declared query, vector and adapter: none that others of them replace."""
    shapes = [shape for collection in package.collections for shape in collection_shapes(collection)]
    shapes += [shape for adapter in package.adapters for shape in adapter_shapes(adapter)]
    return IndexFile(required_indexes(shapes), _field_settings(package.collections))


def collection_shapes(collection: ir.Collection) -> Iterator[QueryShape]:
    """Yield what a collection is queried by: each declared query, with and without its optional parameters; vectors."""
    for query in collection.queries:
        yield from query_shapes(collection, query)
    unindexed = {path.text for path in collection.unindexed}
    for vector in collection.vectors:
        path = ir.FieldPath(vector.field).text
        if path not in unindexed:
            field = IndexField(path, "VECTOR", vector.dimension)
            for filters in ((), *vector.filters):
                equalities = frozenset(filter_.text for filter_ in filters)
                yield QueryShape(collection.path[-1], equalities=equalities, vector=field)


def query_shapes(collection: ir.Collection, query: ir.Query) -> Iterator[QueryShape]:
    """Yield a declared query with every combination of its optional parameters."""
    operands = [condition.operand for condition in query.where]
    optional = dict.fromkeys(op.name for op in operands if isinstance(op, ir.Parameter) and op.optional)
    for given in chain.from_iterable(combinations(optional, length) for length in range(len(optional) + 1)):
        dropped = optional.keys() - set(given)
        yield _shape(collection, query, [condition for condition in query.where if _name(condition) not in dropped])


def _name(condition: ir.Condition) -> str | None:
    return condition.operand.name if isinstance(condition.operand, ir.Parameter) else None


def _shape(collection: ir.Collection, query: ir.Query, conditions: list[ir.Condition]) -> QueryShape:
    def compared(role: Role) -> frozenset[str]:
        return frozenset(condition.path.text for condition in conditions if FIELD_OPERATORS[condition.op].role == role)

    return QueryShape(
        collection_id=collection.path[-1],
        equalities=compared("equality"),
        choices=compared("choice"),
        contains=compared("contains"),
        inequalities=compared("inequality"),
        orders=tuple((order.path.text, _DIRECTIONS[order.direction]) for order in query.order_by),
    )


def _field_settings(collections: Iterable[ir.Collection]) -> tuple[FieldSetting, ...]:
    """What is set for single fields; collections of one id share it."""
    expiring: set[tuple[str, str]] = set()
    unindexed: set[tuple[str, str]] = set()
    for collection in collections:
        collection_id = collection.path[-1]
        unindexed |= {(collection_id, path.text) for path in collection.unindexed}
        if collection.time_to_live is not None:
            expiring.add((collection_id, ir.FieldPath(collection.time_to_live).text))
    return tuple(
        FieldSetting(
            collection_id,
            path,
            () if (collection_id, path) in unindexed else _automatic_indexes(collection_id, path),
            (collection_id, path) in expiring,
        )
        for collection_id, path in sorted(expiring | unindexed)
    )


def _automatic_indexes(collection_id: str, path: str) -> tuple[Index, ...]:
    return tuple(Index(collection_id, (IndexField(path, kind),)) for kind in AUTOMATIC)


def _index_name(index: Index) -> str:
    fields = "_".join(f"{field.path}{_SUFFIXES[field.kind]}" for field in index.fields)
    return f"{index.collection_id}_{fields}"


def _names(texts: Iterable[str]) -> list[str]:
    """Make names of texts, with a number behind those that are taken."""
    names: list[str] = []
    for text in texts:
        name = _NO_NAME.sub("_", text if re.match(r"[A-Za-z_]", text) else f"_{text}")
        numbered = (f"{name}_{number}" for number in count(2))
        names.append(next(candidate for candidate in chain([name], numbered) if candidate not in names))
    return names
