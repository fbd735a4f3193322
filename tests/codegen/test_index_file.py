"""The files of indexes that are deployed: what the Firebase CLI takes, and all that the declared queries need."""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from firestore_codegen import ir
from firestore_codegen.adapters.indexes import adapter_shapes
from firestore_codegen.build import build
from firestore_codegen.indexes.index_file import IndexFile, collection_shapes, index_file, query_shapes
from firestore_codegen.pipeline import generate_files
from firestore_codegen.read.sources import load_sources
from firestore_codegen.schema.normalize import normalize
from firestore_runtime.index import Index, IndexField
from firestore_runtime.indexes.rules import missing_index
from tests.codegen.schemas import MEMORY, MOMENT, TEXT, model, write_schema

# What `firebase deploy --only firestore:indexes` checks (firebase-tools, src/firestore/api.ts, validateSpec), and that
# nothing is there but what it reads.
ORDER = {"enum": ["ASCENDING", "DESCENDING"]}
SCOPE = {"enum": ["COLLECTION", "COLLECTION_GROUP"]}
CONTAINS = {"const": "CONTAINS"}
VECTOR = {
    "type": "object",
    "required": ["dimension", "flat"],
    "properties": {"dimension": {"type": "number", "minimum": 1, "maximum": 2048}, "flat": {"const": {}}},
    "additionalProperties": False,
}
FIREBASE_CLI: dict[str, Any] = {
    "type": "object",
    "required": ["indexes"],
    "additionalProperties": False,
    "properties": {
        "indexes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["collectionGroup", "queryScope", "fields"],
                "additionalProperties": False,
                "properties": {
                    "collectionGroup": {"type": "string", "minLength": 1},
                    "queryScope": SCOPE,
                    "fields": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 100,
                        "items": {
                            "type": "object",
                            "required": ["fieldPath"],
                            "oneOf": [{"required": [key]} for key in ("order", "arrayConfig", "vectorConfig")],
                            "additionalProperties": False,
                            "properties": {
                                "fieldPath": {"type": "string", "minLength": 1},
                                "order": ORDER,
                                "arrayConfig": CONTAINS,
                                "vectorConfig": VECTOR,
                            },
                        },
                    },
                },
            },
        },
        "fieldOverrides": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["collectionGroup", "fieldPath", "indexes"],
                "additionalProperties": False,
                "properties": {
                    "collectionGroup": {"type": "string", "minLength": 1},
                    "fieldPath": {"type": "string", "minLength": 1},
                    "ttl": {"type": "boolean"},
                    "indexes": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "oneOf": [{"required": ["order"]}, {"required": ["arrayConfig"]}],
                            "additionalProperties": False,
                            "properties": {"order": ORDER, "arrayConfig": CONTAINS, "queryScope": SCOPE},
                        },
                    },
                },
            },
        },
    },
}
AUTOMATIC = [
    {"order": "ASCENDING", "queryScope": "COLLECTION"},
    {"order": "DESCENDING", "queryScope": "COLLECTION"},
    {"arrayConfig": "CONTAINS", "queryScope": "COLLECTION"},
]
BOOK = model(
    "title",
    title=TEXT,
    author=TEXT,
    shelf=TEXT,
    tags={"type": "array", "items": TEXT},
    added=MOMENT,
    pages={"type": "integer"},
    extra={"type": "object"},
    **{"pen-name ${x}": TEXT},
    face={"x-firestore": {"type": "vector", "dimension": 3}},
)
QUERIES: dict[str, Any] = {
    "by_author": {
        "where": [
            {"field": "author", "op": "==", "param": "author", "optional": True},
            {"field": "shelf", "op": "in", "param": "shelves", "optional": True},
            {"field": "tags", "op": "array-contains-any", "param": "tags", "optional": True},
            {"field": "added", "op": ">=", "param": "since", "optional": True},
        ],
        "order_by": [{"field": "added", "direction": "desc"}],
    },
    "sourced": {
        "where": [
            {"field": "extra.source", "op": "==", "param": "source"},
            {"field": "pen-name ${x}", "op": "!=", "value": ""},
        ]
    },
}


def memory() -> ir.Package:
    return build(normalize(load_sources(MEMORY)))


def books(directory: Path, *more: dict[str, Any], **collection: Any) -> Path:
    """Write a schema with a collection of books, and others of the same model."""
    first = {"model": "Book", "path": "books", "queries": QUERIES} | collection
    others = {f"others{at}": {"model": "Book"} | config for at, config in enumerate(more)}
    return write_schema(directory, {"Book": BOOK}, collections={"books": first} | others)


