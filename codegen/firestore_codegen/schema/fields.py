"""The fields of a model: type, name, default and what Firestore or collections.json adds to a property."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from firestore_codegen.errors import Place, did_you_mean
from firestore_codegen.ir import (
    AnyValue,
    Array,
    Constant,
    EnumRef,
    Field,
    ModelRef,
    Nullable,
    Scalar,
    ScalarKind,
    TypeRef,
    Vector,
)
from firestore_codegen.names import class_name, field_name
from firestore_codegen.read.sources import JsonObject
from firestore_codegen.schema.definitions import UnresolvedReference
from firestore_codegen.schema.firestore_types import vector
from firestore_codegen.schema.overlay import Overlay, VectorSetting
from firestore_codegen.schema.parsed import NULL, Parsed
from firestore_codegen.schema.schema_types import parse_type
from firestore_codegen.schema.workspace import ObjectSchema, Workspace
from firestore_codegen.values import describe, fits, is_plain, python_value
from firestore_runtime.errors import ValidationError
from firestore_runtime.limits import MAX_FIELD_NAME_BYTES, check_key

_MISSING = object()
_NUMBERS = (Array(Scalar(ScalarKind.NUMBER)), Array(Scalar(ScalarKind.INTEGER)), Array(AnyValue()))


@dataclass(frozen=True, slots=True)
class ParsedField:
    """A field, the schema that the model generator is given for it, and its default where JSON has no word for it."""

    field: Field
    schema: JsonObject
    place: Place
    default: str = ""

    @property
    def is_written_as_required(self) -> bool:
        """Whether the model generator is to write the type as it is, without a default of None."""
        return self.field.required or bool(self.default) or isinstance(self.field.type, Constant)


def parse_fields(workspace: Workspace, owner: ObjectSchema, overlay: Overlay) -> list[ParsedField]:
    """Return the fields of a class that could be understood; the others are reported."""
    required = frozenset(owner.schema.get("required", ()))
    properties: Mapping[str, Any] = owner.schema["properties"]
    for key in sorted(required - properties.keys()):
        workspace.report(
            owner.place / "required", f"`{key}` is required but not a property", did_you_mean(key, properties)
        )
    fields = [_parse_field(workspace, owner, key, key in required, overlay) for key in properties]
    known = [field for field in fields if field is not None]
    taken: dict[str, str] = {}
    for field in known:
        first = taken.setdefault(field.field.name, field.field.key)
        if first != field.field.key:
            message = f"`{first}` and `{field.field.key}` would both be `{field.field.name}` in Python"
            workspace.report(field.place, message, "rename one of them")
    return known


def is_valid_key(key: str) -> bool:
    """Return whether Firestore takes a name for a field."""
    try:
        check_key(key)
    except ValidationError:
        return False
    return True


def _parse_field(
    workspace: Workspace, owner: ObjectSchema, key: str, required: bool, overlay: Overlay
) -> ParsedField | None:
    place, schema = owner.properties[key], owner.schema["properties"][key]
    if not is_valid_key(key):
        workspace.report(
            place,
            f"Firestore has no field named `{key[:50]}`",
            f"names are not empty, not `__x__`, and at most {MAX_FIELD_NAME_BYTES:,} bytes",
        )
        return None
    parsed = parse_type(workspace, schema, place, f"{owner.name}{class_name(key)}")
    settings = overlay.vectors.get((owner.name, key), [])
    if parsed is not None and (settings or isinstance(parsed.type, Vector)):
        parsed = _with_dimension(workspace, parsed, settings, place)
    if parsed is None:
        return None
    default = _annotation(workspace, schema, place, "default")
    if default is _MISSING and (owner.name, key) in overlay.generated_ids and parsed.type == Scalar(ScalarKind.STRING):
        parsed, default = replace(parsed, nullable=False), ""
    return _with_default(
        workspace, _Property(key, place, parsed, required, default, _description(workspace, schema, place))
    )


@dataclass(frozen=True, slots=True)
class _Property:
    """What is known about a property before its default decides what may be missing."""

    key: str
    place: Place
    parsed: Parsed
    required: bool
    default: Any
    description: str

    def field(self, type_: TypeRef, *, required: bool = False, is_none_if_absent: bool = False) -> Field:
        return Field(
            name=field_name(self.key),
            key=self.key,
            type=type_,
            required=required,
            description=self.description,
            server_timestamp=self.parsed.server_timestamp,
            is_none_if_absent=is_none_if_absent or self.parsed.server_timestamp is not None,
        )


def _with_default(workspace: Workspace, found: _Property) -> ParsedField | None:
    """Return the field with its default, which decides whether a constructor or a document has to have it."""
    parsed, default = found.parsed, found.default
    if default is None and not isinstance(parsed.type, AnyValue) and parsed.type != NULL:
        parsed = replace(parsed, nullable=True)
    if parsed.default_now or parsed.server_timestamp:
        if default is not _MISSING:
            workspace.report(
                found.place / "default", "a default beside the one that `x-firestore` gives", "keep one of them"
            )
        expression = "Field(default_factory=now)" if parsed.default_now else ""
        schema = parsed.full_schema if parsed.default_now else parsed.schema
        return ParsedField(found.field(parsed.full_type), schema, found.place, expression)
    if default is None or default is _MISSING:
        return _without_default(found, parsed)
    type_ = parsed.full_type
    if not fits(default, type_, workspace.enums):
        workspace.report(found.place / "default", f"the default is not {describe(type_, workspace.enums)}")
        return None
    if is_plain(type_):
        value = float(default) if parsed.type == Scalar(ScalarKind.NUMBER) else default
        return ParsedField(found.field(type_), {**parsed.full_schema, "default": value}, found.place)
    expression = python_value(default, type_, workspace.enums)
    if isinstance(default, dict | list):
        expression = f"Field(default_factory=lambda: {expression})"
    return ParsedField(found.field(type_), parsed.full_schema, found.place, expression)


def _without_default(found: _Property, parsed: Parsed) -> ParsedField:
    if isinstance(parsed.type, Constant) and not parsed.nullable:
        return ParsedField(found.field(parsed.type), parsed.schema, found.place)
    if found.required and found.default is _MISSING:
        return ParsedField(found.field(parsed.full_type, required=True), parsed.full_schema, found.place)
    always = isinstance(parsed.type, AnyValue) or parsed.type == NULL
    # What is not required may be None in any case, and keeps its constraints when that is not said twice.
    field = found.field(parsed.type if always else Nullable(parsed.type), is_none_if_absent=True)
    return ParsedField(field, parsed.schema, found.place)


def _description(workspace: Workspace, schema: Any, place: Place) -> str:
    found = _annotation(workspace, schema, place, "description")
    return found if isinstance(found, str) else ""


def _with_dimension(workspace: Workspace, parsed: Parsed, settings: list[VectorSetting], place: Place) -> Parsed | None:
    """Return the vector with what collections.json says about it; all that is said has to agree."""
    if not isinstance(parsed.type, Vector) and parsed.type not in _NUMBERS:
        workspace.report(
            settings[0].place, "a vector is an array of numbers, and this property is not", "see the property's type"
        )
        return None
    declared = parsed.type.dimension if isinstance(parsed.type, Vector) else 0
    any_dimension = any(setting.any_dimension for setting in settings)
    for setting in settings:
        if setting.dimension is not None and declared not in (0, setting.dimension):
            workspace.report(setting.place / "dimension", f"the dimension is already {declared}", "declare it once")
        declared = declared or setting.dimension or 0
        if setting.any_dimension != any_dimension:
            workspace.report(
                setting.place, "two collections of one model disagree about `any_dimension`", "give it to both"
            )
    if not declared:
        where = settings[0].place if settings else place
        workspace.report(where, "the vector has no dimension", "give it `dimension`, here or by `x-firestore`")
        return None
    found = vector(parsed, declared)
    return replace(found, type=Vector(declared, any_dimension))


def _annotation(workspace: Workspace, schema: Any, place: Place, key: str) -> Any:
    """Return what a property says, or else the definition that it is written as (a class speaks for itself)."""
    while isinstance(schema, dict) and key not in schema and isinstance(schema.get("$ref"), str):
        try:
            target = workspace.definitions.resolve(schema["$ref"], place)
        except UnresolvedReference:
            return _MISSING
        parsed = workspace.parsed.get(target.place)
        if parsed is None or isinstance(parsed.type, ModelRef | EnumRef):
            return _MISSING
        schema, place = target.schema, target.place
    return schema.get(key, _MISSING) if isinstance(schema, dict) else _MISSING
