"""`x-firestore`: what a property is to Firestore when JSON Schema has no word for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from firestore_codegen.errors import Place, suggestion
from firestore_codegen.ir import AnyValue, Array, Map, Reference, Scalar, ScalarKind, TypeRef, Vector
from firestore_codegen.schema.parsed import Parsed
from firestore_codegen.schema.scalars import value_type
from firestore_codegen.schema.workspace import Workspace
from firestore_runtime.limits import MAX_VECTOR_DIMENSION

_SETTINGS = {
    "vector": ("dimension",),
    "geopoint": (),
    "reference": ("collection",),
    "server_timestamp": ("on",),
    None: ("default",),
}
_FITS: Mapping[str | None, tuple[str, tuple[TypeRef, ...]]] = {
    "vector": ("an array of numbers", (Array(Scalar(ScalarKind.NUMBER)), Array(AnyValue()), AnyValue())),
    "geopoint": ("an object without properties", (Map(AnyValue()), AnyValue())),
    "reference": ("a string", (Scalar(ScalarKind.STRING), AnyValue())),
    "server_timestamp": ("a string of format `date-time`", (Scalar(ScalarKind.TIMESTAMP),)),
    None: ("a string of format `date-time`", (Scalar(ScalarKind.TIMESTAMP),)),
}


def apply_firestore(workspace: Workspace, parsed: Parsed, settings: Mapping[str, Any], place: Place) -> Parsed | None:
    """Return the type with what `x-firestore` says about it; None after reporting what does not fit."""
    kind = settings.get("type")
    if kind is not None and (not isinstance(kind, str) or kind not in _SETTINGS):
        known = [name for name in _SETTINGS if name]
        workspace.report(place / "type", f"`{kind}` is not a type of `x-firestore`", suggestion(str(kind), known))
        return None
    allowed = [*_SETTINGS[kind], "type"] if kind else ["default"]
    unknown = [key for key in settings if key not in allowed]
    for key in unknown:
        workspace.report(place / key, f"`{key}` is not known here", suggestion(key, allowed))
    if unknown:
        return None
    if not settings:
        workspace.report(place, "says nothing", "give it a `type` or a `default`")
        return None
    expected, fitting = _FITS[kind]
    if parsed.type not in fitting:
        workspace.report(place, f"{_what(kind)} is for {expected}", "change the property's type, or drop `x-firestore`")
        return None
    return _apply(workspace, parsed, kind, settings, place)


def _what(kind: str | None) -> str:
    return f"`{kind}`" if kind else "a default of `now`"


def _apply(
    workspace: Workspace, parsed: Parsed, kind: str | None, settings: Mapping[str, Any], place: Place
) -> Parsed | None:
    match kind, settings:
        case "vector", {"dimension": int(dimension)} if _is_dimension(dimension):
            return vector(parsed, dimension)
        case "vector", {"dimension": _}:
            workspace.report(place / "dimension", f"a dimension is an integer from 1 to {MAX_VECTOR_DIMENSION}")
        case "vector", _:
            return vector(parsed, 0)
        case "geopoint", _:
            return replace(parsed, type=Scalar(ScalarKind.GEOPOINT), schema=value_type("GeoPoint"))
        case "reference", _ if isinstance(settings.get("collection", ""), str):
            return replace(parsed, type=Reference(settings.get("collection")), schema=value_type("DocumentPath"))
        case "reference", _:
            workspace.report(place / "collection", "must be a collection id")
        case "server_timestamp", {"on": "create" | "write" as moment}:
            return replace(parsed, nullable=True, server_timestamp=moment)
        case "server_timestamp", _:
            workspace.report(place, 'a server timestamp says when it is set: `"on": "create"` or `"on": "write"`')
        case None, {"default": "now"}:
            return replace(parsed, default_now=True)
        case _:
            workspace.report(
                place / "default", "the only default here is `now`", "other defaults are JSON Schema's own `default`"
            )
    return None


def _is_dimension(number: int) -> bool:
    return number is not True and 1 <= number <= MAX_VECTOR_DIMENSION


def vector(parsed: Parsed, dimension: int) -> Parsed:
    """Return the type as a vector; 0 stands for a dimension that collections.json has to give."""
    return replace(parsed, type=Vector(dimension), schema={"type": "array", "items": {"type": "number"}})
