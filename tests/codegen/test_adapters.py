"""Adapters: what is bound to what, every mistake in an entry, their indexes, and the templates' own data.

But for the last two, with kinds that nobody offers: the generator knows none.
"""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args

import pytest

from firestore_codegen.adapters.kinds import (
    AdapterQuery,
    CollectionRole,
    FieldRole,
    FieldType,
    Kind,
    KindGroup,
    adapter_files,
    kind_groups,
    kinds,
)
from firestore_codegen.adapters.views import adapter_views
from firestore_codegen.build import build
from firestore_codegen.emit.plan import plan
from firestore_codegen.errors import Problem, Problems
from firestore_codegen.indexes.index_file import index_file
from firestore_codegen.ir import Package
from firestore_codegen.read.sources import load_sources
from firestore_codegen.resources import template_dir
from firestore_codegen.schema.normalize import normalize
from tests.codegen.schemas import MEMORY, MOMENT, TEXT, model, write_schema

NULL_TEXT = {"type": ["string", "null"]}
BOOK = model(
    "isbn",
    "class",
    isbn=TEXT,
    **{"class": TEXT},
    note=NULL_TEXT,
    added=MOMENT | {"x-firestore": {"default": "now"}},
    due={"type": ["string", "null"], "format": "date-time"},
    saved=MOMENT | {"x-firestore": {"type": "server_timestamp", "on": "write"}},
    face={"type": ["array", "null"], "x-firestore": {"type": "vector", "dimension": 3}},
    extra={"type": "object", "default": {}},
    counts={"type": "object", "additionalProperties": {"type": "integer"}, "default": {}},
    what={},
    pages={"type": "integer", "default": 1},
    colour={"enum": ["red", "blue"], "default": "red"},
)
DEFINITIONS = {"Book": BOOK, "Shelf": model("name", name=TEXT)}
COLLECTIONS = {
    "shelves": {"model": "Shelf", "path": "shelves", "document_id": {"field": "name"}},
    "books": {"model": "Book", "path": "books", "document_id": {"field": "isbn", "stored": True}},
    "copies": {"model": "Book", "path": "shelves/{shelf}/copies", "unindexed": ["note", "extra"]},
}
FIELDS = {
    "id": "isbn",
    "items": "class",
    "remark": "note",
    "time": "added",
    "end": "due",
    "vector": "face",
    "more": "extra",
    "anything": "what",
}
READER = {"kind": "reader", "collections": {"items": {"collection": "books", "path": "old", "fields": FIELDS}}}
WRITER = {
    "kind": "writer",
    "collections": {
        "first": {"collection": "books", "path": "a/b/firsts", "fields": {"key": "isbn", "text": "class"}},
        "second": {"collection": "shelves", "path": "seconds", "fields": {"key": "name"}},
    },
}
FITTING = {
    "id": ["isbn"],
    "items": ["isbn", "class"],
    "remark": ["note"],
    "time": ["added"],
    "end": ["due"],
    "vector": ["face"],
    "more": ["extra"],
    "anything": ["what"],
}
"""The fields of a book that each field of the reader can be."""

READER_ROLE = CollectionRole(
    fields={
        "id": FieldRole("id"),
        "items": FieldRole("string"),
        "remark": FieldRole("string", nullable=True),
        "time": FieldRole("timestamp"),
        "end": FieldRole("timestamp", nullable=True),
        "vector": FieldRole("vector", nullable=True, optional=True),
        "more": FieldRole("map"),
        "anything": FieldRole("any"),
    },
    queries=(
        AdapterQuery(equal=("owner",), optional=("extra.kind",), inequalities=("at",), orders=(("at", "DESCENDING"),)),
        AdapterQuery(equal=("owner",), inequalities=("size",)),
        AdapterQuery(equal=("owner",), nearest="embedding", dimension_of="vector"),
    ),
)
WRITER_ROLES = {
    "first": CollectionRole({"key": FieldRole("id"), "text": FieldRole("string")}),
    "second": CollectionRole({"key": FieldRole("id"), "text": FieldRole("string", optional=True)}),
}
NOTE_ROLE = CollectionRole({"key": FieldRole("id")}, current_queries=(AdapterQuery(equal=("key",)),))
GROUPS = (
    KindGroup(
        name="library",
        templates=Path(),
        files=("_base.py.jinja", "base.py.jinja"),
        kinds=(
            Kind("reader", {"items": READER_ROLE}, ("reader.py.jinja",), has_older_documents=True, rolls_out=True),
            Kind("writer", WRITER_ROLES, ("writer.py.jinja", "_parts.py.jinja"), has_older_documents=True),
        ),
    ),
    KindGroup("alone", Path(), (Kind("alone", {}, ("alone.py.jinja",)),)),
    KindGroup("notes", Path(), (Kind("notes", {"notes": NOTE_ROLE}, ("notes.py.jinja",)),)),
)
NOTES: Any = {"kind": "notes", "collections": {"notes": {"collection": "shelves", "fields": {"key": "name"}}}}


