"""What a query's message says about its index: the same as what was asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from firestore_memory import MemoryItem, schema
from firestore_memory import MemoryItemFields as F
from firestore_runtime.collections.reference import CollectionReference
from firestore_runtime.fields.filters import Filter
from firestore_runtime.index import Index, IndexField
from firestore_runtime.indexes.rules import QueryShape, missing_index, required_indexes
from firestore_runtime.indexes.shapes import query_shapes
from firestore_runtime.queries.nearest import nearest_search
from firestore_runtime.queries.statements import Statement
from firestore_runtime.wire import StructuredQuery

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
REFERENCE = CollectionReference(schema.MEMORY_ITEMS, "projects/p/databases/d", None, {})
GROUP = CollectionReference(schema.MEMORY_ITEMS, "projects/p/databases/d", None, None)
USER, ITEM, TIME = IndexField("user_id"), IndexField("item_type"), IndexField("timestamp")
LATEST = IndexField("timestamp", "DESCENDING")


def message(*filters: Filter[MemoryItem], **more: Any) -> StructuredQuery:
    """Return the message of a query."""
    return Statement(**{"reference": REFERENCE, "filters": filters, **more}).request().structured_query


def indexes(query: StructuredQuery) -> set[tuple[IndexField, ...]]:
    return {index.fields for index in required_indexes(query_shapes(query))}


def test_each_operator_has_its_part() -> None:
    query = message(
        F.user_id == "ada",
        F.session_id == None,  # noqa: E711  # a filter
        F.item_type.in_(["fact"]),
        F.metadata["tags"].array_contains("x"),
        F.metadata["size"].is_nan(),
        F.metadata["a b"].not_in([1]),
        F.timestamp >= NOON,
        F.expiration != None,  # noqa: E711
        orders=(F.timestamp.desc(),),
    )
    assert query_shapes(query, aggregated=["n"], unindexed=frozenset({"text_content"})) == (
        QueryShape(
            collection_id="memories",
            equalities=frozenset({"user_id", "session_id", "metadata.size"}),
            choices=frozenset({"item_type"}),
            contains=frozenset({"metadata.tags"}),
            inequalities=frozenset({"metadata.`a b`", "timestamp", "expiration"}),
            orders=(("timestamp", "DESCENDING"), ("expiration", "DESCENDING"), ("metadata.`a b`", "DESCENDING")),
            aggregated=("n",),
            unindexed=frozenset({"text_content"}),
        ),
    )


@pytest.mark.parametrize(
    ("filters", "path"),
    [
        (F.timestamp < NOON, "timestamp"),
        (F.timestamp <= NOON, "timestamp"),
        (F.timestamp > NOON, "timestamp"),
        (F.timestamp != NOON, "timestamp"),
        (F.timestamp.not_in([NOON]), "timestamp"),
        (F.document_id > "a", "__name__"),
    ],
)
def test_inequalities(filters: Filter[MemoryItem], path: str) -> None:
    (shape,) = query_shapes(message(filters))
    assert shape.inequalities == {path}


def test_all_documents() -> None:
    assert query_shapes(message()) == (QueryShape("memories"),)
    assert indexes(message()) == set()


def test_the_last_of_an_order_are_the_first_of_its_reverse() -> None:
    filters, orders = (F.user_id == "ada",), (F.timestamp.asc(), F.item_type.desc())
    assert indexes(message(*filters, orders=orders)) == {(USER, TIME, IndexField("item_type", "DESCENDING"))}
    assert indexes(message(*filters, orders=orders, limit=1, from_end=True)) == {(USER, LATEST, ITEM)}
    assert indexes(message(orders=(F.document_id.asc(),), limit=1, from_end=True)) == {
        (IndexField("__name__", "DESCENDING"),)
    }


def test_each_alternative_needs_its_index() -> None:
    either = (F.user_id == "ada") | (F.item_type == "fact")
    assert indexes(message(either)) == set()
    assert indexes(message(either, orders=(F.timestamp.desc(),))) == {(USER, LATEST), (ITEM, LATEST)}
    both = ((F.user_id == "a") | (F.user_id == "b")) & ((F.item_type == "c") | (F.item_type == "d"))
    assert len(query_shapes(message(both))) == 1, "alternatives of one shape are one"


def test_an_inequality_orders_all_alternatives() -> None:
    either = (F.user_id == "ada") | (F.timestamp > NOON)
    assert indexes(message(either)) == {(USER, TIME)}


def test_filters_hold_in_each_alternative() -> None:
    query = message((F.user_id == "a") | (F.item_type == "b"), F.persona_active == "c", F.timestamp > NOON)
    persona = IndexField("persona_active")
    assert indexes(query) == {(persona, USER, TIME), (ITEM, persona, TIME)}


def test_a_search_needs_the_index_of_its_vector() -> None:
    statement = Statement(REFERENCE, filters=(F.user_id == "ada",))
    search = nearest_search(statement, F.embedding, [0.5] * 768, 3, None, None)
    assert indexes(search.request().structured_query) == {(USER, IndexField("embedding", "VECTOR", 768))}


def test_a_group_has_indexes_of_its_own() -> None:
    (needed,) = required_indexes(query_shapes(message(F.user_id == "ada", reference=GROUP)))
    assert needed == Index("memories", (USER,), group=True)
    (shape,) = query_shapes(message(F.user_id == "ada", reference=GROUP))
    assert missing_index(shape, [Index("memories", (USER,))]) == needed
