"""Every rule about schemas and collections: the smallest input that breaks it, and what is said about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from firestore_codegen.build import build
from firestore_codegen.emit.models import render_models
from firestore_codegen.errors import Problem, Problems, did_you_mean
from firestore_codegen.read.sources import load_sources
from firestore_codegen.schema.normalize import normalize
from tests.codegen.schemas import MOMENT, TEXT, model, ref, write_schema

BOOK = model(
    "isbn",
    isbn=TEXT,
    title=TEXT,
    pages={"type": "integer"},
    due=MOMENT,
    colour={"enum": ["red", "blue"]},
    tags={"type": "array", "items": TEXT},
    extra={"type": "object"},
    price={"type": "string", "format": "decimal"},
    length={"type": "string", "format": "duration"},
    vector={"x-firestore": {"type": "vector", "dimension": 3}},
    numbers={"type": "array", "items": {"type": "number"}},
    author={
        "type": "object",
        "properties": {"name": TEXT, "face": {"x-firestore": {"type": "vector", "dimension": 3}}},
    },
)
VECTOR = {"type": "array", "items": {"type": "number"}}


@dataclass(frozen=True)
class Case:
    """A bad input: definitions, changes to collections.json, and the one problem that it makes."""

    name: str
    message: str
    pointer: str
    hint: str = ""
    file: str = "models.json"
    definitions: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)


def schema(name: str, definition: Any, message: str, pointer: str, hint: str = "", **others: Any) -> Case:
    """Return a case about a definition called `A`."""
    return Case(name, message, f"/$defs/A{pointer}", hint, definitions={"A": definition, **others})


def prop(name: str, property_schema: Any, message: str, pointer: str = "", hint: str = "", **others: Any) -> Case:
    """Return a case about a property called `x`."""
    return schema(name, model(x=property_schema), message, f"/properties/x{pointer}", hint, **others)


def books(name: str, change: dict[str, Any], message: str, pointer: str, hint: str = "", **config: Any) -> Case:
    """Return a case about a collection of books."""
    collection = {"model": "Book", "path": "books"} | change
    collections = config.pop("collections", {}) | {"books": collection}
    pointer = f"/collections/books{pointer}"
    return Case(name, message, pointer, hint, "collections.json", {"Book": BOOK}, {"collections": collections} | config)


def query(name: str, change: dict[str, Any], message: str, pointer: str, hint: str = "", **collection: Any) -> Case:
    """Return a case about a query of a collection of books."""
    return books(name, {"queries": {"some": change}} | collection, message, f"/queries/some{pointer}", hint)


def where(name: str, condition: dict[str, Any], message: str, pointer: str, hint: str = "", **collection: Any) -> Case:
    """Return a case about a condition of a query."""
    return query(name, {"where": [condition]}, message, f"/where/0{pointer}", hint, **collection)


def config(name: str, change: dict[str, Any], message: str, pointer: str, hint: str = "") -> Case:
    """Return a case about the rest of collections.json."""
    return Case(name, message, pointer, hint, "collections.json", {"Book": BOOK}, change)


def same(field_name: str, op: str = "==", **operand: Any) -> dict[str, Any]:
    """Return a condition."""
    return {"field": field_name, "op": op} | (operand or {"param": "value"})


SCHEMAS = [
    prop("unknown type", {"type": "strng"}, "`type` must be one of", "/type", "did you mean `string`?"),
    prop("misspelt keyword", {"type": "string", "minLenght": 1}, "not a keyword", "/minLenght", "`minLength`"),
    prop("misspelt extension", {"x-firestor": {}}, "not a keyword", "/x-firestor", "`x-firestore`"),
    prop("malformed keyword", {"type": "string", "minLength": "1"}, "must be a whole number", "/minLength"),
    prop("bad pattern", {"type": "string", "pattern": "("}, "a regular expression", "/pattern"),
    prop("boolean bound", {"type": "integer", "exclusiveMinimum": True}, "must be a number", "/exclusiveMinimum"),
    prop("malformed properties", {"type": "object", "properties": []}, "an object of schemas", "/properties"),
    prop("empty choice", {"anyOf": []}, "a list of schemas", "/anyOf"),
    prop("empty enum", {"enum": []}, "at least one value", "/enum"),
    prop("tuple", {"type": "array", "prefixItems": [TEXT]}, "not supported", "/prefixItems", "an object"),
    prop("draft-7 tuple", {"type": "array", "items": [TEXT]}, "must be one schema", "/items"),
    prop("not", {"not": TEXT}, "not supported", "/not", "`enum` or `oneOf`"),
    prop("OpenAPI nullable", {"type": "string", "nullable": True}, "not supported", "/nullable", '"null"'),
    prop("false", False, "no value fits `false`"),
    schema("no schema", 5, "a schema is an object or true", ""),
    prop("unknown reference", ref("Bok"), "no definition `#/$defs/Bok`", "/$ref", "`#/$defs/Book`", Book=BOOK),
    prop("unknown file", {"$ref": "other.json#/$defs/B"}, "no schema file `other.json`", "/$ref", "`models.json`"),
    prop("external reference", {"$ref": "https://x.org/s.json"}, "outside the schema directory", "/$ref", "copy it"),
    prop("reference into a definition", {"$ref": "#/$defs/A/properties/x"}, "no definition", "/$ref", "`#/$defs/Name`"),
    schema("recursive alias", ref("B"), "contains itself", "", "through an object", B=ref("A")),
    schema("recursive array", {"type": "array", "items": ref("A")}, "contains itself", "", "through an object"),
    schema("recursive allOf", {"allOf": [ref("A")], "properties": {}}, "extends itself", ""),
    schema(
        "allOf that disagrees",
        {"allOf": [model(x=TEXT), model(x={"type": "integer"})]},
        "already defined differently",
        "/allOf/1/properties/x",
        "rename",
    ),
    prop(
        "allOf of scalars that disagree",
        {"allOf": [{"type": "string"}, {"type": "integer"}]},
        "disagree about `type`",
        "/allOf/1",
    ),
    prop(
        "array in array", {"type": "array", "items": VECTOR}, "an array directly inside an array", "/items", "an object"
    ),
    prop("array in array by reference", {"type": "array", "items": ref("B")}, "directly inside", "/items", B=VECTOR),
    prop(
        "array in array by choice",
        {"type": "array", "items": {"anyOf": [TEXT, VECTOR, {"type": "null"}]}},
        "directly inside",
        "/items",
    ),
    prop(
        "nullable array in array", {"type": "array", "items": {"type": ["array", "null"]}}, "directly inside", "/items"
    ),
    prop("keys that are no text", {"propertyNames": {"type": "integer"}}, "keys of a map", "/propertyNames"),
    prop("two patterns", {"patternProperties": {"a": TEXT, "b": TEXT}}, "more than one pattern", "/patternProperties"),
    schema(
        "map beside properties",
        model(x=TEXT) | {"additionalProperties": TEXT},
        "`additionalProperties` beside `properties`",
        "/additionalProperties",
        "a property of their own",
    ),
    prop("two kinds of choice", {"oneOf": [TEXT], "anyOf": [TEXT]}, "beside each other"),
    prop("choice beside properties", {"anyOf": [TEXT], "properties": {}}, "a choice beside `properties`"),
    prop("mixed enum", {"enum": [1, "a"]}, "all strings or all integers", "/enum"),
    prop("enum of numbers", {"enum": [1.5, 2.5]}, "all strings or all integers", "/enum"),
    prop("enum with doubles", {"enum": ["a", "a"]}, "more than once", "/enum"),
    prop("enum with one name twice", {"enum": ["a-b", "a b"]}, "the Python name `A_B`", "/enum", "`x-enum-varnames`"),
    prop("too few names", {"enum": ["a", "b"], "x-enum-varnames": ["A"]}, "1 names for 2 values", "/x-enum-varnames"),
    prop(
        "bad member name", {"enum": ["a", "b"], "x-enum-varnames": ["A", "1"]}, "not a valid name", "/x-enum-varnames/1"
    ),
    prop("constant object", {"const": {}}, "a constant must be", "/const"),
    prop("constant float", {"const": 1.5}, "a constant must be", "/const"),
    prop(
        "discriminator without name",
        {"oneOf": [ref("A"), ref("B")], "discriminator": {}},
        "needs `propertyName`",
        "/discriminator",
        B=BOOK,
    ),
    prop(
        "discriminator without constants",
        {"oneOf": [ref("B"), ref("C")], "discriminator": {"propertyName": "kind"}},
        "`kind` of `C` has no `const`",
        "/discriminator",
        "its own constant",
        B=model(kind={"const": "b"}),
        C=model(kind=TEXT),
    ),
    prop(
        "discriminator that does not tell apart",
        {"oneOf": [ref("B"), ref("C")], "discriminator": {"propertyName": "kind"}},
        "have the same `kind`",
        "/discriminator",
        "its own constant",
        B=model(kind={"const": "b"}),
        C=model(kind={"const": "b"}),
    ),
    prop(
        "mapping that disagrees",
        {"oneOf": [ref("B"), ref("C")], "discriminator": {"propertyName": "kind", "mapping": {"bb": "#/$defs/B"}}},
        "`bb` is not the constant of `B`",
        "/discriminator/mapping/bb",
        "the constants are",
        B=model(kind={"const": "b1"}),
        C=model(kind={"const": "c1"}),
    ),
    prop(
        "unknown x-firestore",
        {"x-firestore": {"type": "vectr"}},
        "not a type",
        "/x-firestore/type",
        "did you mean `vector`?",
    ),
    prop(
        "unknown setting",
        MOMENT | {"x-firestore": {"defualt": "now"}},
        "not known here",
        "/x-firestore/defualt",
        "`default`",
    ),
    prop("empty x-firestore", {"x-firestore": {}}, "says nothing", "/x-firestore"),
    prop(
        "vector of texts",
        TEXT | {"x-firestore": {"type": "vector", "dimension": 3}},
        "an array of numbers",
        "/x-firestore",
    ),
    prop(
        "vector too long", {"x-firestore": {"type": "vector", "dimension": 2049}}, "1 to 2048", "/x-firestore/dimension"
    ),
    prop("vector without dimension", {"x-firestore": {"type": "vector"}}, "no dimension"),
    prop(
        "vector in an array",
        {"items": {"x-firestore": {"type": "vector", "dimension": 3}}},
        "a property of its own",
        "/items",
    ),
    prop("geopoint text", TEXT | {"x-firestore": {"type": "geopoint"}}, "an object without properties", "/x-firestore"),
    prop(
        "reference number", {"type": "integer", "x-firestore": {"type": "reference"}}, "is for a string", "/x-firestore"
    ),
    prop(
        "reference without id",
        {"x-firestore": {"type": "reference", "collection": 1}},
        "a collection id",
        "/x-firestore/collection",
    ),
    prop(
        "server timestamp text",
        TEXT | {"x-firestore": {"type": "server_timestamp", "on": "write"}},
        "`date-time`",
        "/x-firestore",
    ),
    prop("server timestamp never", MOMENT | {"x-firestore": {"type": "server_timestamp"}}, "says when", "/x-firestore"),
    prop(
        "server timestamp in an array",
        {"items": MOMENT | {"x-firestore": {"type": "server_timestamp", "on": "write"}}},
        "of its own",
        "/items",
    ),
    prop("now for a text", TEXT | {"x-firestore": {"default": "now"}}, "a default of `now` is for", "/x-firestore"),
    prop(
        "other default",
        MOMENT | {"x-firestore": {"default": "later"}},
        "the only default here is `now`",
        "/x-firestore/default",
    ),
    prop(
        "two defaults",
        MOMENT | {"default": "2020-01-01T00:00:00Z", "x-firestore": {"default": "now"}},
        "a default beside",
        "/default",
        "keep one",
    ),
    prop("default of another type", {"type": "integer", "default": "1"}, "the default is not an integer", "/default"),
    prop("default that is no date", {"type": "string", "format": "date", "default": "May"}, "not a date", "/default"),
    prop("default outside the enum", {"enum": ["a", "b"], "default": "c"}, "not one of `a`, `b`", "/default"),
    schema("unknown required", model("y", x=TEXT), "`y` is required but not a property", "/required"),
    schema("one name twice", model(**{"a-b": TEXT, "a b": TEXT}), "would both be `a_b`", "/properties/a b", "rename"),
    schema("empty key", model(**{"": TEXT}), "no field named", "/properties/"),
    schema("reserved key", model(__x__=TEXT), "no field named `__x__`", "/properties/__x__"),
    schema("long key", model(**{"k" * 1501: TEXT}), "no field named", f"/properties/{'k' * 1501}", "1,500 bytes"),
    Case(
        "two definitions of one name",
        "already taken",
        "/$defs/a",
        "`title`",
        definitions={"A": model(x=TEXT), "a": model(y=TEXT)},
    ),
    prop(
        "class of an inline object",
        {"properties": {"y": TEXT}},
        "`AX` is already taken",
        "",
        "`title`",
        AX=model(z=TEXT),
    ),
    Case(
        "reserved class",
        "used by the generated code",
        "/$defs/Collection",
        "another name",
        definitions={"Collection": model(x=TEXT)},
    ),
    schema("derived class", model(x=TEXT), "its class would be `AFields`", "", "rename", AFields=model(x=TEXT)),
    Case(
        "constant like a model",
        "the collection `books` has a constant `BOOKS`",
        "/$defs/BOOKS",
        "rename",
        definitions={"BOOKS": BOOK},
        config={"collections": {"books": {"model": "BOOKS", "path": "books"}}},
    ),
    Case(
        "one function twice",
        "its functions would be `encode_http_log`",
        "/$defs/HttpLog",
        "rename",
        definitions={"HTTPLog": model(x=TEXT), "HttpLog": model(x=TEXT)},
    ),
]
COLLECTIONS = [
    config("unknown key", {"packages": "x"}, "not known here", "/packages", "did you mean `package`?"),
    config("bad package", {"package": "a-b"}, "not a valid name", "/package", "lower-case"),
    config("keyword package", {"package": "class"}, "a keyword of Python", "/package"),
    config("hiding package", {"package": "json"}, "would hide", "/package", "another name"),
    config("bad client", {"client": "client"}, "not a valid name", "/client", "a capital"),
    config("client like a model", {"client": "Book"}, "its class would be `Book`", "/client", "rename"),
    config("bad prefix", {"env_prefix": "books"}, "not a valid name", "/env_prefix", "capitals"),
    config("models outside", {"models": ["models.json", "../x.json"]}, "inside the schema directory", "/models/1"),
    config("models twice", {"models": ["models.json", "models.json"]}, "more than once", "/models"),
    config("missing models", {"models": ["models.json", "other.json"]}, "no file `other.json`", "/models/1"),
    config("bad enum value", {"naive_datetimes": "UTC"}, "not one of `error`, `utc`", "/naive_datetimes", "`utc`"),
    config(
        "bad attribute",
        {"collections": {"Books": {"model": "Book", "path": "b"}}},
        "not a valid name",
        "/collections/Books",
    ),
    config(
        "taken attribute",
        {"collections": {"health": {"model": "Book", "path": "b"}}},
        "cannot be the attribute",
        "/collections/health",
    ),
    config(
        "keyword attribute",
        {"collections": {"import": {"model": "Book", "path": "b"}}},
        "cannot be the attribute",
        "/collections/import",
    ),
    config("no path", {"collections": {"books": {"model": "Book"}}}, "`path` is missing", "/collections/books"),
    config("malformed adapter", {"adapters": [{"kind": "x"}]}, "`collections` is missing", "/adapters/0"),
    books("unknown model", {"model": "Bok"}, "there is no model `Bok`", "/model", "did you mean `Book`?"),
    books("path of a document", {"path": "books/x"}, "the path of a document", "/path", "an odd number"),
    books("empty segment", {"path": "books//x"}, "`` is not an id", "/path"),
    books("reserved id", {"path": "__books__"}, "not an id", "/path"),
    books("collection as parameter", {"path": "{books}"}, "has to be fixed", "/path"),
    books("parameter that hides a module", {"path": "a/{datetime}/b"}, "cannot be a parameter", "/path"),
    books("parameter twice", {"path": "a/{p}/b/{p}/c"}, "appears twice", "/path"),
    books("bad parameter", {"path": "a/{1p}/c"}, "`1p` cannot be a parameter", "/path"),
    books("half a parameter", {"path": "a/x{p}/c"}, "mixes a parameter with text", "/path"),
    books("namespaces", {"path": "namespaces"}, "the namespaces of clients", "/path"),
    books(
        "same path",
        {"path": "a/{p}/b"},
        "has the same path",
        "/path",
        collections={"audio": {"model": "Book", "path": "a/{q}/b"}},
    ),
    books("unknown id", {"document_id": {"field": "isnb"}}, "no field `isnb`", "/document_id/field", "`isbn`"),
    books(
        "id that is no text", {"document_id": {"field": "pages"}}, "a document's id is a string", "/document_id/field"
    ),
    books(
        "optional id",
        {"document_id": {"field": "title"}},
        "a document's id is a string",
        "/document_id/field",
        "required",
    ),
    books("nothing stored", {"document_id": {"stored": True}}, "no field that could be stored", "/document_id/stored"),
    books("expires at a text", {"time_to_live": "title"}, "not a date-time", "/time_to_live"),
    books("unindexed unknown", {"unindexed": ["titel"]}, "no field `titel`", "/unindexed/0", "`title`"),
    books("vector unknown", {"vectors": {"vectr": {"dimension": 3}}}, "no field `vectr`", "/vectors/vectr", "`vector`"),
    books("vector of texts", {"vectors": {"tags": {"dimension": 3}}}, "an array of numbers", "/vectors/tags"),
    books("two dimensions", {"vectors": {"vector": {"dimension": 4}}}, "already 3", "/vectors/vector/dimension"),
    books("no dimension", {"vectors": {"numbers": {"distance": "COSINE"}}}, "has no dimension", "/vectors/numbers"),
    books(
        "vector of an unknown text",
        {"vectors": {"vector": {"source": "titel"}}},
        "no field `titel`",
        "/vectors/vector/source",
        "did you mean `title`?",
    ),
    books("vector of numbers", {"vectors": {"vector": {"source": "pages"}}}, "not a text", "/vectors/vector/source"),
    books("vector of an enum", {"vectors": {"vector": {"source": "colour"}}}, "not a text", "/vectors/vector/source"),
    Case(
        "vector that is never unset",
        "`vector` is never unset",
        "/collections/sheets/vectors/vector/source",
        "null",
        "collections.json",
        {"Sheet": model("vector", text=TEXT, vector={"x-firestore": {"type": "vector", "dimension": 3}})},
        {"collections": {"sheets": {"model": "Sheet", "path": "sheets", "vectors": {"vector": {"source": "text"}}}}},
    ),
    books(
        "vector filter unknown",
        {"vectors": {"vector": {"filters": [["titel"]]}}},
        "no field `titel`",
        "/vectors/vector/filters/0/0",
        "did you mean `title`?",
    ),
    books(
        "vector filter unindexed",
        {"vectors": {"vector": {"filters": [["isbn"], ["isbn", "title"]]}}, "unindexed": ["title"]},
        "is unindexed",
        "/vectors/vector/filters/1/1",
    ),
    books(
        "vector filter inside of an unindexed map",
        {"vectors": {"vector": {"filters": [["extra.key"]]}}, "unindexed": ["extra"]},
        "is unindexed",
        "/vectors/vector/filters/0/0",
    ),
    books(
        "vector filter by a vector",
        {"vectors": {"vector": {"filters": [["vector"]]}}},
        "searched for neighbours",
        "/vectors/vector/filters/0/0",
    ),
    books(
        "vector filter by an id that is not stored",
        {"vectors": {"vector": {"filters": [["isbn"]]}}, "document_id": {"field": "isbn"}},
        "not stored in the document",
        "/vectors/vector/filters/0/0",
    ),
    books(
        "filters of an unindexed vector",
        {"vectors": {"vector": {"filters": [["title"]]}}, "unindexed": ["vector"]},
        "so it is not searched",
        "/vectors/vector/filters",
    ),
    books(
        "one field twice in a filter",
        {"vectors": {"vector": {"filters": [["title", "title"]]}}},
        "more than once",
        "/vectors/vector/filters/0",
    ),
    books(
        "one filter twice",
        {"vectors": {"vector": {"filters": [["title"], ["title"]]}}},
        "more than once",
        "/vectors/vector/filters",
    ),
    books("empty filter", {"vectors": {"vector": {"filters": [[]]}}}, "must not be empty", "/vectors/vector/filters/0"),
    books(
        "unknown distance",
        {"vectors": {"vector": {"distance": "COSIN"}}},
        "not one of",
        "/vectors/vector/distance",
        "`COSINE`",
    ),
    books("query like a method", {"queries": {"where": {}}}, "cannot be the name of a query", "/queries/where"),
    books("query like a search", {"queries": {"search": {}}}, "cannot be the name of a query", "/queries/search"),
    query("no limit", {"limit": 0}, "less than the minimum", "/limit"),
    query(
        "misspelt direction",
        {"order_by": [{"field": "title", "direction": "down"}]},
        "not one of",
        "/order_by/0/direction",
    ),
    query("order of unknown", {"order_by": [{"field": "titel"}]}, "no field `titel`", "/order_by/0/field", "`title`"),
    query("order of a vector", {"order_by": [{"field": "vector"}]}, "a vector", "/order_by/0/field"),
    query("order of a map", {"order_by": [{"field": "extra"}]}, "no useful order", "/order_by/0/field"),
    query("order of a decimal", {"order_by": [{"field": "price"}]}, "only equality", "/order_by/0/field"),
    query("order twice", {"order_by": [{"field": "title"}, {"field": "title"}]}, "in the order already", "/order_by/1"),
    query("two !=", {"where": [same("title", "!="), same("pages", "!=", param="b")]}, "more than one `!=`", "/where"),
    query(
        "!= and not-in",
        {"where": [same("title", "!="), same("pages", "not-in", param="b")]},
        "more than one `!=` or `not-in`",
        "/where",
    ),
    query(
        "two array operators",
        {"where": [same("tags", "array-contains"), same("numbers", "array-contains-any", param="b")]},
        "more than one `array-contains`",
        "/where",
    ),
    query(
        "not-in beside in",
        {"where": [same("title", "in"), same("pages", "not-in", param="b")]},
        "`not-in` beside `in`",
        "/where",
    ),
    query(
        "not-in beside array-contains-any",
        {"where": [same("tags", "array-contains-any"), same("pages", "not-in", param="b")]},
        "`not-in` beside `array-contains-any`",
        "/where",
    ),
    query(
        "too many alternatives",
        {
            "where": [
                same("pages", "in", value=[1, 2, 3, 4]),
                same("tags", "array-contains-any", value=list("abcdefgh")),
            ]
        },
        "32 alternatives",
        "/where",
        "multiplied",
    ),
    query(
        "one parameter for a value and a list",
        {"where": [same("title"), same("isbn", "in")]},
        "another type",
        "/where/1/param",
    ),
    query(
        "too many combinations",
        {"where": [same("title", param=f"p{at}", optional=True) for at in range(11)]},
        "more than 10 optional parameters",
        "/where",
        "several queries",
    ),
    query("one parameter for two types", {"where": [same("title"), same("pages")]}, "another type", "/where/1/param"),
    query(
        "half optional",
        {"where": [same("pages", ">"), same("pages", "<", param="value", optional=True)]},
        "optional in one condition",
        "/where/1",
    ),
    where("misspelt field", same("titel"), "no field `titel`", "/field", "did you mean `title`?"),
    where("misspelt operator", same("title", "="), "not one of", "/op"),
    where("no operand", {"field": "title", "op": "=="}, "either `param` or `value`", ""),
    where("two operands", same("title", param="a", value="b"), "either `param` or `value`", ""),
    where("bad parameter", same("title", param="class"), "`class` cannot be a parameter", "/param"),
    where("optional value", same("title", value="a", optional=True), "only a condition with `param`", "/optional"),
    where("value of another type", same("pages", value="three"), "does not fit `pages`", "/value"),
    where("value outside the enum", same("colour", value="green"), "one of `red`, `blue`", "/value"),
    where("value that is a list", same("tags", value=["a"]), "a value is", "/value", "`param`"),
    where("more than null", same("pages", ">", value=None), "finds nothing", "/value", "`==`"),
    where("equal vector", same("vector"), "searched for neighbours", "/op"),
    where("range of an array", same("tags", "<"), "no useful order", "/op"),
    where("range of an object", same("author", "<"), "no useful order", "/op"),
    where("range of a duration", same("length", ">="), "only equality", "/op"),
    where("in vectors", same("vector", "in"), "searched for neighbours", "/op"),
    where("vector that contains", same("vector", "array-contains"), "searched for neighbours", "/op"),
    where("text that contains", same("title", "array-contains"), "is not an array", "/op"),
    where("object that contains any", same("author", "array-contains-any"), "is not an array", "/op"),
    where("in one value", same("title", "in", value="a"), "takes a list", "/value", "brackets"),
    where("in nothing", same("title", "in", value=[]), "0 values", "/value"),
    where("in too many", same("pages", "in", value=list(range(31))), "31 values, where Firestore", "/value"),
    where("not in too many", same("pages", "not-in", value=list(range(11))), "allows 1 to 10", "/value"),
    where("contains too many", same("numbers", "array-contains-any", value=list(range(31))), "31 values", "/value"),
    where("in values of another type", same("pages", "in", value=[1, "two"]), "does not fit `pages`", "/value/1"),
    where("in values outside the enum", same("colour", "in", value=["red", "green"]), "one of `red`", "/value/1"),
    where("in null", same("due", "in", value=[None]), "does not fit `due`", "/value/0"),
    where("in lists", same("extra", "in", value=[[1]]), "a value is", "/value/0", "`param`"),
    where("element of another type", same("tags", "array-contains", value=3), "compared with a string", "/value"),
    where("elements of another type", same("tags", "array-contains-any", value=["a", 3]), "`tags`", "/value/1"),
    where("misspelt field of an object", same("author.nam"), "no field `nam`", "/field", "did you mean `name`?"),
    where("inside of a text", same("title.x"), "nothing is inside of it", "/field"),
    where("inside of an array", same("tags.x"), "nothing is inside of it", "/field"),
    where("deep inside of an object", same("author.name.first"), "`author.name` is neither", "/field"),
    where("a reserved key of a map", same("extra.__x__"), "no map has the key `__x__`", "/field"),
    where("dotted value of another type", same("author.name", value=3), "does not fit `author.name`", "/value"),
    where("inside of an unindexed map", same("extra.a.b"), "is unindexed", "/field", unindexed=["extra.a"]),
    query("order of an object's vector", {"order_by": [{"field": "author.face"}]}, "a vector", "/order_by/0/field"),
    query("order inside of a text", {"order_by": [{"field": "title.x"}]}, "nothing is inside", "/order_by/0/field"),
    query(
        "dotted order twice",
        {"order_by": [{"field": "extra.a"}, {"field": "extra.a", "direction": "desc"}]},
        "in the order already",
        "/order_by/1",
    ),
    books("unindexed inside of a text", {"unindexed": ["title.x"]}, "nothing is inside of it", "/unindexed/0"),
    books(
        "unindexed in a collection of the same id",
        {"queries": {"some": {"where": [same("title")]}}},
        "is unindexed",
        "/queries/some/where/0/field",
        collections={"others": {"model": "Book", "path": "shelves/{shelf}/books", "unindexed": ["title"]}},
    ),
    where("unindexed", same("title"), "is unindexed", "/field", unindexed=["title"]),
    where("id that is not stored", same("isbn"), "not stored in the document", "/field", document_id={"field": "isbn"}),
]


def problems_of(directory: Path) -> tuple[Problem, ...]:
    """Return what the generator says about a schema directory."""
    with pytest.raises(Problems) as caught:
        render_models_of(directory)
    return caught.value.problems


def render_models_of(directory: Path) -> str:
    schema = normalize(load_sources(directory))
    build(schema)
    return render_models(schema)


@pytest.mark.parametrize("case", SCHEMAS + COLLECTIONS, ids=lambda case: case.name)
def test_rule(case: Case, tmp_path: Path) -> None:
    directory = write_schema(tmp_path, case.definitions, **case.config)
    (problem,) = [found for found in problems_of(directory) if case.message in found.message] or problems_of(directory)
    assert (problem.file, problem.pointer) == (case.file, case.pointer), problem
    assert case.message in problem.message
    assert case.hint in problem.hint
    assert problems_of(directory) == (problem,), "a mistake is reported once, and without its consequences"


def test_more_than_ten_inequality_fields(tmp_path: Path) -> None:
    fields = {f"f{at}": {"type": "integer"} for at in range(11)}
    query = {"where": [same(name, ">", param=name) for name in fields]}
    collection = {"model": "A", "path": "a", "queries": {"some": query}}
    (problem,) = problems_of(write_schema(tmp_path, {"A": model(**fields)}, collections={"all_a": collection}))
    assert problem.message == "inequalities on more than 10 fields"


def test_two_collections_that_disagree_about_a_model(tmp_path: Path) -> None:
    one = {"model": "Book", "path": "a", "vectors": {"vector": {"any_dimension": True}}}
    other = {"model": "Book", "path": "b", "vectors": {"vector": {}}}
    (problem,) = problems_of(write_schema(tmp_path, {"Book": BOOK}, collections={"one": one, "other": other}))
    assert (problem.pointer, "disagree" in problem.message) == ("/collections/other/vectors/vector", True)


def test_a_collection_of_an_enumeration_or_a_text(tmp_path: Path) -> None:
    definitions = {"Colour": {"enum": ["a", "b"]}, "Text": TEXT, "Book": BOOK}
    collections = {"colours": {"model": "Colour", "path": "c"}, "texts": {"model": "Text", "path": "t"}}
    messages = [
        problem.message for problem in problems_of(write_schema(tmp_path, definitions, collections=collections))
    ]
    assert messages == ["`Colour` is an enumeration, not a model", "`Text` is not an object with properties"]


def test_everything_is_reported_at_once(tmp_path: Path) -> None:
    definitions = {"Book": BOOK, "A": model(x={"type": "strng"}, y={"not": {}}), "B": model(z=ref("C"))}
    collection = {"model": "Book", "path": "a/b", "queries": {"get": {"where": [same("titel")]}, "q": {"limit": 0}}}
    other = {"model": "A", "path": "c", "queries": {"q": {"where": [same("x"), same("q")]}}}
    problems = problems_of(
        write_schema(tmp_path, definitions, package="class", collections={"books": collection, "others": other})
    )
    assert [problem.pointer for problem in problems] == [
        "/collections/books/queries/q/limit",
        "/collections/others/queries/q/where/1/field",
        "/package",
        "/$defs/A/properties/x/type",
        "/$defs/A/properties/y/not",
        "/$defs/B/properties/z/$ref",
    ]


def _text(text: str, file: str = "models.json") -> Callable[[Path], object]:
    return lambda directory: (directory / file).write_text(text)


def _remove(file: str) -> Callable[[Path], object]:
    return lambda directory: (directory / file).rename(directory.parent / "gone")


def _make_directory(directory: Path) -> None:
    (directory / "models.json").unlink()
    (directory / "models.json").mkdir()


def _nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


MODELS, CONFIG = "models.json", "collections.json"
BROKEN: list[tuple[str, Callable[[Path], object], str, str, str]] = [
    ("no directory", _remove(""), CONFIG, "", "there is no directory"),
    ("no configuration", _remove(CONFIG), CONFIG, "", "there is no file `collections.json`"),
    ("no models", _remove(MODELS), CONFIG, "/models/0", "there is no file `models.json`"),
    ("a directory", _make_directory, CONFIG, "/models/0", "there is no file"),
    ("invalid JSON", _text('{\n  "a": }'), MODELS, "", "at line 2, column 8"),
    ("no object", _text("[]"), MODELS, "", "must hold a JSON object"),
    ("not UTF-8", lambda directory: (directory / MODELS).write_bytes(b'{"a": "\xff"}'), MODELS, "", "cannot be read"),
    ("not a number", _text('{"a": NaN}'), MODELS, "", "`NaN` is not JSON"),
    ("twice", _text('{"$defs": {"A": {}, "A": {}}}'), MODELS, "/$defs/A", "more than once"),
    ("deep", _text(_nested(200)), MODELS, "", "100 levels"),
    ("too deep to parse", _text(_nested(5000)), MODELS, "", "100 levels"),
    (
        "half a character",
        _text('{"$defs": {"A": {"title": "\\ud800"}}}'),
        MODELS,
        "/$defs/A/title",
        "half of a character",
    ),
    ("half a key", _text('{"$defs": {"\\ud800": {}}}'), MODELS, "/$defs", "half of a character"),
    ("no definitions", _text('{"$defs": []}'), MODELS, "/$defs", "an object of named schemas"),
]


@pytest.mark.parametrize(
    ("damage", "file", "pointer", "message"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_unreadable(damage: Callable[[Path], object], file: str, pointer: str, message: str, tmp_path: Path) -> None:
    collections = {"all_a": {"model": "A", "path": "a"}}
    directory = write_schema(tmp_path / "schema", {"A": model(x=TEXT)}, collections=collections)
    damage(directory)
    (problem,) = problems_of(directory)
    assert (problem.file, problem.pointer) == (file, pointer)
    assert message in problem.message


def test_no_models(tmp_path: Path) -> None:
    (problem,) = problems_of(write_schema(tmp_path, {}))
    assert problem.message == "the files define no model"


def test_a_problem_is_one_line() -> None:
    assert str(Problem("a.json", "/x", "is wrong", "fix it")) == "a.json#/x: is wrong (fix it)"
    assert str(Problems([Problem("a.json", "", "is wrong")])) == "a.json: is wrong"


def test_hints_name_what_is_close() -> None:
    assert did_you_mean("user_di", ["user_id", "name"]) == "did you mean `user_id`?"
    assert did_you_mean("UTC", ["error", "utc"]) == "did you mean `utc`?"
    assert did_you_mean("zzz", ["user_id"]) == ""


def test_both_contracts_are_one(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    shipped = (root / "codegen" / "firestore_codegen" / "read" / "collections.schema.json").read_bytes()
    assert (root / "schema" / "collections.schema.json").read_bytes() == shipped
    assert _undescribed(json.loads(shipped)) == []


def _undescribed(schema: Any, name: str = "") -> list[str]:
    """Return the properties that an editor could say nothing about."""
    if not isinstance(schema, dict):
        return []
    found = [name] if name and not (schema.keys() & {"description", "$ref"}) else []
    for key in ("properties", "$defs"):
        for child, value in schema.get(key, {}).items():
            found += _undescribed(value, f"{name}/{child}")
    return found + [item for key in ("items", "additionalProperties") for item in _undescribed(schema.get(key))]
