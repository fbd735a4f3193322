"""The contract of collections.json: read as any validator of JSON Schema reads it, and true to the runtime."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from firestore_codegen.operators import Operator
from firestore_codegen.read.contract import CONTRACT_FILE, KEYWORDS, check_contract
from firestore_runtime.limits import MAX_VECTOR_DIMENSION
from tests.codegen.schemas import MEMORY

CONTRACT: dict[str, Any] = json.loads(CONTRACT_FILE.read_text())
VALIDATOR = Draft202012Validator(CONTRACT)
CONFIG: dict[str, Any] = json.loads((MEMORY / "collections.json").read_text())
SAID_ELSEWHERE = {"$defs", "$schema", "default", "description", "title", "type"}
WRONG: tuple[Any, ...] = (None, True, 0, -1, 10_000, "", "Nothing Like It", [], ["a", "a"], {}, {"unknown": 1})


def _schemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a schema and those inside of it."""
    yield schema
    named = [part for key in ("$defs", "properties") for part in schema.get(key, {}).values()]
    inner = [schema.get(key) for key in ("additionalProperties", "items", "propertyNames")]
    for part in [*named, *inner]:
        if isinstance(part, dict):
            yield from _schemas(part)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of each value."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _paths(child, (*path, key))


def test_every_keyword_of_the_contract_is_understood() -> None:
    assert {keyword for schema in _schemas(CONTRACT) for keyword in schema} <= KEYWORDS.keys() | SAID_ELSEWHERE


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_it_is_read_as_json_schema_says(wrong: Any) -> None:
    for path in _paths(CONFIG):
        config = _replaced(path, wrong)
        if isinstance(config, dict):
            assert bool(list(check_contract(config, "x"))) != VALIDATOR.is_valid(config), path


def _replaced(path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    config = deepcopy(CONFIG)
    inner = config
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return config


def test_its_limits_and_operators_are_the_ones_in_use() -> None:
    [vector] = [part for part in _schemas(CONTRACT) if part.get("maximum")]
    operators = [part["enum"] for part in _schemas(CONTRACT) if "array-contains" in part.get("enum", ())]

    assert vector["maximum"] == MAX_VECTOR_DIMENSION
    assert [set(names) for names in operators] == [set(get_args(Operator))]
