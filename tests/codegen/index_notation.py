"""A short way to write queries and indexes, for tables of rules: those of the tests and those of docs/indexes.md."""

from __future__ import annotations

from firestore_runtime.index import Direction, Index, IndexField, Kind
from firestore_runtime.indexes.rules import QueryShape

COLLECTION = "things"
DIMENSION = 3
_ROLES = {
    "==": "equalities",
    "in": "choices",
    "array-contains": "contains",
    "array-contains-any": "contains",
} | dict.fromkeys(("<", "<=", ">", ">=", "!=", "not-in"), "inequalities")
_KINDS: dict[str, Kind] = {"": "ASCENDING", "desc": "DESCENDING", "contains": "CONTAINS", "vector": "VECTOR"}


def shape(where: str = "", order: str = "", also: str = "") -> QueryShape:
    """Return a query: `a ==, b >` by `t desc, u`; also in a `group`, for the `sum n`, `nearest v`, `unindexed x`."""
    fields: dict[str, frozenset[str]] = dict.fromkeys(_ROLES.values(), frozenset())
    for path, op in map(str.split, _items(where)):
        fields[_ROLES[op]] |= {path}
    words = [item.split() for item in _items(also)]
    vectors = [path for word, path in (item for item in words if len(item) == 2) if word == "nearest"]
    return QueryShape(
        collection_id=COLLECTION,
        group=["group"] in words,
        equalities=fields["equalities"],
        choices=fields["choices"],
        contains=fields["contains"],
        inequalities=fields["inequalities"],
        orders=tuple(map(_order, _items(order))),
        aggregated=tuple(item[1] for item in words if item[0] in ("sum", "average")),
        vector=IndexField(vectors[0], "VECTOR", DIMENSION) if vectors else None,
        unindexed=frozenset(item[1] for item in words if item[0] == "unindexed"),
    )


def index(text: str, *, group: bool = False) -> Index:
    """Return an index: `a, tags contains, t desc, v vector`."""
    fields = []
    for item in _items(text):
        path, _, word = item.partition(" ")
        kind = _KINDS[word]
        fields.append(IndexField(path, kind, DIMENSION if kind == "VECTOR" else 0))
    return Index(COLLECTION, tuple(fields), group)


def _order(text: str) -> tuple[str, Direction]:
    path, _, word = text.partition(" ")
    return path, "DESCENDING" if word == "desc" else "ASCENDING"


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]