def file_of(directory: Path) -> IndexFile:
    return index_file(build(normalize(load_sources(directory))))


OLDER = {
    "memory_items": [
        "item_type, user_id, timestamp desc",
        "persona_active, user_id, embedding",
        "persona_active, user_id, embedding vector",
        "persona_active, user_id, timestamp desc",
        "session_id, user_id, timestamp desc",
        "user_id, embedding",
        "user_id, embedding vector",
        "user_id, timestamp desc",
    ],
    "memory_records": [
        "context, embedding",
        "context, embedding vector",
        "context, metadata.session_id, timestamp desc",
        "context, persona, embedding",
        "context, persona, embedding vector",
        "context, persona, timestamp desc",
        "context, timestamp",
        "context, timestamp desc",
        "persona, timestamp",
    ],
    "agent_data": [],
}
"""The indexes of the collections of older managers. Several equalities with an order are served by merging these."""


def texts(found: IndexFile) -> list[str]:
    """Return the composite indexes of books in short."""
    words = {"ASCENDING": "", "DESCENDING": " desc", "CONTAINS": " contains", "VECTOR": " vector"}
    return [", ".join(f"{field.path}{words[field.kind]}" for field in index.fields) for index in found.indexes]


@pytest.mark.parametrize("schema", ["memory", "books"])
def test_the_firebase_cli_takes_it(schema: str, tmp_path: Path) -> None:
    directory = MEMORY if schema == "memory" else books(tmp_path, time_to_live="added", unindexed=["title"])
    text = generate_files(directory).files["firestore.indexes.json"]
    found = json.loads(text)
    assert [error.message for error in Draft202012Validator(FIREBASE_CLI).iter_errors(found)] == []
    assert found["indexes"]
    assert found["fieldOverrides"]
    assert text.startswith('{\n  "indexes": [\n    {\n      "collectionGroup": ')
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ({"indexes": [{"collectionGroup": "a", "fields": []}]}, "queryScope"),
        ({"indexes": [{"collectionGroup": "a", "queryScope": "ALL", "fields": [{"fieldPath": "a"}]}]}, "ALL"),
        ({"indexes": [], "fieldOverrides": [{"collectionGroup": "a", "fieldPath": "b"}]}, "indexes"),
    ],
)
def test_what_the_firebase_cli_refuses_is_refused_here(damage: Any, why: str) -> None:
    assert any(why in error.message for error in Draft202012Validator(FIREBASE_CLI).iter_errors(damage))


def test_the_memory_schema() -> None:
    found = index_file(memory())
    memories = [index for index in found.indexes if index.collection_id == "memories"]
    assert texts(IndexFile(tuple(memories), ())) == [
        "embedding vector",
        "item_type, user_id, timestamp desc",
        "persona_active, user_id, embedding",
        "persona_active, user_id, embedding vector",
        "persona_active, user_id, timestamp desc",
        "session_id, user_id, timestamp desc",
        "user_id, embedding",
        "user_id, embedding vector",
        "user_id, timestamp desc",
    ]
    assert len(set(found.indexes)) == len(found.indexes)


def test_what_older_memories_are_looked_for_by() -> None:
    """What compares with `==` alone, or by when a document expires, is served without a composite index."""
    found = index_file(memory()).indexes
    older = {name: [index for index in found if index.collection_id == name] for name in OLDER}
    assert {name: texts(IndexFile(tuple(indexes), ())) for name, indexes in older.items()} == OLDER


def test_every_declared_query_is_served_in_every_combination() -> None:
    package = memory()
    indexes = index_file(package).indexes
    shapes = [shape for collection in package.collections for shape in collection_shapes(collection)]
    shapes += [shape for adapter in package.adapters for shape in adapter_shapes(adapter)]
    assert [shape for shape in shapes if missing_index(shape, indexes)] == []
    for spared in indexes:
        others = [index for index in indexes if index != spared]
        assert any(missing_index(shape, others) for shape in shapes), f"{spared} is needed for nothing"


def test_each_combination_of_optional_parameters_is_a_shape(tmp_path: Path) -> None:
    (collection,) = build(normalize(load_sources(books(tmp_path)))).collections
    shapes = list(query_shapes(collection, collection.queries[0]))
    given = {(bool(s.equalities), bool(s.choices), bool(s.contains), bool(s.inequalities)) for s in shapes}
    assert len(shapes) == 16
    assert given == set(product([False, True], repeat=4))
    assert {shape.orders for shape in shapes} == {(("added", "DESCENDING"),)}


