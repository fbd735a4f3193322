"""The keywords of JSON Schema: how each must look, and what to write instead of those that nothing stored can keep."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from firestore_codegen.errors import Place, did_you_mean
from firestore_codegen.schema.workspace import Workspace

TYPES = ("string", "integer", "number", "boolean", "object", "array", "null")

_USE_INSTEAD = {
    "$dynamicRef": "refer to a definition with `$ref`",
    "$recursiveRef": "refer to a definition with `$ref`",
    "dependentSchemas": "check it in your own code",
    "dependencies": "check it in your own code",
    "else": "use `oneOf` with a discriminator",
    "if": "use `oneOf` with a discriminator",
    "nullable": 'use `type` with a list: `["string", "null"]`',
    "not": "say what is allowed instead, with `enum` or `oneOf`",
    "prefixItems": "use an object with named properties",
    "then": "use `oneOf` with a discriminator",
}

# Words that are allowed and change no type.
_ANNOTATIONS = frozenset(
    """
    $anchor $comment $defs $id $schema const contains contentMediaType contentSchema default definitions
    dependentRequired deprecated example examples maxContains minContains readOnly unevaluatedItems
    unevaluatedProperties uniqueItems writeOnly
    """.split()
)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _is_schemas(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_schema(item) for item in value)


def _is_schema_map(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_schema(item) for item in value.values())


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (TypeError, re.error, RecursionError, OverflowError):
        return False
    return True


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_type(value: Any) -> bool:
    names = value if isinstance(value, list) and value else [value]
    return all(isinstance(name, str) and name in TYPES for name in names)


_SHAPES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "$ref": (_is_text, "a string"),
    "additionalProperties": (_is_schema, "a schema"),
    "allOf": (_is_schemas, "a list of schemas"),
    "anyOf": (_is_schemas, "a list of schemas"),
    "contentEncoding": (_is_text, "a string"),
    "description": (_is_text, "a string"),
    "discriminator": (lambda value: isinstance(value, dict), "an object with `propertyName`"),
    "enum": (lambda value: isinstance(value, list) and bool(value), "a list with at least one value"),
    "exclusiveMaximum": (_is_number, "a number"),
    "exclusiveMinimum": (_is_number, "a number"),
    "format": (_is_text, "a string"),
    "items": (_is_schema, "one schema"),
    "maxItems": (_is_count, "a whole number"),
    "maxLength": (_is_count, "a whole number"),
    "maxProperties": (_is_count, "a whole number"),
    "maximum": (_is_number, "a number"),
    "minItems": (_is_count, "a whole number"),
    "minLength": (_is_count, "a whole number"),
    "minProperties": (_is_count, "a whole number"),
    "minimum": (_is_number, "a number"),
    "multipleOf": (lambda value: _is_number(value) and value > 0, "a number above zero"),
    "oneOf": (_is_schemas, "a list of schemas"),
    "pattern": (_is_pattern, "a regular expression"),
    "patternProperties": (_is_schema_map, "an object of schemas"),
    "properties": (_is_schema_map, "an object of schemas"),
    "propertyNames": (_is_schema, "a schema"),
    "required": (_is_names, "a list of names"),
    "title": (_is_text, "a string"),
    "type": (_is_type, f"one of {', '.join(TYPES)}, or a list of them"),
    "x-enum-varnames": (_is_names, "a list of names"),
    "x-firestore": (lambda value: isinstance(value, dict), "an object"),
}


@cache
def _misspelt(key: str) -> str:
    """Return the keyword that an unknown one is almost equal to; other unknown words are the user's own."""
    matches = difflib.get_close_matches(key, [*_SHAPES, *_ANNOTATIONS], n=1, cutoff=0.85)
    return matches[0] if matches else ""


def check_keywords(workspace: Workspace, schema: Mapping[str, Any], place: Place) -> bool:
    """Report each keyword that is malformed or that has no meaning for a document; return whether all were good."""
    before = len(workspace.problems)
    for key, value in schema.items():
        if key in _USE_INSTEAD:
            workspace.report(
                place / key, f"`{key}` is not supported: no stored document can be typed by it", _USE_INSTEAD[key]
            )
        elif key in _SHAPES:
            is_good, expected = _SHAPES[key]
            if not is_good(value):
                hint = did_you_mean(value, TYPES) if key == "type" and isinstance(value, str) else ""
                workspace.report(place / key, f"`{key}` must be {expected}", hint)
        elif key not in _ANNOTATIONS and (meant := _misspelt(key)):
            workspace.report(place / key, f"`{key}` is not a keyword", f"did you mean `{meant}`?")
    return len(workspace.problems) == before
