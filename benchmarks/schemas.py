"""Schemas of any size for the generator: models of 20 properties of all common kinds, each with its collection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_KINDS: tuple[dict[str, Any], ...] = (
    {"type": "string"},
    {"type": "string", "minLength": 1, "maxLength": 200},
    {"type": ["string", "null"]},
    {"type": "integer", "minimum": 0},
    {"type": "number"},
    {"type": "boolean", "default": False},
    {"type": "string", "format": "date-time"},
    {"$ref": "#/$defs/Priority"},
    {"type": "array", "items": {"type": "string"}},
    {"type": "object", "additionalProperties": True},
)
_PRIORITY = {"type": "string", "description": "How urgent a record is.", "enum": ["low", "middle", "high"]}
_PROPERTIES = 20


def write_schema(directory: Path, models: int) -> None:
    """Write a schema directory with so many models."""
    definitions = {"Priority": _PRIORITY} | {_model_name(number): _model(number) for number in range(models)}
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": definitions}
    config = {
        "package": "bench_store",
        "client": "BenchClient",
        "models": ["models.schema.json"],
        "collections": {f"records_{number}": _collection(number) for number in range(models)},
    }
    (directory / "models.schema.json").write_text(json.dumps(schema), encoding="utf-8")
    (directory / "collections.json").write_text(json.dumps(config), encoding="utf-8")


def _model_name(number: int) -> str:
    return f"Record{number}"


def _model(number: int) -> dict[str, Any]:
    properties = dict(_properties(number))
    return {
        "type": "object",
        "description": f"Record number {number} of the benchmark.",
        "properties": properties,
        "required": list(properties)[: _PROPERTIES // 2],
    }


def _properties(number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for at in range(_PROPERTIES):
        kind = _KINDS[at % len(_KINDS)]
        yield f"field_{at}", {**kind, "description": f"Field {at} of record {number}."}


def _collection(number: int) -> dict[str, Any]:
    return {
        "model": _model_name(number),
        "path": f"records_{number}",
        "document_id": {"generate": "auto"},
        "queries": {
            "by_owner": {
                "where": [{"field": "field_0", "op": "==", "param": "owner"}],
                "order_by": [{"field": "field_6", "direction": "desc"}],
            }
        },
    }
