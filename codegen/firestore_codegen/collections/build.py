"""Collections: the model, the place and the id of documents, and what Firestore is told about their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firestore_codegen.collections.check_paths import path_problems, same_paths
from firestore_codegen.collections.lookup import Lookup
from firestore_codegen.collections.queries import build_queries
from firestore_codegen.collections.vectors import build_vectors
from firestore_codegen.errors import Place, Problem, suggestion
from firestore_codegen.ir import Collection, DocumentId, Enum, Field, FieldPath, Model, Scalar, ScalarKind, without_null
from firestore_codegen.names import class_name
from firestore_codegen.read.sources import COLLECTIONS, CONFIG_FILE, JsonObject
from firestore_codegen.schema.normalize import NormalizedSchema


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
    return tuple(found)


def _build_collection(
    schema: NormalizedSchema, known: _Known, name: str, config: JsonObject, place: Place, problems: list[Problem]
) -> Collection | None:
    problems += path_problems(config["path"], place / "path")
    model = known.models.get(config["model"])
    if model is None:
        _report_model(schema, known, config["model"], place / "model", problems)
        return None
    unindexed = _unindexed(schema, config["path"])
    lookup = Lookup(model, known.models, known.enums, schema.unread, unindexed, problems)
    document_id = _document_id(lookup, config.get("document_id", {}), place / "document_id")
    queries = build_queries(lookup, config.get("queries", {}), document_id, place / "queries")
    return Collection(
        name=name,
        class_name=f"{class_name(name)}Collection",
        description=config.get("description", ""),
        model=model,
        path=tuple(config["path"].split("/")),
        document_id=document_id,
        omit_nulls=config.get("nulls") == "omit",
        vectors=build_vectors(lookup, config.get("vectors", {}), document_id, place / "vectors"),
        queries=queries,
        time_to_live=_time_to_live(lookup, config, place / "time_to_live"),
        unindexed=_unindexed_paths(lookup, config.get("unindexed", ()), place / "unindexed"),
    )


def _unindexed(schema: NormalizedSchema, path: str) -> frozenset[str]:
    """The fields without indexes in collections of this path's id: wherever these are, they share their indexes."""
    collection_id = path.rpartition("/")[2]
    same = (config for config in schema.collections.values() if config["path"].rpartition("/")[2] == collection_id)
    return frozenset(text for config in same for text in config.get("unindexed", ()))


def _report_model(schema: NormalizedSchema, known: _Known, name: str, place: Place, problems: list[Problem]) -> None:
    """Say why there is no model of this name, unless that is said already."""
    if name in known.enums:
        problems.append(place.problem(f"`{name}` is an enumeration, not a model"))
    elif name in schema.others and name not in schema.unread:
        problems.append(
            place.problem(f"`{name}` is not an object with properties", "give it some, or choose another model")
        )
    elif name not in schema.unread and schema.complete:
        hint = suggestion(name, known.models)
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


def _time_to_live(lookup: Lookup, config: JsonObject, place: Place) -> Field | None:
    field = lookup.field(config["time_to_live"], place) if "time_to_live" in config else None
    if field is not None and without_null(field.type) != Scalar(ScalarKind.TIMESTAMP):
        lookup.report(place, f"`{field.key}` is not a date-time", "documents expire at a time")
    return field


def _unindexed_paths(lookup: Lookup, texts: Sequence[str], place: Place) -> tuple[FieldPath, ...]:
    paths = [lookup.path(text, place / at) for at, text in enumerate(texts)]
    return tuple(path for path in paths if path is not None)