def test_a_parameter_that_is_used_twice_is_given_or_not_as_one(tmp_path: Path) -> None:
    where = [{"field": field, "op": "==", "param": "name", "optional": True} for field in ("title", "author")]
    directory = books(tmp_path, queries={"named": {"where": where, "order_by": [{"field": "added"}]}})
    assert texts(file_of(directory)) == ["author, title, added", "face vector"]


def test_optional_parameters_merge(tmp_path: Path) -> None:
    assert texts(file_of(books(tmp_path))) == [
        "author, added desc",
        "extra.source, `pen-name ${x}`",
        "face vector",
        "shelf, added desc",
        "tags contains, added desc",
    ]


def test_settings_of_fields(tmp_path: Path) -> None:
    unindexed = ["title", "extra.note"]
    found = file_of(books(tmp_path, time_to_live="added", unindexed=unindexed, queries={})).as_json()
    assert found["fieldOverrides"] == [
        {"collectionGroup": "books", "fieldPath": "added", "indexes": AUTOMATIC, "ttl": True},
        {"collectionGroup": "books", "fieldPath": "extra.note", "indexes": []},
        {"collectionGroup": "books", "fieldPath": "title", "indexes": []},
    ]


def test_a_field_that_expires_and_is_unindexed(tmp_path: Path) -> None:
    found = file_of(books(tmp_path, time_to_live="added", unindexed=["added"], queries={})).as_json()
    assert found["fieldOverrides"] == [{"collectionGroup": "books", "fieldPath": "added", "indexes": [], "ttl": True}]


def test_collections_of_one_id_share_indexes_and_settings(tmp_path: Path) -> None:
    other = {"path": "shelves/{shelf}/books", "queries": QUERIES, "time_to_live": "added", "unindexed": ["title"]}
    shared = file_of(books(tmp_path / "shared", other, unindexed=["extra.note"]))
    alone = file_of(books(tmp_path / "alone"))
    assert shared.indexes == alone.indexes
    assert [setting.path for setting in shared.fields] == ["added", "extra.note", "title"]


def test_a_vector_that_is_unindexed_has_no_index(tmp_path: Path) -> None:
    assert texts(file_of(books(tmp_path, queries={}, unindexed=["face"]))) == []


def test_filters_of_vectors(tmp_path: Path) -> None:
    filters = [["title"], ["title", "extra.source"], ["extra.source", "title"]]
    found = file_of(books(tmp_path, queries={}, vectors={"face": {"filters": filters}}))
    assert texts(found) == ["extra.source, title, face vector", "face vector", "title, face vector"]


def test_a_package_without_queries_has_empty_files(tmp_path: Path) -> None:
    files = generate_files(write_schema(tmp_path, {"A": model(x=TEXT)})).files
    assert json.loads(files["firestore.indexes.json"]) == {"indexes": [], "fieldOverrides": []}
    assert "resource" not in files["firestore.indexes.tf"]


def test_terraform_has_the_same(tmp_path: Path) -> None:
    directory = books(tmp_path, time_to_live="added", unindexed=["title"])
    text, found = generate_files(directory).files["firestore.indexes.tf"], file_of(directory)
    assert text.count('resource "google_firestore_index"') == len(found.indexes)
    assert text.count('resource "google_firestore_field"') == len(found.fields)
    paths = re.findall(r"    field_path +=", text)
    assert len(paths) == sum(len(index.fields) for index in found.indexes)
    assert text.count("{") - text.count("${") == text.count("}") - text.count("${"), "blocks are closed"
    assert 'field_path = "`pen-name $${x}`"' in text, "nothing of a schema is an expression"
    assert "  ttl_config {}\n\n  index_config {\n" in text
    assert "  index_config {}\n" in text
    assert "    vector_config {\n      dimension = 3\n\n      flat {}\n    }\n" in text


def test_names_in_terraform_are_names_and_unique() -> None:
    paths = ("a", "a.b", "a-b", "`1 x`", "a_2")
    indexes = [Index(collection, (IndexField(path), IndexField("t"))) for collection in ("c", "7") for path in paths]
    names = [name for name, _ in IndexFile((*indexes, indexes[0], indexes[0]), ()).named_indexes()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) for name in names)
