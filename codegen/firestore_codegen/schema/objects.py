"""Objects: one flat list of properties from `properties`, `$ref` and `allOf`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from firestore_codegen.errors import Place
from firestore_codegen.read.sources import JsonObject
from firestore_codegen.schema.definitions import CONTAINERS, MAX_CHAIN, UnresolvedReference
from firestore_codegen.schema.keywords import check_keywords
from firestore_codegen.schema.workspace import Workspace

# What a definition says about itself is not said about those that extend it.
_OWN = frozenset(
    {"$comment", "$defs", "$id", "$schema", "default", "definitions", "description", "examples", "title", "x-firestore"}
)


@dataclass(slots=True)
class Merged:
    """A schema without `allOf`, and where its properties are written."""

    schema: JsonObject
    properties: dict[str, Place] = field(default_factory=dict)


def is_object(schema: Any) -> bool:
    """Return whether a schema without references describes an object with named properties."""
    return isinstance(schema, dict) and "properties" in schema and schema.get("type", "object") == "object"


def merge(workspace: Workspace, schema: JsonObject, place: Place) -> Merged | None:
    """Resolve `allOf`; None after reporting what does not go together."""
    return _merge(workspace, schema, place, ())


def _merge(workspace: Workspace, schema: JsonObject, place: Place, within: tuple[Place, ...]) -> Merged | None:
    if place in within:
        workspace.report(place, "extends itself", "remove one `allOf` from the circle")
        return None
    if len(within) > MAX_CHAIN:
        workspace.report(within[0], f"extends more than {MAX_CHAIN} others, one after another", "shorten the chain")
        return None
    if not check_keywords(workspace, schema, place):
        return None
    own = {key: value for key, value in schema.items() if key not in ("allOf", "properties", "required", *CONTAINERS)}
    merged = Merged(own)
    good = True
    for at, part in enumerate(schema.get("allOf", ())):
        found = _part(workspace, part, place / "allOf" / at, (*within, place))
        good = found is not None and _add(workspace, merged, found, place / "allOf" / at) and good
    properties = schema.get("properties", {})
    mine = Merged(
        {"properties": properties} if "properties" in schema else {},
        {key: place / "properties" / key for key in properties},
    )
    if "required" in schema:
        mine.schema["required"] = schema["required"]
    return merged if _add(workspace, merged, mine, place) and good else None


def _part(workspace: Workspace, part: Any, place: Place, within: tuple[Place, ...]) -> Merged | None:
    """Return one member of an `allOf`, or what it refers to."""
    if not isinstance(part, dict):
        return Merged({})
    if "$ref" not in part:
        return _merge(workspace, part, place, within)
    if not check_keywords(workspace, part, place):
        return None
    try:
        target = workspace.definitions.resolve(part["$ref"], place)
    except UnresolvedReference as error:
        workspace.report(place / "$ref", str(error), error.hint)
        return None
    if not isinstance(target.schema, dict):
        return Merged({})
    found = _merge(workspace, target.schema, target.place, within)
    if found is None:
        return None
    base = Merged({key: value for key, value in found.schema.items() if key not in _OWN}, found.properties)
    siblings = {key: value for key, value in part.items() if key != "$ref"}
    extra = _merge(workspace, siblings, place, within)
    return base if extra is not None and _add(workspace, base, extra, place) else None


def _add(workspace: Workspace, into: Merged, part: Merged, place: Place) -> bool:
    """Add a part to what is merged already; return whether they agree."""
    before = len(workspace.problems)
    for key, value in part.schema.items():
        match key:
            case "properties":
                _add_properties(workspace, into, value, part.properties)
            case "required":
                into.schema["required"] = [*into.schema.get("required", []), *value]
            case _ if into.schema.setdefault(key, value) != value and key not in _OWN:
                workspace.report(place, f"the parts of `allOf` disagree about `{key}`", "keep one of them")
    return len(workspace.problems) == before


def _add_properties(
    workspace: Workspace, into: Merged, properties: Mapping[str, Any], places: Mapping[str, Place]
) -> None:
    known = into.schema.setdefault("properties", {})
    merged = dict(known)
    for key, schema in properties.items():
        if merged.setdefault(key, schema) != schema:
            workspace.report(
                places[key], f"`{key}` is already defined differently in another part of `allOf`", "rename one of them"
            )
        into.properties.setdefault(key, places[key])
    into.schema["properties"] = merged
