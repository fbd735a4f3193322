"""Check collections.json against its contract, a JSON Schema that editors use as well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from firestore_codegen.errors import Place, Problem, did_you_mean, suggestion

_CONTRACT = Path(__file__).with_name("collections.schema.json")
_TYPES = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "integer": "an integer",
    "boolean": "true or false",
}
_PATTERNS = {
    "^[a-z][a-z0-9_]*$": "start with a lower-case letter; then lower-case letters, digits and underscores",
    "^[A-Z][A-Za-z0-9]*$": "start with a capital; then letters and digits",
    "^[A-Z][A-Z0-9_]*_$": "use capitals, digits and underscores, and end with an underscore",
}


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(_CONTRACT.read_text(encoding="utf-8")))


def check_contract(config: dict[str, Any], file: str) -> Iterator[Problem]:
    """Yield each way in which the configuration breaks its contract."""
    for error in _validator().iter_errors(config):
        place = Place(file)
        for key in error.absolute_path:
            place = place / key
        yield from _explain(error, place)


def _explain(error: ValidationError, place: Place) -> Iterator[Problem]:
    rule: Any = error.validator_value
    value: Any = error.instance
    schema: Any = error.schema
    match error.validator:
        case "additionalProperties":
            known = schema["properties"]
            yield from (
                (place / key).problem(f"`{key}` is not known here", suggestion(key, sorted(known)))
                for key in value
                if key not in known
            )
        case "required":
            yield from (
                place.problem(f"`{key}` is missing")
                for key in rule
                if key not in value and f"'{key}' is" in error.message
            )
        case "enum":
            yield place.problem(
                f"`{value}` is not one of {', '.join(f'`{item}`' for item in rule)}", did_you_mean(str(value), rule)
            )
        case "type":
            yield place.problem(f"must be {_TYPES[rule]}")
        case "pattern" if error.parent is None and rule not in _PATTERNS:
            yield place.problem(f"`{value}` must be a relative path to a .json file inside the schema directory")
        case "pattern":
            at = place / value if "propertyNames" in error.absolute_schema_path else place
            yield at.problem(f"`{value}` is not a valid name", _PATTERNS[rule])
        case "uniqueItems":
            yield place.problem("an entry appears more than once")
        case "minItems" | "minLength":
            yield place.problem("must not be empty")
        case _:
            yield place.problem(error.message)
