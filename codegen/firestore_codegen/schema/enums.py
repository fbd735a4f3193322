"""Enumerations: a class with a name for each value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from firestore_codegen.errors import Place
from firestore_codegen.ir import Enum, EnumRef, Scalar, ScalarKind
from firestore_codegen.names import is_public_identifier, member_name
from firestore_codegen.schema.parsed import NULL, NULL_SCHEMA, Parsed
from firestore_codegen.schema.scalars import parse_constant
from firestore_codegen.schema.workspace import Workspace

_TAKEN = frozenset({"mro", "name", "value"})


def parse_enum(
    workspace: Workspace, schema: Mapping[str, Any], place: Place, name: str, *, named: bool
) -> Parsed | None:
    """Return the type of an `enum`; a single value without a name of its own is a constant."""
    values = [value for value in schema["enum"] if value is not None]
    nullable = len(values) < len(schema["enum"])
    if not values:
        return Parsed(NULL, NULL_SCHEMA)
    if all(isinstance(value, bool) for value in values) and len(values) == 2:
        return Parsed(Scalar(ScalarKind.BOOLEAN), {"type": "boolean"}, nullable)
    if len(values) == 1 and not named:
        single = parse_constant(workspace, values[0], place / "enum")
        return None if single is None else replace(single, nullable=nullable)
    kinds = {type(value) for value in values}
    if kinds not in ({str}, {int}):
        workspace.report(place / "enum", "the values of an enumeration must be all strings or all integers")
        return None
    if not workspace.claim(name, place):
        return None
    members = _members(workspace, schema, values, place)
    if members is None:
        return None
    description = schema.get("description", "")
    workspace.enums[name] = Enum(name, description, members)
    workspace.schemas[name] = {
        "type": "string" if kinds == {str} else "integer",
        "enum": [value for _, value in members],
        "x-enum-varnames": [member for member, _ in members],
        **({"description": description} if description else {}),
    }
    return Parsed(EnumRef(name), {"$ref": f"#/$defs/{name}"}, nullable)


def _members(
    workspace: Workspace, schema: Mapping[str, Any], values: Sequence[str | int], place: Place
) -> tuple[tuple[str, str | int], ...] | None:
    names = schema.get("x-enum-varnames") or [member_name(value) for value in values]
    before = len(workspace.problems)
    if len(set(values)) < len(values):
        workspace.report(place / "enum", "a value appears more than once")
    elif len(names) != len(values):
        workspace.report(place / "x-enum-varnames", f"{len(names)} names for {len(values)} values")
    for at, name in enumerate(names if len(workspace.problems) == before else ()):
        if not is_public_identifier(name) or name in _TAKEN:
            workspace.report(place / "x-enum-varnames" / at, f"`{name}` is not a valid name")
        elif name in names[:at]:
            hint = "name the members with `x-enum-varnames`"
            workspace.report(place / "enum", f"two values have the Python name `{name}`", hint)
    return tuple(zip(names, values, strict=True)) if len(workspace.problems) == before else None
