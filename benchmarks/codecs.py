"""Encoding and decoding alone: our codecs against Google's helpers, without any network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from google.cloud.firestore import Client
from google.cloud.firestore_v1 import _helpers, types
from google.cloud.firestore_v1.vector import Vector

from benchmarks.documents import DIMENSIONS, from_dictionary, make_documents, to_dictionary
from benchmarks.results import GOOGLE, GOOGLE_PYDANTIC, OURS, Result, Table, compared
from benchmarks.timing import compare, repeated
from firestore_memory import schema
from firestore_runtime.codecs.context import Context
from firestore_runtime.codecs.decoding import decode_vector
from firestore_runtime.codecs.vectors import encode_vector
from firestore_runtime.collections.reference import CollectionReference
from firestore_runtime.documents.reads import read_model
from firestore_runtime.options import Call, Options
from firestore_runtime.wire import Document, Value

_DATABASE = "projects/bench/databases/(default)"
_PLACE = CollectionReference(schema.MEMORY_ITEMS, _DATABASE, None, {})
_CALL = Call("get", "memory_items", None, Options())
_TIMES = 20


def compare_codecs(rounds: int) -> Table:
    """Measure the codecs on a vector and on whole documents."""
    return Table("Codecs alone, per value", tuple(_results(rounds)))


def _results(rounds: int) -> Iterator[Result]:
    def measured(name: str, limit: float | None, contenders: Mapping[str, Callable[[], object]]) -> Result:
        work = {contender: repeated(operation) for contender, operation in contenders.items()}
        return compared(name, compare(work, rounds, _TIMES), limit)

    client = Client(project="bench")
    yield measured("encode a 768-vector", 1 / 50, _vector_encoders())
    yield measured("decode a 768-vector", 1 / 25, _vector_decoders(client))
    for dimension in DIMENSIONS:
        yield measured(f"encode a MemoryItem, {dimension} dimensions", None, _item_encoders(dimension))
        yield measured(f"decode a MemoryItem, {dimension} dimensions", None, _item_decoders(dimension, client))


def _vector() -> list[float]:
    return make_documents(1, 768).items[0].embedding or []


def _context() -> Context:
    return _PLACE.context


def _vector_encoders() -> dict[str, Callable[[], object]]:
    vector, context = _vector(), _context()
    wrapped = Vector(vector)
    return {
        OURS: lambda: encode_vector(Value(), vector, context),
        GOOGLE: lambda: _helpers.encode_value(wrapped),
    }


def _vector_decoders(client: Client) -> dict[str, Callable[[], object]]:
    value, context = Value(), _context()
    encode_vector(value, _vector(), context)
    wrapped = types.Value.deserialize(value.SerializeToString())
    return {
        OURS: lambda: decode_vector(value, context),
        GOOGLE: lambda: _helpers.decode_value(wrapped, client),
    }


def _item_encoders(dimension: int) -> dict[str, Callable[[], object]]:
    documents = make_documents(1, dimension)
    item, data = documents.items[0], documents.dictionaries[0]
    return {
        OURS: lambda: schema.MEMORY_ITEMS.encode(item, Document().fields, _context()),
        GOOGLE: lambda: types.Document(fields=_helpers.encode_dict(data)),
        GOOGLE_PYDANTIC: lambda: types.Document(fields=_helpers.encode_dict(to_dictionary(item))),
    }


def _item_decoders(dimension: int, client: Client) -> dict[str, Callable[[], object]]:
    document = Document(name=f"{_DATABASE}/documents/memories/item")
    schema.MEMORY_ITEMS.encode(make_documents(1, dimension).items[0], document.fields, _context())
    wrapped = types.Document.deserialize(document.SerializeToString())
    return {
        OURS: lambda: read_model(_PLACE, document, _CALL),
        GOOGLE: lambda: _decode(wrapped, client),
        GOOGLE_PYDANTIC: lambda: from_dictionary(_decode(wrapped, client)),
    }


def _decode(document: types.Document, client: Client) -> dict[str, Any]:
    decoded = _helpers.decode_dict(document.fields, client)
    return decoded if isinstance(decoded, dict) else {}  # a map at the top is no vector