@pytest.fixture
def own_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds of these tests in place of those that are installed."""
    monkeypatch.setattr("firestore_codegen.adapters.kinds.kind_groups", lambda: GROUPS)


def entries() -> list[Any]:
    """Entries in which everything is right."""
    return deepcopy([READER, WRITER])


def changed(path: str, value: Any) -> list[Any]:
    """The entries with one value replaced, by its pointer, or taken out if it is None."""
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split("/")]
    found = entries()
    target: Any = found
    for step in steps:
        target = target[step]
    if value is None:
        del target[last]
    elif last == len(found):
        found.append(value)
    else:
        target[last] = value
    return found


def package(directory: Path, adapters: list[Any], **config: Any) -> Package:
    """What a schema of books means, with these adapters."""
    settings = {"collections": COLLECTIONS, "adapters": adapters} | config
    written = write_schema(directory / "schema", DEFINITIONS, **settings)
    return build(normalize(load_sources(written)))


def problems(directory: Path, adapters: list[Any], **config: Any) -> list[Problem]:
    """What is wrong with it."""
    with pytest.raises(Problems) as caught:
        package(directory, adapters, **config)
    return list(caught.value.problems)


@pytest.mark.usefixtures("own_kinds")
def test_bindings(tmp_path: Path) -> None:
    views = adapter_views(package(tmp_path, entries()).adapters)
    reader, writer = views["reader"], views["writer"]
    books = reader.collections["items"]
    assert (reader.kind, books.name, books.model, books.path) == ("reader", "books", "Book", "old")
    assert (books.fields["items"].name, books.fields["items"].key) == ("class_", "class")
    assert (books.fields["vector"].dimension, books.fields["time"].dimension) == (3, 0)
    assert writer.collections["first"].path == "a/b/firsts"
    with pytest.raises(KeyError):
        writer.collections["second"].fields["text"]


@pytest.mark.usefixtures("own_kinds")
def test_files(tmp_path: Path) -> None:
    outputs = [output for output in plan(package(tmp_path, entries())) if output.path.startswith("adapters/")]
    given = {output.path: output.context.get("adapter") for output in outputs}
    assert [(output.path, output.template) for output in outputs] == [
        ("adapters/__init__.py", "adapters/__init__.py.jinja"),
        ("adapters/_base.py", "adapters/library/_base.py.jinja"),
        ("adapters/base.py", "adapters/library/base.py.jinja"),
        ("adapters/reader.py", "adapters/library/reader.py.jinja"),
        ("adapters/writer.py", "adapters/library/writer.py.jinja"),
        ("adapters/_parts.py", "adapters/library/_parts.py.jinja"),
    ]
    assert {path: getattr(adapter, "kind", None) for path, adapter in given.items()} == {
        "adapters/__init__.py": None,
        "adapters/_base.py": None,
        "adapters/base.py": None,
        "adapters/reader.py": "reader",
        "adapters/writer.py": "writer",
        "adapters/_parts.py": "writer",
    }


@pytest.mark.usefixtures("own_kinds")
def test_what_a_kind_says_of_older_documents(tmp_path: Path) -> None:
    assert package(tmp_path / "a", entries()).rolls_out
    without = package(tmp_path / "b", [NOTES])
    assert not without.rolls_out
    assert [bound.path for adapter in without.adapters for bound in adapter.collections] == [None]


@pytest.mark.usefixtures("own_kinds")
def test_a_package_without_adapters_has_nothing_of_them(tmp_path: Path) -> None:
    paths = [output.path for output in plan(package(tmp_path, []))]
    assert paths
    assert [path for path in paths if "adapters" in path] == []


@pytest.mark.usefixtures("own_kinds")
def test_indexes(tmp_path: Path) -> None:
    indexes = index_file(package(tmp_path, entries())).indexes
    assert [(index.collection_id, [(field.path, field.kind) for field in index.fields]) for index in indexes] == [
        ("books", [("face", "VECTOR")]),
        ("copies", [("face", "VECTOR")]),
        ("old", [("extra.kind", "ASCENDING"), ("owner", "ASCENDING"), ("at", "DESCENDING")]),
        ("old", [("owner", "ASCENDING"), ("at", "DESCENDING")]),
        ("old", [("owner", "ASCENDING"), ("embedding", "VECTOR")]),
        ("old", [("owner", "ASCENDING"), ("size", "ASCENDING")]),
    ]
    assert indexes[-2].fields[-1].dimension == 3


@pytest.mark.usefixtures("own_kinds")
def test_a_search_that_nothing_is_bound_for_has_no_index(tmp_path: Path) -> None:
    adapters = changed("0/collections/items/fields/vector", None)
    indexes = index_file(package(tmp_path, adapters)).indexes
    assert [index.fields[-1].kind for index in indexes if index.collection_id == "old"] == [
        "DESCENDING",
        "DESCENDING",
        "ASCENDING",
    ]


@pytest.mark.usefixtures("own_kinds")
@pytest.mark.parametrize(
    ("path", "value", "pointer", "message", "hint"),
    [
        ("0/kind", "Readr", "0/kind", "no adapter of kind `Readr`", "did you mean `reader`?"),
        ("0/kind", "zzz", "0/kind", "no adapter of kind `zzz`", "known: reader, writer, alone, notes"),
        ("2", READER, "2/kind", "an adapter of kind `reader` already", "leave one"),
        ("1", None, "0/kind", "`reader` comes together with `writer`", "add an adapter of each"),
        ("0", None, "0/kind", "`writer` comes together with `reader`", "add an adapter of each"),
        ("1/collections/first", None, "1/collections", "a role `first`, and nothing plays it", "which collection"),
        (
            "1/collections/frist",
            {"collection": "shelves", "path": "frists", "fields": {"key": "name"}},
            "1/collections/frist",
            "`writer` has no role `frist`",
            "did you mean `first`?",
        ),
        ("0/collections/items/collection", "boks", "+", "no collection `boks`", "did you mean `books`?"),
        ("0/collections/items/collection", "copies", "+", "`copies` has parameters", "another one"),
        ("0/collections/items/path", "old/x", "+", "the path of a document", "an odd number"),
        ("0/collections/items/path", "old//x", "+", "`` is not an id", "ids are"),
        ("0/collections/items/path", "namespaces", "+", "the namespaces of clients", "another"),
        ("0/collections/items/path", "old/{x}/y", "+", "has a parameter", "one collection"),
        ("0/collections/items/path", "books", "+", "`books` is stored there", "their own path"),
        ("0/collections/items/path", "shelves/1/copies", "+", "`copies` is stored there", "their own path"),
        ("0/collections/items/path", "more/1/copies", "+", "`extra`, which `copies` leaves unindexed", "out of"),
        ("0/collections/items/path", None, "0/collections/items", "`path` is missing", "where the older documents"),
        (
            "2",
            {"kind": "notes", "collections": {"notes": {**NOTES["collections"]["notes"], "path": "old"}}},
            "2/collections/notes/path",
            "`notes` knows no older documents",
            "take it out",
        ),
        ("1/collections/second/path", "a/b/firsts", "+", "`first` has the same path", "of its own"),
        ("0/collections/items/fields/items", "clas", "+", "`Book` has no field `clas`", "did you mean `class`?"),
        ("0/collections/items/fields/item", "note", "+", "no field `item`", "did you mean `items`?"),
        (
            "0/collections/items/fields/time",
            None,
            "0/collections/items/fields",
            "no field is bound to `time`",
            "bind a date-time",
        ),
        ("1/collections/second/fields/text", "name", "+", "`name` is bound to `key` already", "of its own"),
        (
            "1/collections/first/fields/text",
            None,
            "1/collections/first/fields",
            "no field is bound to `text`",
            "bind a string that is never null",
        ),
        (
            "1/collections/second",
            {"collection": "books", "path": "seconds", "fields": {"key": "isbn"}},
            "1/collections/second/fields",
            "requires `class`, which the adapter knows nothing of",
            "give it a default",
        ),
    ],
)
def test_problems(path: str, value: Any, pointer: str, message: str, hint: str, tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, changed(path, value))
    assert (problem.file, problem.pointer) == ("collections.json", f"/adapters/{path if pointer == '+' else pointer}")
    assert message in problem.message
    assert hint in problem.hint


@pytest.mark.usefixtures("own_kinds")
@pytest.mark.parametrize("name", FITTING)
@pytest.mark.parametrize("key", BOOK["properties"])
def test_types_of_fields(name: str, key: str, tmp_path: Path) -> None:
    """A field is bound in place of the one that was; that this leaves another one unbound is no matter here."""
    pointer = f"0/collections/items/fields/{name}"
    adapters = changed(pointer, key)
    try:
        package(tmp_path, adapters)
        found = []
    except Problems as error:
        found = [problem for problem in error.problems if "does not fit" in problem.message]
    expected = [] if key in FITTING[name] else [f"/adapters/{pointer}"]
    assert [problem.pointer for problem in found] == expected
    assert all(problem.hint.startswith("bind ") for problem in found)


@pytest.mark.usefixtures("own_kinds")
def test_problems_are_reported_together_and_once(tmp_path: Path) -> None:
    adapters = entries()
    adapters[0]["collections"]["items"] |= {"path": "old/x", "fields": FIELDS | {"end": "du", "time": "saved"}}
    adapters[1]["collections"] = {"first": {"collection": "broken", "path": "firsts", "fields": {"key": "isbn"}}}
    broken = {"broken": {"model": "Bok", "path": "broken"}}
    found = problems(tmp_path, [*adapters, {"kind": "reader"}], collections=COLLECTIONS | broken)
    assert [problem.pointer for problem in found] == [
        "/adapters/0/collections/items/fields/end",
        "/adapters/0/collections/items/fields/time",
        "/adapters/0/collections/items/path",
        "/adapters/1/collections",
        "/adapters/2",
        "/collections/broken/model",
    ]


@pytest.mark.usefixtures("own_kinds")
@pytest.mark.parametrize("adapters", [None, 5, "reader", [None], [5], [{}], [{"kind": 5, "collections": []}]])
def test_what_is_no_adapter(adapters: Any, tmp_path: Path) -> None:
    assert all(problem.pointer.startswith("/adapters") for problem in problems(tmp_path, adapters))


def test_no_template_is_forgotten() -> None:
    listed = {file.template for file in adapter_files(kinds())}
    directories = {group.name: group.templates for group in kind_groups()}
    there = {f"adapters/{name}/{path.name}" for name, directory in directories.items() for path in directory.iterdir()}
    assert listed == there | {"adapters/__init__.py.jinja"}
    assert (template_dir() / "adapters" / "__init__.py.jinja").exists()


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.name)
def test_what_is_said_about_a_kind_is_understood(kind: Kind) -> None:
    for role in kind.collections.values():
        assert {field.type for field in role.fields.values()} <= set(get_args(FieldType))
        for query in role.queries:
            assert bool(query.nearest) == bool(query.dimension_of)
            assert not query.nearest or role.fields[query.dimension_of].type == "vector"


def test_the_page_on_schemas_lists_what_every_kind_binds() -> None:
    text = (MEMORY.parent / "docs" / "schema.md").read_text()
    rows = re.findall(r"^\| ((?:`\w+` ?)+) \| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|$", text, re.MULTILINE)
    listed = {(kind, role): fields.split(", ") for names, role, fields in rows for kind in names.split()}
    assert listed == {
        (f"`{kind.name}`", name): [f"`{field}`" for field in role.fields]
        for kind in kinds().values()
        for name, role in kind.collections.items()
    }
