"""Check collections.json against its contract, a JSON Schema that editors use as well.

The contract keeps to a few keywords, each of which is a function here: so a problem says what is wrong in the words of
this file, and reading one file does not wait for a library for all of JSON Schema. A test compares the two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from firestore_codegen.errors import Place, Problem, did_you_mean, suggestion

Schema: TypeAlias = dict[str, Any]

CONTRACT_FILE = Path(__file__).with_name("collections.schema.json")
_TYPES: Mapping[str, tuple[type, str]] = {
    "object": (dict, "an object"),
    "array": (list, "an array"),
    "string": (str, "a string"),
    "integer": (int, "an integer"),
    "boolean": (bool, "true or false"),
}
_PATTERNS = {
    "^[a-z][a-z0-9_]*$": "start with a lower-case letter; then lower-case letters, digits and underscores",
    "^[A-Z][A-Za-z0-9]*$": "start with a capital; then letters and digits",
    "^[A-Z][A-Z0-9_]*_$": "use capitals, digits and underscores, and end with an underscore",
}


@cache
def _contract() -> Schema:
    contract: Schema = json.loads(CONTRACT_FILE.read_text(encoding="utf-8"))
    return contract


def check_contract(config: dict[str, Any], file: str) -> Iterator[Problem]:
    """Yield each way in which the configuration breaks its contract."""
    yield from _check(config, _contract(), Place(file))


def _check(value: Any, schema: Schema, place: Place) -> Iterator[Problem]:
    if "type" in schema and not _is_of_type(value, schema["type"]):
        yield place.problem(f"must be {_TYPES[schema['type']][1]}")
        return
    for keyword, rule in schema.items():
        if keyword in KEYWORDS:
            yield from KEYWORDS[keyword](value, rule, schema, place)


def _is_of_type(value: Any, name: str) -> bool:
    return isinstance(value, _TYPES[name][0]) and (name == "boolean" or not isinstance(value, bool))


def _reference(value: Any, rule: str, _schema: Schema, place: Place) -> Iterator[Problem]:
    yield from _check(value, _contract()["$defs"][rule.removeprefix("#/$defs/")], place)


def _properties(value: Any, rule: dict[str, Schema], _schema: Schema, place: Place) -> Iterator[Problem]:
    for key in value.keys() & rule.keys():
        yield from _check(value[key], rule[key], place / key)


def _additional_properties(value: Any, rule: Schema | bool, schema: Schema, place: Place) -> Iterator[Problem]:
    known = schema.get("properties", {})
    for key in value.keys() - known.keys():
        if isinstance(rule, dict):
            yield from _check(value[key], rule, place / key)
        elif not rule:
            yield (place / key).problem(f"`{key}` is not known here", suggestion(key, sorted(known)))


def _property_names(value: Any, rule: Schema, _schema: Schema, place: Place) -> Iterator[Problem]:
    for key in value:
        yield from _check(key, rule, place / key)


def _required(value: Any, rule: list[str], _schema: Schema, place: Place) -> Iterator[Problem]:
    yield from (place.problem(f"`{key}` is missing") for key in rule if key not in value)


def _items(value: Any, rule: Schema, _schema: Schema, place: Place) -> Iterator[Problem]:
    for at, item in enumerate(value):
        yield from _check(item, rule, place / at)


def _enum(value: Any, rule: list[Any], _schema: Schema, place: Place) -> Iterator[Problem]:
    if value not in rule:
        known = ", ".join(f"`{item}`" for item in rule)
        yield place.problem(f"`{value}` is not one of {known}", did_you_mean(str(value), rule))


def _pattern(value: Any, rule: str, _schema: Schema, place: Place) -> Iterator[Problem]:
    if re.search(rule, value) and not value.endswith("\n"):  # which Python's `$` lets pass
        return
    if rule in _PATTERNS:
        yield place.problem(f"`{value}` is not a valid name", _PATTERNS[rule])
    else:
        yield place.problem(f"`{value}` must be a relative path to a .json file inside the schema directory")


def _unique_items(value: Any, _rule: bool, _schema: Schema, place: Place) -> Iterator[Problem]:
    if len({json.dumps(item, sort_keys=True) for item in value}) < len(value):
        yield place.problem("an entry appears more than once")


def _least_length(value: Any, rule: int, _schema: Schema, place: Place) -> Iterator[Problem]:
    if len(value) < rule:
        yield place.problem("must not be empty")


def _minimum(value: Any, rule: int, _schema: Schema, place: Place) -> Iterator[Problem]:
    if value < rule:
        yield place.problem(f"{value} is less than the minimum of {rule}")


def _maximum(value: Any, rule: int, _schema: Schema, place: Place) -> Iterator[Problem]:
    if value > rule:
        yield place.problem(f"{value} is greater than the maximum of {rule}")


KEYWORDS: Mapping[str, Callable[[Any, Any, Schema, Place], Iterator[Problem]]] = {
    "$ref": _reference,
    "additionalProperties": _additional_properties,
    "enum": _enum,
    "items": _items,
    "maximum": _maximum,
    "minItems": _least_length,
    "minLength": _least_length,
    "minimum": _minimum,
    "pattern": _pattern,
    "properties": _properties,
    "propertyNames": _property_names,
    "required": _required,
    "uniqueItems": _unique_items,
}
"""What each keyword of the contract asks of a value that is of the right type."""
