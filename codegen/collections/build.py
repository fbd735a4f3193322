"""Collections: the model, the place and the id of documents, and what Firestore is told about their fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codegen.collections.check_paths import path_problems, same_paths
from codegen.collections.lookup import Lookup
from codegen.collections.queries import build_queries
from codegen.errors import Place, Problem, did_you_mean
from codegen.ir import Collection, DocumentId, Enum, Field, Model, Nullable, Scalar, ScalarKind
from codegen.names import class_name
from codegen.normalize import NormalizedSchema
from codegen.sources import COLLECTIONS, CONFIG_FILE, JsonObject


@dataclass(frozen=True, slots=True)
class _Known:
    """Classes by name."""

    models: Mapping[str, Model]
    enums: Mapping[str, Enum]


def build_collections(schema: NormalizedSchema, problems: list[Problem]) -> tuple[Collection, ...]:
    """Return the collections, after adding what is wrong with them to the problems."""
    known = _Known({model.name: model for model in schema.models}, {enum.name: enum for enum in schema.enums})
    place = Place(CONFIG_FILE) / COLLECTIONS
    built = [
        _build_collection(schema, known, name, config, place / name, problems)
        for name, config in schema.collections.items()
    ]
    found = [collection for collection in built if collection is not None]
    problems += same_paths({collection.name: collection.path for collection in found})
    for at_adapter, adapter in enumerate(_adapters(schema.config)):
        problems.append(
            (Place(CONFIG_FILE) / "adapters" / at_adapter / "kind").problem(f"there is no adapter of kind `{adapter}`")
        )
    return tuple(found)


def _adapters(config: JsonObject) -> list[Any]:
    adapters = config.get("adapters")
    return (
        [adapter.get("kind") for adapter in adapters if isinstance(adapter, dict)] if isinstance(adapters, list) else []
    )


def _build_collection(
    schema: NormalizedSchema, known: _Known, name: str, config: JsonObject, place: Place, problems: list[Problem]
) -> Collection | None:
    problems += path_problems(config["path"], place / "path")
    model = known.models.get(config["model"])
    if model is None:
        _report_model(schema, known, config["model"], place / "model", problems)
        return None
    lookup = Lookup(model, known.enums, schema.unread, config.get("unindexed", ()), problems)
    document_id = _document_id(lookup, config.get("document_id", {}), place / "document_id")
    _check_settings(lookup, config, place)
    queries = build_queries(lookup, config.get("queries", {}), document_id, place / "queries")
    return Collection(
        name=name,
        class_name=f"{class_name(name)}Collection",
        description=config.get("description", ""),
        model=model,
        path=tuple(config["path"].split("/")),
        document_id=document_id,
        omit_nulls=config.get("nulls") == "omit",
        queries=queries,
    )


def _report_model(schema: NormalizedSchema, known: _Known, name: str, place: Place, problems: list[Problem]) -> None:
    """Say why there is no model of this name, unless that is said already."""
    if name in known.enums:
        problems.append(place.problem(f"`{name}` is an enumeration, not a model"))
    elif name in schema.others and name not in schema.unread:
        problems.append(
            place.problem(f"`{name}` is not an object with properties", "give it some, or choose another model")
        )
    elif name not in schema.unread and schema.complete:
        hint = did_you_mean(name, known.models) or f"known: {', '.join(known.models)}"
        problems.append(place.problem(f"there is no model `{name}`", hint))


def _document_id(lookup: Lookup, config: JsonObject, place: Place) -> DocumentId:
    field: Field | None = None
    if "field" in config:
        field = lookup.field(config["field"], place / "field")
        if field is not None and not _is_text(field):
            hint = "give it `type: string`, and make it required unless ids are generated"
            lookup.report(
                place / "field", f"a document's id is a string, and `{field.key}` may be something else", hint
            )
            field = None
    elif "stored" in config:
        lookup.report(place / "stored", "there is no field that could be stored", "name it by `field`")
    return DocumentId(field, config.get("generate") == "auto", config.get("stored", False))


def _is_text(field: Field) -> bool:
    return field.type == Scalar(ScalarKind.STRING)


def _check_settings(lookup: Lookup, config: JsonObject, place: Place) -> None:
    if "time_to_live" in config:
        field = lookup.field(config["time_to_live"], place / "time_to_live")
        if field is not None and _without_null(field) != Scalar(ScalarKind.TIMESTAMP):
            lookup.report(place / "time_to_live", f"`{field.key}` is not a date-time", "documents expire at a time")
    for at, key in enumerate(config.get("unindexed", ())):
        lookup.field(key, place / "unindexed" / at)
    for key, settings in config.get("vectors", {}).items():
        at_vector = place / "vectors" / key
        lookup.field(key, at_vector)
        if "filters" in settings:
            lookup.report(at_vector / "filters", "filters of vectors are not supported yet", "leave them out")


def _without_null(field: Field) -> object:
    return field.type.type if isinstance(field.type, Nullable) else field.type
