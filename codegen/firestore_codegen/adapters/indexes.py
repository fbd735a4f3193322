"""How adapters look for documents, so that these queries get their indexes, too."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations

from firestore_codegen import ir
from firestore_codegen.adapters.kinds import AdapterQuery, kinds
from firestore_runtime.index import IndexField
from firestore_runtime.indexes.rules import QueryShape
from firestore_runtime.paths import field_path


def adapter_shapes(adapter: ir.Adapter) -> Iterator[QueryShape]:
    """Yield what an adapter queries documents by: each query with every combination of what is optional."""
    for bound in adapter.collections:
        role = kinds()[adapter.kind].collections[bound.role]
        keys = {name: field_path((field.key,)) for name, field in bound.fields}
        if bound.path is not None:
            for query in role.queries:
                yield from _shapes(bound, query, bound.path[-1])
        for query in role.current_queries:
            if query.keys <= keys.keys():
                yield from _shapes(bound, query.renamed(keys), bound.collection.path[-1])


def _shapes(bound: ir.AdaptedCollection, query: AdapterQuery, collection_id: str) -> Iterator[QueryShape]:
    vector = _vector(bound, query)
    if query.nearest and vector is None:
        return  # the adapter does without it
    for given in chain.from_iterable(combinations(query.optional, count) for count in range(len(query.optional) + 1)):
        yield QueryShape(
            collection_id=collection_id,
            equalities=frozenset((*query.equal, *given)),
            inequalities=frozenset(query.inequalities),
            orders=query.orders,
            vector=vector,
        )


def _vector(bound: ir.AdaptedCollection, query: AdapterQuery) -> IndexField | None:
    """What a query searches by: a vector as long as that of a field, or nothing if there is no such field."""
    dimensions = {vector.field.name: vector.dimension for vector in bound.collection.vectors}
    field = dict(bound.fields).get(query.dimension_of)
    return IndexField(query.nearest, "VECTOR", dimensions[field.name]) if field else None
