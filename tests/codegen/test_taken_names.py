"""Names that collections and queries may not take: those of the classes that they would be put into."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import firestore_memory
from firestore_codegen.build import build
from firestore_codegen.collections.runtime_names import client_names, collection_names, public_names
from firestore_codegen.errors import Problems
from firestore_codegen.ir import Package
from firestore_codegen.names import TYPE_NAMES
from firestore_codegen.pipeline import generate_files
from firestore_codegen.read.sources import load_sources
from firestore_codegen.schema.normalize import normalize
from firestore_memory import AsyncMemoryClient, AsyncMemoryItemsCollection, MemoryClient, MemoryItemsCollection
from tests.codegen.schemas import MEMORY, TEXT, model, write_schema

CLIENT = Path(firestore_memory.__file__).parent / "_sync" / "client.py"


@pytest.fixture(scope="module")
def memory() -> Package:
    return build(normalize(load_sources(MEMORY)))


def _public(owner: object) -> set[str]:
    return {name for name in dir(owner) if not name.startswith("_")}


def test_the_names_of_clients_are_those_of_the_class(memory: Package) -> None:
    collections = {collection.name for collection in memory.collections}
    with MemoryClient.connect("memory:") as client:
        assert _public(client) - collections == public_names("client", "Client")
    assert _public(AsyncMemoryClient) - collections <= client_names()


def test_what_the_body_of_a_client_refers_to_is_taken(memory: Package) -> None:
    [class_] = [node for node in ast.parse(CLIENT.read_text()).body if isinstance(node, ast.ClassDef)]
    outside = [
        part for node in class_.body for part in (node.decorator_list if isinstance(node, ast.FunctionDef) else [node])
    ]
    used = {name.id for part in outside for name in ast.walk(part) if isinstance(name, ast.Name)}

    assert {name for name in used if not name.startswith("_")} <= client_names()


@pytest.mark.parametrize("kind", [MemoryItemsCollection, AsyncMemoryItemsCollection])
def test_the_names_of_collections_are_those_of_the_class(memory: Package, kind: type) -> None:
    queries = {query.name for collection in memory.collections for query in collection.queries}

    assert _public(kind) - queries == collection_names() - (TYPE_NAMES - public_names("collection", "Collection"))


@pytest.mark.parametrize("name", sorted(collection_names()))
def test_a_query_of_a_taken_name_is_a_problem(name: str, tmp_path: Path) -> None:
    queries = {name: {"where": [{"field": "title", "op": "==", "param": "title"}]}}
    books = {"model": "Book", "path": "books", "queries": queries}

    problem = _only_problem(write_schema(tmp_path, {"Book": model(title=TEXT)}, collections={"books": books}))
    assert problem == (f"/collections/books/queries/{name}", f"`{name}` cannot be the name of a query", True)


@pytest.mark.parametrize("name", sorted(client_names()))
def test_a_collection_of_a_taken_name_is_a_problem(name: str, tmp_path: Path) -> None:
    books = {name: {"model": "Book", "path": "books"}}

    problem = _only_problem(write_schema(tmp_path, {"Book": model(title=TEXT)}, collections=books))
    assert problem == (f"/collections/{name}", f"`{name}` cannot be the attribute of a collection", True)


def _only_problem(schema: Path) -> tuple[str, str, bool]:
    """The place and message of the only problem, and whether it has a hint."""
    with pytest.raises(Problems) as caught:
        generate_files(schema)
    [problem] = caught.value.problems
    return problem.pointer, problem.message, bool(problem.hint)


def test_reading_them_loads_no_other_library() -> None:
    code = (
        "import sys; from firestore_codegen.collections.runtime_names import client_names, collection_names;"
        "client_names(), collection_names(); print({'google', 'grpc', 'pydantic'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert result.stdout == "set()\n"
