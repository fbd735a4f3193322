"""The package of a schema: collections, ids, paths and queries as the templates see them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from firestore_codegen.build import build
from firestore_codegen.ir import (
    Collection,
    Condition,
    DocumentId,
    FieldPath,
    FixedValue,
    Nullable,
    Order,
    Package,
    Parameter,
    Query,
    Scalar,
    ScalarKind,
    Vector,
)
from firestore_codegen.read.sources import load_sources
from firestore_codegen.schema.normalize import normalize
from tests.codegen.schemas import MEMORY, TEXT, model, write_schema

STRING = Scalar(ScalarKind.STRING)


def build_package(directory: Path, definitions: dict[str, Any], **config: Any) -> Package:
    return build(normalize(load_sources(write_schema(directory, definitions, **config))))


def build_collection(directory: Path, config: dict[str, Any]) -> Collection:
    definitions = {"Book": model("isbn", isbn=TEXT, title=TEXT, pages={"type": "integer"})}
    collection = {"model": "Book", "path": "books"} | config
    (found,) = build_package(directory, definitions, collections={"my_books": collection}).collections
    return found


def test_a_package_has_defaults(tmp_path: Path) -> None:
    package = build_package(tmp_path, {"A": model(x=TEXT)})
    assert (package.name, package.client, package.env_prefix) == ("example", "ExampleClient", "EXAMPLE_")
    assert (package.naive_datetimes, package.description, package.collections) == ("error", "", ())


def test_a_collection_has_defaults(tmp_path: Path) -> None:
    collection = build_collection(tmp_path, {})
    assert (collection.name, collection.class_name, collection.model.name) == ("my_books", "MyBooksCollection", "Book")
    assert collection.document_id == DocumentId(None, generate=False, stored=False)
    assert (collection.path, collection.parameters, collection.omit_nulls) == (("books",), (), False)
    assert collection.queries == ()


def test_a_collection_has_what_is_configured(tmp_path: Path) -> None:
    settings = {
        "description": "Mine.",
        "path": "shelves/{shelf}/rows/{row}/books",
        "document_id": {"field": "isbn", "stored": True},
        "nulls": "omit",
    }
    collection = build_collection(tmp_path, settings)
    assert collection.description == "Mine."
    assert collection.path == ("shelves", "{shelf}", "rows", "{row}", "books")
    assert collection.parameters == ("shelf", "row")
    assert collection.document_id == DocumentId(collection.model.fields[0], generate=False, stored=True)
    assert collection.omit_nulls


def test_a_query_has_conditions_orders_and_a_limit(tmp_path: Path) -> None:
    query = {
        "description": "Long books.",
        "where": [
            {"field": "title", "op": "==", "param": "title", "optional": True},
            {"field": "pages", "op": ">", "value": 500},
            {"field": "title", "op": "!=", "value": None},
        ],
        "order_by": [{"field": "pages"}, {"field": "title", "direction": "desc"}],
        "limit": 3,
    }
    collection = build_collection(tmp_path, {"queries": {"long": query}})
    _, title, pages = collection.model.fields
    assert collection.queries == (
        Query(
            "long",
            "Long books.",
            (
                Condition(FieldPath(title), "==", Parameter("title", STRING, optional=True)),
                Condition(FieldPath(pages), ">", FixedValue(500, Nullable(Scalar(ScalarKind.INTEGER)))),
                Condition(FieldPath(title), "!=", FixedValue(None, Nullable(STRING))),
            ),
            (Order(FieldPath(pages), "asc"), Order(FieldPath(title), "desc")),
            3,
        ),
    )


def test_one_parameter_may_be_used_twice(tmp_path: Path) -> None:
    between = [{"field": "pages", "op": op, "param": "pages"} for op in (">=", "<=")]
    (query,) = build_collection(tmp_path, {"queries": {"exactly": {"where": between}}}).queries
    assert len({condition.operand for condition in query.where}) == 1


def test_the_same_input_gives_an_equal_package(tmp_path: Path) -> None:
    assert build(normalize(load_sources(MEMORY))) == build(normalize(load_sources(MEMORY)))


def test_the_memory_schema() -> None:
    package = build(normalize(load_sources(MEMORY)))
    assert {"/".join(collection.path) for collection in package.collections} == {
        "memories",
        "records",
        "agent_events",
        "personas",
        "sessions",
        "sessions/{session_id}/turns",
    }
    fields = {model.name: {field.key: field for field in model.fields} for model in package.models}
    assert fields["MemoryItem"]["embedding"].type == Nullable(Vector(768, any_dimension=True))
    assert not fields["MemoryItem"]["id"].required
    assert fields["MemoryRecord"]["record_id"].required
    assert fields["SessionTurn"]["created_at"].server_timestamp == "create"
    assert all(model.description for model in package.models)
    assert all(field.description for model in package.models for field in model.fields)
