"""The type of any schema: one function for each form that JSON Schema can give it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from firestore_codegen.errors import Place
from firestore_codegen.ir import EnumRef, ModelRef, Scalar, ScalarKind
from firestore_codegen.names import class_name
from firestore_codegen.read.sources import JsonObject
from firestore_codegen.schema.combine import CONSTRAINTS, array_of, map_of, union_of
from firestore_codegen.schema.definitions import MAX_CHAIN, Definition, UnresolvedReference
from firestore_codegen.schema.enums import parse_enum
from firestore_codegen.schema.firestore_types import apply_firestore
from firestore_codegen.schema.keywords import check_keywords
from firestore_codegen.schema.objects import is_object, merge
from firestore_codegen.schema.parsed import ANYTHING, NULL, NULL_SCHEMA, Origin, Parsed
from firestore_codegen.schema.scalars import parse_constant, parse_number, parse_text, pick
from firestore_codegen.schema.workspace import ObjectSchema, Workspace

_HINTS_OF_TYPE = {
    "array": ("items",),
    "object": ("additionalProperties", "patternProperties", "properties", "propertyNames"),
    "string": ("contentEncoding", "format", "maxLength", "minLength", "pattern"),
    "number": ("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"),
}
# Beside a reference these do not describe the value, they change its type.
_EXTENDS = frozenset({"properties", "required", *CONSTRAINTS})


def parse_type(workspace: Workspace, schema: Any, place: Place, name: str, *, named: bool = False) -> Parsed | None:
    """Return the type of a schema, or None after reporting why it has none.

    `name` is the class name for an object or an enumeration in it; `named` says that the user chose that name.
    """
    if schema is True:
        return ANYTHING
    if not isinstance(schema, dict):
        what = "no value fits `false`" if schema is False else "a schema is an object or true"
        workspace.report(place, what, "say which values fit")
        return None
    if not check_keywords(workspace, schema, place):
        return None
    if "title" in schema and not named:
        name, named = class_name(schema["title"]), True
    parsed = _parse_form(workspace, schema, place, name, named)
    if parsed is None or "x-firestore" not in schema:
        return parsed
    return apply_firestore(workspace, parsed, schema["x-firestore"], place / "x-firestore")


def _parse_form(workspace: Workspace, schema: JsonObject, place: Place, name: str, named: bool) -> Parsed | None:
    match schema:
        case {"$ref": reference} if not _EXTENDS.isdisjoint(schema):
            rest = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
            return _parse_form(
                workspace, {**rest, "allOf": [{"$ref": reference}, *schema.get("allOf", ())]}, place, name, named
            )
        case {"$ref": reference}:
            return parse_reference(workspace, reference, place)
        case {"allOf": [{"$ref": _} as only]} if len(only) == 1 and _EXTENDS.isdisjoint(schema):
            return parse_type(workspace, only, place / "allOf" / 0, name)
        case {"allOf": _}:
            return _parse_merged(workspace, schema, place, name, named)
        case {"const": value}:
            return parse_constant(workspace, value, place / "const")
        case {"enum": _}:
            return parse_enum(workspace, schema, place, name, named=named)
        case {"oneOf": _, "anyOf": _}:
            workspace.report(place, "`oneOf` and `anyOf` beside each other", "keep one of them")
            return None
        case {"oneOf": members} | {"anyOf": members}:
            return _parse_union(workspace, schema, members, place, name)
        case {"type": list(types)}:
            return _parse_types(workspace, schema, types, place, name)
        case {"type": str(type_)}:
            return _parse_single(workspace, schema, type_, place, name)
    for type_, keywords in _HINTS_OF_TYPE.items():
        if any(keyword in schema for keyword in keywords):
            return _parse_single(workspace, {**schema, "type": type_}, type_, place, name)
    return ANYTHING


def parse_reference(workspace: Workspace, reference: str, place: Place) -> Parsed | None:
    """Return the type of a definition: a class by its name, anything else as if it were written here."""
    try:
        target = workspace.definitions.resolve(reference, place)
    except UnresolvedReference as error:
        workspace.report(place / "$ref", str(error), error.hint)
        return None
    if target.place in workspace.open:
        hint = "let it go through an object with properties, or leave the type out"
        workspace.report(target.place, "a definition that contains itself cannot be stored", hint)
        return None
    if target.place not in workspace.parsed and len(workspace.open) > MAX_CHAIN:
        workspace.report(
            target.place, f"more than {MAX_CHAIN} definitions lead here", "shorten the chain of references"
        )
        workspace.parsed[target.place] = None
    return parse_definition(workspace, target)


def parse_definition(workspace: Workspace, definition: Definition) -> Parsed | None:
    """Return the type of a definition; it is parsed once, however often it is referred to."""
    if definition.place in workspace.parsed:
        return workspace.parsed[definition.place]
    workspace.open.add(definition.place)
    try:
        parsed = parse_type(workspace, definition.schema, definition.place, definition.name, named=True)
    finally:
        workspace.open.discard(definition.place)
    if parsed is not None and not isinstance(parsed.type, ModelRef | EnumRef):
        parsed = replace(parsed, origin=Origin(definition.name, definition.place))
    workspace.parsed[definition.place] = parsed
    return parsed


def _parse_merged(workspace: Workspace, schema: JsonObject, place: Place, name: str, named: bool) -> Parsed | None:
    merged = merge(workspace, schema, place)
    if merged is None:
        return None
    if is_object(merged.schema):
        return declare_object(workspace, ObjectSchema(name, place, merged.schema, merged.properties))
    return _parse_form(workspace, merged.schema, place, name, named)


def declare_object(workspace: Workspace, found: ObjectSchema) -> Parsed | None:
    """Make an object a class, whose fields are parsed later: it may contain itself."""
    extra = found.schema.get("additionalProperties")
    if isinstance(extra, dict) and extra:
        hint = "make the named properties or the map a property of their own"
        workspace.report(
            found.place / "additionalProperties", "`additionalProperties` beside `properties` cannot be typed", hint
        )
        return None
    if not workspace.claim(found.name, found.place):
        return None
    workspace.objects[found.name] = found
    workspace.waiting.append(found)
    return Parsed(ModelRef(found.name), {"$ref": f"#/$defs/{found.name}"})


def _parse_union(
    workspace: Workspace, schema: JsonObject, members: list[Any], place: Place, name: str
) -> Parsed | None:
    if "properties" in schema:
        workspace.report(
            place, "a choice beside `properties` cannot be typed", "put the properties into each of the choices"
        )
        return None
    at = place / ("oneOf" if "oneOf" in schema else "anyOf")
    choices = sum(member != NULL_SCHEMA for member in members)
    numbered = [f"{name}{number}" if choices > 1 else name for number in range(1, len(members) + 1)]
    parsed = [parse_type(workspace, member, at / index, numbered[index]) for index, member in enumerate(members)]
    known = [member for member in parsed if member is not None]
    return union_of(workspace, schema, known, place, name) if len(known) == len(parsed) else None


def _parse_types(workspace: Workspace, schema: JsonObject, types: list[str], place: Place, name: str) -> Parsed | None:
    members = [_parse_single(workspace, {**schema, "type": type_}, type_, place, name) for type_ in types]
    known = [member for member in members if member is not None]
    return union_of(workspace, {}, known, place, name) if len(known) == len(members) else None


def _parse_single(workspace: Workspace, schema: JsonObject, type_: str, place: Place, name: str) -> Parsed | None:
    match type_:
        case "string":
            return parse_text(schema)
        case "integer" | "number":
            return parse_number({**schema, "type": type_})
        case "boolean":
            return Parsed(Scalar(ScalarKind.BOOLEAN), {"type": "boolean"})
        case "null":
            return Parsed(NULL, NULL_SCHEMA)
        case "array":
            return _parse_array(workspace, schema, place, name)
        case _:
            return _parse_object(workspace, schema, place, name)


def _parse_array(workspace: Workspace, schema: JsonObject, place: Place, name: str) -> Parsed | None:
    items = parse_type(workspace, schema.get("items", True), place / "items", f"{name}Item")
    if items is None:
        return None
    return array_of(workspace, items, pick(schema, ("minItems", "maxItems")), place / "items", name)


def _parse_object(workspace: Workspace, schema: JsonObject, place: Place, name: str) -> Parsed | None:
    if "properties" in schema:
        places = {key: place / "properties" / key for key in schema["properties"]}
        return declare_object(workspace, ObjectSchema(name, place, schema, places))
    if not _keys_are_text(workspace, schema, place):
        return None
    patterns = schema.get("patternProperties", {})
    if len(patterns) > 1:
        workspace.report(
            place / "patternProperties", "more than one pattern cannot be typed", "use one pattern, or named properties"
        )
        return None
    at, values = place / "additionalProperties", schema.get("additionalProperties", True)
    for pattern, value_schema in patterns.items():
        at, values = place / "patternProperties" / pattern, value_schema
    parsed = ANYTHING if values is False else parse_type(workspace, values, at, f"{name}Value")
    if parsed is None:
        return None
    return map_of(workspace, parsed, pick(schema, ("minProperties", "maxProperties")), at, name)


def _keys_are_text(workspace: Workspace, schema: JsonObject, place: Place) -> bool:
    keys = schema.get("propertyNames", True)
    if isinstance(keys, dict) and keys.get("type", "string") != "string":
        workspace.report(
            place / "propertyNames", "the keys of a map are strings", "drop `propertyNames`, or give it `type: string`"
        )
        return False
    return True
