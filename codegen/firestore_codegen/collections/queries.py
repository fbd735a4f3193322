"""Declared queries: conditions and orders whose fields, operators and values fit each other and Firestore."""

from __future__ import annotations

from dataclasses import dataclass

from firestore_codegen.collections.check_queries import check_query, comparison_problem
from firestore_codegen.collections.lookup import Lookup
from firestore_codegen.collections.operands import build_operand
from firestore_codegen.errors import Place
from firestore_codegen.ir import Condition, DocumentId, FieldPath, Order, Query
from firestore_codegen.read.sources import JsonObject


@dataclass(frozen=True, slots=True)
class _Fields:
    """Where the conditions of a query look for their fields."""

    lookup: Lookup
    document_id: DocumentId


def build_queries(lookup: Lookup, config: JsonObject, document_id: DocumentId, place: Place) -> tuple[Query, ...]:
    """Return the queries of a collection; what is wrong with them goes to the lookup's problems."""
    fields = _Fields(lookup, document_id)
    return tuple(_build_query(fields, name, query, place / name) for name, query in config.items())


def indexed_path(lookup: Lookup, text: str, document_id: DocumentId, place: Place) -> FieldPath | None:
    """Return the path to a field that documents can be found by."""
    path = lookup.path(text, place)
    if path is None:
        return None
    if lookup.is_unindexed(path):
        lookup.report(place, f"`{path}` is unindexed, so nothing can be found by it", "take it out of `unindexed`")
        return None
    if document_id.field == path.root and not document_id.stored:
        lookup.report(place, f"`{path}` is not stored in the document", 'give `document_id` `"stored": true`')
        return None
    return path


def _build_query(fields: _Fields, name: str, config: JsonObject, place: Place) -> Query:
    where = [_build_condition(fields, item, place / "where" / at) for at, item in enumerate(config.get("where", ()))]
    order_by = [
        _build_order(fields, item, place / "order_by" / at) for at, item in enumerate(config.get("order_by", ()))
    ]
    query = Query(
        name=name,
        description=config.get("description", ""),
        where=tuple(condition for condition in where if condition is not None),
        order_by=tuple(order for order in order_by if order is not None),
        limit=config.get("limit"),
    )
    if None not in where and None not in order_by:
        check_query(fields.lookup, query, place)
    return query


def _build_condition(fields: _Fields, config: JsonObject, place: Place) -> Condition | None:
    lookup, op = fields.lookup, config["op"]
    path = indexed_path(lookup, config["field"], fields.document_id, place / "field")
    wrong = comparison_problem(op, path) if path is not None else ""
    if wrong:
        lookup.report(place / "op", wrong)
    operand = build_operand(lookup, config, path if not wrong else None, place)
    return Condition(path, op, operand) if path is not None and operand is not None else None


def _build_order(fields: _Fields, config: JsonObject, place: Place) -> Order | None:
    path = indexed_path(fields.lookup, config["field"], fields.document_id, place / "field")
    if path is None:
        return None
    wrong = comparison_problem("order", path)
    if wrong:
        fields.lookup.report(place / "field", wrong)
        return None
    return Order(path, config.get("direction", "asc"))
