"""Declared queries: conditions and orders whose fields, operators and values fit each other and Firestore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from codegen.collections.check_queries import check_query, comparison_problem
from codegen.collections.lookup import Lookup
from codegen.errors import Place
from codegen.ir import (
    Condition,
    DocumentId,
    Field,
    FieldPath,
    FixedValue,
    Map,
    ModelRef,
    Nullable,
    Order,
    Parameter,
    Query,
    TypeRef,
)
from codegen.names import is_public_identifier
from codegen.sources import JsonObject
from codegen.values import describe, fits

_NOT_YET = frozenset({"in", "not-in", "array-contains", "array-contains-any"})
_TAKEN_PARAMETERS = frozenset({"self", "cls"})


@dataclass(frozen=True, slots=True)
class _Fields:
    """Where the conditions of a query look for their fields."""

    lookup: Lookup
    document_id: DocumentId


def build_queries(lookup: Lookup, config: JsonObject, document_id: DocumentId, place: Place) -> tuple[Query, ...]:
    """Return the queries of a collection; what is wrong with them goes to the lookup's problems."""
    fields = _Fields(lookup, document_id)
    return tuple(_build_query(fields, name, query, place / name) for name, query in config.items())


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
    field = _field(fields, config["field"], place / "field")
    if op in _NOT_YET:
        lookup.report(place / "op", f"`{op}` in a declared query is not supported yet", "use `where` in your own code")
        return None
    operand = _operand(lookup, config, field, place)
    if field is None or operand is None:
        return None
    wrong = comparison_problem(op, field)
    if wrong:
        lookup.report(place / "op", wrong)
        return None
    if op not in ("==", "!=") and isinstance(operand, FixedValue) and operand.value is None:
        lookup.report(place / "value", f"`{op}` null finds nothing", "compare with `==` or `!=`")
        return None
    return Condition(FieldPath((field,)), op, operand)


def _operand(lookup: Lookup, config: JsonObject, field: Field | None, place: Place) -> Parameter | FixedValue | None:
    if ("param" in config) == ("value" in config):
        lookup.report(place, "a condition has either `param` or `value`")
        return None
    if "value" in config:
        return _fixed(lookup, config, field, place)
    name = config["param"]
    if not is_public_identifier(name) or name in _TAKEN_PARAMETERS:
        lookup.report(place / "param", f"`{name}` cannot be a parameter", "use letters, digits and underscores")
        return None
    return Parameter(name, _without_null(field.type), config.get("optional", False)) if field is not None else None


def _fixed(lookup: Lookup, config: JsonObject, field: Field | None, place: Place) -> FixedValue | None:
    if "optional" in config:
        lookup.report(place / "optional", "only a condition with `param` can be optional")
    if field is None:
        return None
    value: Any = config["value"]
    if isinstance(value, dict | list):
        lookup.report(place / "value", "a value is a string, a number, true, false or null", "use `param`")
        return None
    if not fits(value, field.type, lookup.enums):
        expected = describe(field.type, lookup.enums)
        lookup.report(place / "value", f"`{value}` does not fit `{field.key}`, which is {expected}")
        return None
    return FixedValue(value, field.type)


def _build_order(fields: _Fields, config: JsonObject, place: Place) -> Order | None:
    field = _field(fields, config["field"], place / "field")
    if field is None:
        return None
    wrong = comparison_problem("order", field)
    if wrong:
        fields.lookup.report(place / "field", wrong)
        return None
    return Order(FieldPath((field,)), config.get("direction", "asc"))


def _field(fields: _Fields, key: str, place: Place) -> Field | None:
    """Return the field that a query may filter or order by."""
    lookup = fields.lookup
    head = key.partition(".")[0]
    dotted = next((field for field in lookup.model.fields if field.key == head != key), None)
    if dotted is not None and isinstance(_without_null(dotted.type), Map | ModelRef):
        lookup.report(
            place, f"`{key}` reaches into `{head}`, which is not supported yet", "use a field of the document itself"
        )
        return None
    field = lookup.field(key, place)
    if field is None:
        return None
    if field.key in lookup.unindexed:
        lookup.report(place, f"`{key}` is unindexed, so nothing can be found by it", "take it out of `unindexed`")
        return None
    if fields.document_id.field == field and not fields.document_id.stored:
        lookup.report(place, f"`{key}` is not stored in the document", 'give `document_id` `"stored": true`')
        return None
    return field


def _without_null(type_: TypeRef) -> TypeRef:
    return type_.type if isinstance(type_, Nullable) else type_
