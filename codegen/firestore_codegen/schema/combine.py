"""How understood schemas combine into arrays, maps and unions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from firestore_codegen.errors import Place
from firestore_codegen.ir import AnyValue, Array, Map, ModelRef, TypeRef, Union, Vector
from firestore_codegen.read.sources import JsonObject
from firestore_codegen.schema.discriminators import find_discriminator
from firestore_codegen.schema.parsed import ANYTHING, NULL, NULL_SCHEMA, Origin, Parsed
from firestore_codegen.schema.workspace import Workspace

CONSTRAINTS = (
    "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minItems", "maxItems", "minProperties", "maxProperties",
)  # fmt: skip


def array_of(workspace: Workspace, items: Parsed, constraints: JsonObject, place: Place, name: str) -> Parsed | None:
    """Return a list of items; Firestore stores no array directly inside an array."""
    member = _member(workspace, items, place, f"{name}Item")
    if member is None:
        return None
    if any(isinstance(part, Array) for part in _alternatives(member.type)):
        workspace.report(place, "an array directly inside an array cannot be stored", "put an object between the two")
        return None
    return Parsed(Array(member.full_type), {"type": "array", "items": member.full_schema, **constraints})


def map_of(workspace: Workspace, values: Parsed, constraints: JsonObject, place: Place, name: str) -> Parsed | None:
    """Return a dictionary of values."""
    member = _member(workspace, values, place, f"{name}Value")
    if member is None:
        return None
    schema = {"type": "object", "additionalProperties": member.full_schema, **constraints}
    return Parsed(Map(member.full_type), schema)


def union_of(
    workspace: Workspace, schema: JsonObject, members: Sequence[Parsed], place: Place, name: str
) -> Parsed | None:
    """Return one of several types: flat, without doubles, and told apart by a tag where they are all models."""
    nullable = any(member.nullable or member.type == NULL for member in members)
    if any(isinstance(member.type, AnyValue) for member in members):
        return ANYTHING
    if len({member.type for member in members} - {NULL}) <= 1:
        single = _single(members, nullable)
        # The model generator loses what it is told about a map that may be null, unless the map has a name.
        return _member(workspace, single, place, name) if nullable and isinstance(single.type, Map) else single
    distinct: dict[TypeRef, JsonObject] = {}
    for at, member in enumerate(members, 1):
        kept = _member(workspace, replace(member, nullable=False), place, f"{name}{at}")
        if kept is None:
            return None
        for part, part_schema in _parts(kept):
            distinct.setdefault(part, part_schema)
    distinct.pop(NULL, None)
    discriminator = find_discriminator(
        workspace, schema, [part.name for part in distinct if isinstance(part, ModelRef)], place
    )
    if discriminator is None or not all(isinstance(part, ModelRef) for part in distinct):
        return Parsed(Union(tuple(distinct)), {"anyOf": list(distinct.values())}, nullable)
    mapping = {tag: f"#/$defs/{model}" for tag, model in discriminator.models}
    tagged = {
        "oneOf": list(distinct.values()),
        "discriminator": {"propertyName": discriminator.key, "mapping": mapping},
    }
    return Parsed(Union(tuple(distinct), discriminator), tagged, nullable)


def _single(members: Sequence[Parsed], nullable: bool) -> Parsed:
    """Return what is left where a union has one type beside null: with its own constraints."""
    chosen = next((member for member in members if member.type != NULL), Parsed(NULL, NULL_SCHEMA))
    return replace(chosen, nullable=nullable and chosen.type != NULL)


def _parts(parsed: Parsed) -> list[tuple[TypeRef, JsonObject]]:
    match parsed.type:
        case Union(members, None):
            return list(zip(members, parsed.schema["anyOf"], strict=True))
        case _:
            return [(parsed.type, parsed.schema)]


def _alternatives(type_: TypeRef) -> tuple[TypeRef, ...]:
    return type_.members if isinstance(type_, Union) else (type_,)


def _member(workspace: Workspace, parsed: Parsed, place: Place, name: str) -> Parsed | None:
    """Return what may stand inside another type: with a name of its own where it has constraints or a tag."""
    if isinstance(parsed.type, Vector) or parsed.server_timestamp or parsed.default_now:
        workspace.report(place, "`x-firestore` of this kind is for a property of its own, not for a part of one")
        return None
    if not (parsed.schema.keys() & {*CONSTRAINTS, "discriminator"}):
        return parsed
    # Left in place, the model generator would wrap each value in a class; a named alias leaves it what it is.
    alias = parsed.origin or Origin(name, place)
    if not workspace.claim(alias.name, alias.place):
        return None
    workspace.schemas[alias.name] = parsed.schema
    return replace(parsed, schema={"$ref": f"#/$defs/{alias.name}"})
