"""Read all schema files into classes, and say the same in the plain schema that the model generator is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from codegen.definitions import Definitions, definition_problems
from codegen.errors import Place, Problem
from codegen.fields import ParsedField, parse_fields
from codegen.ir import Enum, Model
from codegen.overlay import read_overlay
from codegen.schema_types import parse_definition
from codegen.sources import JsonObject, Sources
from codegen.workspace import ObjectSchema, Workspace


@dataclass(frozen=True, slots=True)
class NormalizedSchema:
    """The models of a package, and what it takes to have their classes written.

    Attributes:
        config: collections.json.
        models: The classes that documents are made of.
        enums: The enumerations.
        places: Where each class is defined.
        definitions: The schema of each class, flat and without words that the model generator would not need.
        names: Python names of properties that differ from their keys, as `Class.key`.
        defaults: By class and Python name, the default of a field for which JSON has no word.
        problems: Everything that is wrong so far.
        complete: Whether all files could be read, so that a missing model is a mistake and not a consequence.
    """

    config: JsonObject
    models: tuple[Model, ...]
    enums: tuple[Enum, ...]
    places: Mapping[str, Place]
    definitions: Mapping[str, JsonObject]
    names: Mapping[str, str]
    defaults: Mapping[str, Mapping[str, str]]
    problems: tuple[Problem, ...]
    complete: bool


def normalize(sources: Sources) -> NormalizedSchema:
    """Return the models of all schema files, with the problems of the run so far."""
    workspace = Workspace(Definitions(sources.schemas), [*sources.problems, *definition_problems(sources.schemas)])
    overlay = read_overlay(sources.config)
    for definition in workspace.definitions.all():
        parse_definition(workspace, definition)
    found: list[tuple[ObjectSchema, list[ParsedField]]] = []
    while workspace.waiting:
        owner = workspace.waiting.popleft()
        found.append((owner, parse_fields(workspace, owner, overlay)))
    return NormalizedSchema(
        config=sources.config,
        models=tuple(_model(owner, fields) for owner, fields in found),
        enums=tuple(workspace.enums.values()),
        places=workspace.class_places,
        definitions=workspace.schemas | {owner.name: _schema(fields) for owner, fields in found},
        names={f"{owner.name}.{item.field.key}": item.field.name for owner, fields in found for item in fields if item.field.key != item.field.name},
        defaults={owner.name: defaults for owner, fields in found if (defaults := {item.field.name: item.default for item in fields if item.default})},
        problems=tuple(workspace.problems),
        complete=sources.complete,
    )


def _model(owner: ObjectSchema, fields: list[ParsedField]) -> Model:
    return Model(owner.name, owner.schema.get("description", ""), tuple(item.field for item in fields))


def _schema(fields: list[ParsedField]) -> JsonObject:
    return {
        "type": "object",
        "properties": {item.field.key: item.schema for item in fields},
        "required": [item.field.key for item in fields if item.in_required],
    }
