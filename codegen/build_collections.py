"""Collections: the model, the place and the id of documents, and what Firestore is told about their fields."""

from __future__ import annotations

from typing import Any

from codegen.build_queries import build_queries
from codegen.check_paths import path_problems, same_paths
from codegen.errors import Place, Problem, did_you_mean
from codegen.ir import Collection, DocumentId, Field, Model, Nullable, Scalar, ScalarKind, Vector
from codegen.lookup import Lookup
from codegen.names import class_name
from codegen.normalize import NormalizedSchema
from codegen.sources import CONFIG_FILE, JsonObject


def build_collections(schema: NormalizedSchema, problems: list[Problem]) -> tuple[Collection, ...]:
    """Return the collections that are sound, after adding what is wrong with the others to the problems.

    What breaks the contract of collections.json is reported already and passed over here.
    """
    broken = {problem.pointer for problem in problems if problem.file == CONFIG_FILE}
    listed = schema.config.get("collections")
    place = Place(CONFIG_FILE) / "collections"
    found: list[Collection] = []
    for name, config in listed.items() if isinstance(listed, dict) else ():
        at = place / name
        if any(pointer == at.pointer or pointer.startswith(f"{at.pointer}/") for pointer in broken):
            continue
        collection = _build_collection(schema, name, config, at, problems)
        if collection is not None:
            found.append(collection)
    problems += same_paths({collection.name: collection.path for collection in found})
    for at_adapter, adapter in enumerate(_adapters(schema.config)):
        problems.append((Place(CONFIG_FILE) / "adapters" / at_adapter / "kind").problem(f"there is no adapter of kind `{adapter}`"))
    return tuple(found)


def _adapters(config: JsonObject) -> list[Any]:
    adapters = config.get("adapters")
    return [adapter.get("kind") for adapter in adapters if isinstance(adapter, dict)] if isinstance(adapters, list) else []


def _build_collection(
    schema: NormalizedSchema, name: str, config: JsonObject, place: Place, problems: list[Problem]
) -> Collection | None:
    wrong = path_problems(config["path"], place / "path")
    problems += wrong
    model = next((model for model in schema.models if model.name == config["model"]), None)
    if model is None:
        _report_model(schema, config["model"], place / "model", problems)
        return None
    lookup = Lookup(model, {enum.name: enum for enum in schema.enums}, config.get("unindexed", ()), problems)
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


def _report_model(schema: NormalizedSchema, name: str, place: Place, problems: list[Problem]) -> None:
    if name in schema.places:
        is_enum = any(enum.name == name for enum in schema.enums)
        if is_enum:
            problems.append(place.problem(f"`{name}` is an enumeration, not a model"))
    elif schema.complete:
        models = [model.name for model in schema.models]
        problems.append(place.problem(f"there is no model `{name}`", did_you_mean(name, models) or f"known: {', '.join(models)}"))


def _document_id(lookup: Lookup, config: JsonObject, place: Place) -> DocumentId:
    field: Field | None = None
    if "field" in config:
        field = lookup.field(config["field"], place / "field")
        if field is not None and not _is_text(field):
            lookup.report(place / "field", f"a document's id is a string, and `{field.key}` is not")
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
