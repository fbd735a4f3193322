"""What a field is compared with in a declared query: parameters, and values that fit the field."""

from __future__ import annotations

from typing import Any

from firestore_codegen.collections.lookup import Lookup
from firestore_codegen.errors import Place
from firestore_codegen.ir import Array, FieldPath, FixedValue, Parameter, TypeRef, without_null
from firestore_codegen.names import TAKEN_PARAMETERS, is_public_identifier
from firestore_codegen.read.sources import JsonObject
from firestore_codegen.values import describe, fits
from firestore_runtime.wire.operators import FIELD_OPERATORS, FieldOperator


def build_operand(
    lookup: Lookup, config: JsonObject, path: FieldPath | None, place: Place
) -> Parameter | FixedValue | None:
    """Return what a condition compares a field with, or None after reporting why not.

    Args:
        lookup: Where problems go.
        config: The condition.
        path: The field, or None if that is wrong already: then only what does not depend on it is checked.
        place: Where the condition is written.
    """
    if ("param" in config) == ("value" in config):
        lookup.report(place, "a condition has either `param` or `value`")
        return None
    if "value" in config:
        return _fixed(lookup, config, path, place)
    name, operator = config["param"], FIELD_OPERATORS[config["op"]]
    if not is_public_identifier(name) or name in TAKEN_PARAMETERS:
        lookup.report(place / "param", f"`{name}` cannot be a parameter", "use letters, digits and underscores")
        return None
    if path is None:
        return None
    type_ = without_null(_compared_type(operator, path))
    return Parameter(name, type_, config.get("optional", False), many=operator.max_values is not None)


def _compared_type(operator: FieldOperator, path: FieldPath) -> TypeRef:
    """The type of one value that an operator compares a field with."""
    type_ = without_null(path.type)
    return type_.items if operator.needs_array and isinstance(type_, Array) else path.type


def _fixed(lookup: Lookup, config: JsonObject, path: FieldPath | None, place: Place) -> FixedValue | None:
    if "optional" in config:
        lookup.report(place / "optional", "only a condition with `param` can be optional")
    if path is None:
        return None
    value, operator = config["value"], FIELD_OPERATORS[config["op"]]
    type_ = _compared_type(operator, path)
    if operator.max_values is not None:
        return _fixed_list(lookup, value, operator.max_values, path, without_null(type_), place / "value")
    if value is None and operator.symbol not in ("==", "!=", "array-contains"):
        lookup.report(place / "value", f"`{operator.symbol}` null finds nothing", "compare with `==` or `!=`")
        return None
    return FixedValue(value, type_) if _is_value(lookup, value, path, type_, place / "value") else None


def _fixed_list(
    lookup: Lookup, values: Any, limit: int, path: FieldPath, type_: TypeRef, place: Place
) -> FixedValue | None:
    if not isinstance(values, list):
        lookup.report(place, "this operator takes a list of values", "put it in brackets")
        return None
    if not 1 <= len(values) <= limit:
        lookup.report(place, f"{len(values)} values, where Firestore allows 1 to {limit}")
        return None
    fitting = [_is_value(lookup, value, path, type_, place / at) for at, value in enumerate(values)]
    return FixedValue(tuple(values), type_) if all(fitting) else None


def _is_value(lookup: Lookup, value: Any, path: FieldPath, type_: TypeRef, place: Place) -> bool:
    if isinstance(value, dict | list):
        lookup.report(place, "a value is a string, a number, true, false or null", "use `param`")
        return False
    if not fits(value, type_, lookup.enums):
        expected = describe(type_, lookup.enums)
        lookup.report(place, f"`{value}` does not fit `{path}`, which is compared with {expected}")
        return False
    return True
