"""Read all schema files into classes, and say the same in the plain schema that the model generator is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firestore_codegen.errors import Place, Problem
from firestore_codegen.ir import Enum, Model
from firestore_codegen.read.sources import JsonObject, Sources
from firestore_codegen.schema.definitions import Definition, Definitions, definition_problems
from firestore_codegen.schema.fields import ParsedField, parse_fields
from firestore_codegen.schema.overlay import read_overlay
from firestore_codegen.schema.parsed import Parsed
from firestore_codegen.schema.schema_types import parse_definition
from firestore_codegen.schema.workspace import ObjectSchema, Workspace


@dataclass(frozen=True, slots=True)
class NormalizedSchema:
    """The models of a package, and what it takes to have their classes written.

    Attributes:
        config: collections.json.
        collections: The collections in it that keep its contract.
        adapters: The adapters in it that do, by their place in the list.
        models: The classes that documents are made of.
        enums: The enumerations.
        places: Where each class is defined.
        definitions: The schema of each class, flat and without words that the model generator would not need.
        names: Python names of properties that differ from their keys, as `Class.key`.
        defaults: By class and Python name, the default of a field for which JSON has no word.
        unread: Definitions and properties (`Class.key`) that are reported, so that nothing else is said about them.
        others: The names of definitions that are neither model nor enumeration.
        problems: Everything that is wrong so far.
        complete: Whether all files could be read, so that a missing model is a mistake and not a consequence.
    """

    config: JsonObject
    collections: Mapping[str, JsonObject]
    adapters: Mapping[int, JsonObject]
    models: tuple[Model, ...]
    enums: tuple[Enum, ...]
    places: Mapping[str, Place]
    definitions: Mapping[str, JsonObject]
    names: Mapping[str, str]
    defaults: Mapping[str, Mapping[str, str]]
    unread: frozenset[str]
    others: frozenset[str]
    problems: tuple[Problem, ...]
    complete: bool


def normalize(sources: Sources) -> NormalizedSchema:
    """Return the models of all schema files, with the problems of the run so far."""
    malformed = definition_problems(sources.schemas)
    workspace = Workspace(Definitions(sources.schemas), [*sources.problems, *malformed])
    for definition in workspace.definitions.all():
        # What the user named keeps its name, whatever an unnamed object elsewhere would be called.
        workspace.class_places.setdefault(definition.name, definition.place)
    overlay = read_overlay(sources.collections)
    parsed = {found.name: _parse(workspace, found) for found in workspace.definitions.all()}
    found: list[tuple[ObjectSchema, list[ParsedField]]] = []
    while workspace.waiting:
        owner = workspace.waiting.popleft()
        found.append((owner, parse_fields(workspace, owner, overlay)))
    return NormalizedSchema(
        config=sources.config,
        collections=sources.collections,
        adapters=sources.adapters,
        models=tuple(_model(owner, fields) for owner, fields in found),
        enums=tuple(workspace.enums.values()),
        places=workspace.class_places,
        definitions=workspace.schemas | {owner.name: _schema(fields) for owner, fields in found},
        names=_names(found),
        defaults={owner.name: _defaults(fields) for owner, fields in found},
        unread=frozenset({name for name, result in parsed.items() if result is None} | _unread(found)),
        others=frozenset(parsed.keys() - workspace.objects.keys() - workspace.enums.keys()),
        problems=tuple(workspace.problems),
        complete=sources.complete and not malformed,
    )


def _parse(workspace: Workspace, definition: Definition) -> Parsed | None:
    try:
        return parse_definition(workspace, definition)
    except RecursionError:
        workspace.report(definition.place, "is nested too deeply", "give its inner parts definitions of their own")
        workspace.parsed[definition.place] = None
        return None


def _names(found: list[tuple[ObjectSchema, list[ParsedField]]]) -> dict[str, str]:
    fields = [(owner.name, item.field) for owner, items in found for item in items]
    return {f"{owner}.{field.key}": field.name for owner, field in fields if field.key != field.name}


def _defaults(fields: list[ParsedField]) -> dict[str, str]:
    return {item.field.name: item.default for item in fields if item.default}


def _unread(found: list[tuple[ObjectSchema, list[ParsedField]]]) -> set[str]:
    return {
        f"{owner.name}.{key}"
        for owner, fields in found
        for key in owner.properties.keys() - {item.field.key for item in fields}
    }


def _model(owner: ObjectSchema, fields: list[ParsedField]) -> Model:
    return Model(owner.name, owner.schema.get("description", ""), tuple(item.field for item in fields))


def _schema(fields: list[ParsedField]) -> JsonObject:
    return {
        "type": "object",
        "properties": {item.field.key: item.schema for item in fields},
        "required": [item.field.key for item in fields if item.is_written_as_required],
    }
