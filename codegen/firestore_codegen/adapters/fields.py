"""Which field of a model is bound to which field of an adapter, and whether its type lets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from firestore_codegen.adapters.kinds import CollectionRole, FieldRole
from firestore_codegen.collections.lookup import Lookup
from firestore_codegen.errors import Place, suggestion
from firestore_codegen.ir import AnyValue, Collection, Field, Map, Nullable, Scalar, ScalarKind, Vector, without_null

_TEXTS = {
    "id": "the document's id, which is the collection's `document_id.field`",
    "string": "a string",
    "timestamp": "a date-time that the server does not set",
    "vector": "a vector",
    "map": "an object of any values",
    "any": "a field without a type",
}


def build_fields(
    lookup: Lookup, role: CollectionRole, collection: Collection, config: Mapping[str, str], place: Place
) -> tuple[tuple[str, Field], ...]:
    """Return the model's fields by what the adapter calls them; what is wrong goes to the lookup's problems."""
    missing = [name for name, wanted in role.fields.items() if name not in config and not wanted.optional]
    for name in missing:
        lookup.report(place, f"no field is bound to `{name}`", f"bind {_describe(role.fields[name])}")
    for name in config:
        if name not in role.fields:
            lookup.report(place / name, f"the adapter has no field `{name}`", suggestion(name, role.fields))
    named = {name: lookup.field(key, place / name) for name, key in config.items() if name in role.fields}
    bound = {name: field for name, field in named.items() if field is not None}
    for name, field in bound.items():
        if not _fits(field, role.fields[name], collection):
            message = f"`{field.key}` does not fit `{name}`"
            lookup.report(place / name, message, f"bind {_describe(role.fields[name])}")
    _check_each_once(lookup, bound, place)
    if not missing and len(bound) == len(config):
        _check_required(lookup, bound, place)
    return tuple(bound.items())


def _check_each_once(lookup: Lookup, bound: Mapping[str, Field], place: Place) -> None:
    owners: dict[str, str] = {}
    for name, field in bound.items():
        owner = owners.setdefault(field.key, name)
        if owner != name:
            lookup.report(place / name, f"`{field.key}` is bound to `{owner}` already", "give each a field of its own")


def _check_required(lookup: Lookup, bound: Mapping[str, Field], place: Place) -> None:
    """Report the other fields without which the adapter could not make a model."""
    for field in lookup.model.fields:
        if field.required and field not in bound.values():
            message = f"`{lookup.model.name}` requires `{field.key}`, which the adapter knows nothing of"
            lookup.report(place, message, "give it a default")


def _fits(field: Field, role: FieldRole, collection: Collection) -> bool:
    type_ = without_null(field.type)
    if role.type == "any":
        return type_ == AnyValue()
    if isinstance(field.type, Nullable) != role.nullable or field.server_timestamp is not None:
        return False
    match role.type:
        case "id":
            return field == collection.document_id.field
        case "string":
            return type_ == Scalar(ScalarKind.STRING)
        case "timestamp":
            return type_ == Scalar(ScalarKind.TIMESTAMP)
        case "vector":
            return isinstance(type_, Vector)
        case "map":
            return type_ == Map(AnyValue())
        case _:
            assert_never(role.type)


def _describe(role: FieldRole) -> str:
    if role.type in ("id", "any"):
        return _TEXTS[role.type]
    return _TEXTS[role.type] + (", or null" if role.nullable else " that is never null")
