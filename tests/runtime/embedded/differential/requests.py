"""Random queries and aggregations over given documents; most of them are valid, and find something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import uuid4

from hypothesis import strategies as st

from firestore_runtime import wire
from firestore_runtime.paths import FieldPath, field_path
from tests.runtime.embedded.differential.strategies import (
    ANYTHING,
    DOCUMENTS,
    FIELD_PATHS,
    NAME,
    PATHS,
    SCALARS,
    SEARCHED,
    Stored,
    stored_at,
)
from tests.runtime.embedded.messages import (
    OPERATORS,
    ROOT,
    TESTS,
    Reference,
    combined,
    document_of,
    having,
    value_of,
    where,
)

Request: TypeAlias = wire.RunQueryRequest | wire.RunAggregationQueryRequest

_OPERATORS = st.sampled_from([*OPERATORS, *TESTS, *["<", ">=", "in", "<=", ">", "!="] * 3])
_COMBINATIONS = st.sampled_from(["and", "or"])
_COLLECTIONS = st.sampled_from([*[("c", False)] * 4, *[("c", True)] * 4, ("d", True)])
_DIRECTIONS = st.sampled_from([1, 2, 1, 2, 0])
_FIELDS_AND_NAME = FIELD_PATHS | st.just(NAME)
_LIMITS = st.integers(1, 5)
_PROJECTIONS = st.lists(_FIELDS_AND_NAME, min_size=1, max_size=3)
_ORDERS = st.lists(FIELD_PATHS, min_size=1, max_size=2, unique=True)
_NUMBER_FIELDS = FIELD_PATHS | st.just(("n",))
_ALIASES = st.sampled_from([*[""] * 25, "x", "field_1", "a b"])
_OFFSETS = st.sampled_from([*[0] * 80, *[1, 2] * 5, 30, -1])
_VECTOR_FIELDS = st.sampled_from([*[("v",)] * 9, ("missing",)])
_MEASURES = st.sampled_from([1, 2, 3])
_THRESHOLDS = st.sampled_from([0.0, 0.5, 1.0, 2.0, -1.0])
_DISTANCE_FIELDS = st.sampled_from(["", "distance", "distance", "few", "v", "a.b"])


class Case:
    """Draws requests about documents.

    Args:
        draw: Hypothesis' way to choose.
        documents: The fields of the documents by their paths.
    """

    def __init__(self, draw: st.DrawFn, documents: Stored) -> None:
        self._draw = draw
        self._documents = documents
        self._run = uuid4().hex  # makes the collections different from all others, so that nothing has to be cleared

    def documents(self) -> list[wire.Document]:
        return [document_of(self._path(path), fields) for path, fields in self._documents.items()]

    def request(self) -> Request:
        if self._chance(1, 8):
            return self._search_request()
        return self._aggregation_request() if self._chance(1, 4) else self._query_request()

    def _chance(self, times: int, of: int) -> bool:
        return self._draw(st.integers(1, of)) > of - times  # the simplest choice is not to do it

    def _path(self, path: str) -> str:
        """Where the document `c/1/d/2` is stored, with the run in the ids of its collections."""
        segments = path.split("/")
        segments[::2] = [f"{segment}{self._run}" for segment in segments[::2]]
        return "/".join(segments)

    # Filters

    def _value(self, path: FieldPath) -> Any:
        """A value to compare a field with, mostly a stored one."""
        if path == NAME:
            return Reference(self._path(self._draw(st.sampled_from([*self._documents]) | PATHS)))
        stored = stored_at(self._documents, path)
        return self._draw(ANYTHING if not stored or self._chance(1, 5) else st.sampled_from(stored))

    def _element(self, path: FieldPath) -> Any:
        """A value to look for in arrays, or among several."""
        arrays = [array for array in stored_at(self._documents, path) if isinstance(array, list)]
        stored = [element for array in arrays for element in array]
        return self._draw(SCALARS if not stored or self._chance(1, 5) else st.sampled_from(stored))

    def _filter(self, paths: st.SearchStrategy[FieldPath], depth: int = 0) -> wire.Filter:
        if depth < 3 and self._chance(1, 3):
            parts = [self._filter(paths, depth + 1) for _ in range(self._draw(st.integers(1, 3)))]
            return combined(self._draw(_COMBINATIONS), parts)
        path, operator = self._draw(paths), self._draw(_OPERATORS)
        name = field_path(path)
        match operator:
            case "array-contains":
                return where(name, operator, self._element(path))
            case "array-contains-any":
                return where(name, operator, self._several(self._element, path))
            case "in" | "not-in":
                return where(name, operator, self._several(self._value, path))
            case _ if operator in TESTS:
                return having(name, operator)
            case _:
                return where(name, operator, self._value(path))

    def _several(self, choose: Any, path: FieldPath) -> list[Any]:
        """Several values, or sometimes none, which is refused."""
        count = 0 if self._chance(1, 20) else self._draw(st.integers(1, 3))
        return [choose(path) for _ in range(count)]

    # Queries

    def _query(self) -> tuple[str, wire.StructuredQuery]:
        """A parent, and a query below it."""
        query = wire.StructuredQuery()
        parent = self._parent()
        if parent != ROOT and self._chance(1, 3):
            self._write_kindless(query)
        else:
            selector = query.from_.add()
            collection_id, is_group = self._draw(_COLLECTIONS)
            selector.collection_id = f"{collection_id}{self._run}"
            selector.all_descendants = is_group and (parent == ROOT or self._chance(1, 5))
            self._write_conditions(query)
        if self._chance(1, 3):
            query.limit.value = self._draw(_LIMITS)
        query.offset = self._draw(_OFFSETS)
        if self._chance(1, 4):
            for path in self._draw(_PROJECTIONS):
                query.select.fields.add().field_path = field_path(path)
        return parent, query

    def _parent(self) -> str:
        """The root, or sometimes a document that may have others below it."""
        above = [path.rsplit("/", 2)[0] for path in self._documents if path.count("/") > 1]
        return f"{ROOT}/{self._path(self._draw(st.sampled_from(above)))}" if above and self._chance(1, 5) else ROOT

    def _write_conditions(self, query: wire.StructuredQuery) -> None:
        if self._chance(2, 3):
            query.where.CopyFrom(self._filter(_FIELDS_AND_NAME if self._chance(1, 6) else FIELD_PATHS))
        ordered = self._orders() if self._chance(1, 2) else []
        for path, direction in ordered:
            order = query.order_by.add()
            order.field.field_path, order.direction = field_path(path), direction
        for cursor in (query.start_at, query.end_at):
            if ordered and self._chance(1, 4):
                self._write_cursor(cursor, [path for path, _ in ordered])

    def _write_kindless(self, query: wire.StructuredQuery) -> None:
        """A query of all collections, which can only be about names."""
        if self._chance(1, 2):
            query.from_.add().all_descendants = self._draw(st.booleans())
        if self._chance(1, 2):
            query.where.CopyFrom(self._filter(FIELD_PATHS if self._chance(1, 5) else st.just(NAME)))
        if self._chance(1, 2):
            query.order_by.add().field.field_path = "__name__"
            self._write_cursor(query.start_at, [NAME])

    def _orders(self) -> list[tuple[FieldPath, int]]:
        """Fields and directions, and sometimes the name."""
        ordered = [(path, self._draw(_DIRECTIONS)) for path in self._draw(_ORDERS)] if self._chance(5, 6) else []
        if not ordered or self._chance(1, 10):
            # The emulator has no index that begins with the name, descending.
            ordered.append((NAME, self._draw(_DIRECTIONS) if ordered else 1))
        return ordered

    def _write_cursor(self, cursor: wire.Cursor, paths: list[FieldPath]) -> None:
        cursor.SetInParent()
        cursor.before = self._draw(st.booleans())
        count = len(paths) + 1 if self._chance(1, 20) else self._draw(st.integers(0, len(paths)))
        for path in [*paths, ("few",)][:count]:
            cursor.values.append(value_of(self._value(path)))

    # Requests

    def _query_request(self) -> wire.RunQueryRequest:
        parent, query = self._query()
        request = wire.RunQueryRequest(parent=parent)
        request.structured_query.CopyFrom(query)
        return request

    def _search_request(self) -> wire.RunQueryRequest:
        """A search by a vector. It has no cursors, and no offset and limit besides its own, or it is refused."""
        request = self._query_request()
        query = request.structured_query
        if not self._chance(1, 20):
            for field in ("start_at", "end_at", "offset", "limit"):
                query.ClearField(field)
        search = query.find_nearest
        search.vector_field.field_path = field_path(self._draw(_VECTOR_FIELDS))
        search.query_vector.CopyFrom(value_of(self._draw(SEARCHED)))
        search.distance_measure = self._draw(_MEASURES)
        search.limit.value = self._draw(st.sampled_from([0, 1001])) if self._chance(1, 20) else self._draw(_LIMITS)
        search.distance_result_field = self._draw(_DISTANCE_FIELDS)
        if query.select.fields and self._chance(1, 2):
            query.select.fields.add().field_path = "distance"
        if self._chance(1, 3):
            search.distance_threshold.value = self._draw(_THRESHOLDS)
        return request

    def _aggregation_request(self) -> wire.RunAggregationQueryRequest:
        parent, query = self._query()
        request = wire.RunAggregationQueryRequest(parent=parent)
        message = request.structured_aggregation_query
        message.structured_query.CopyFrom(query)
        if not self._chance(1, 10):
            message.structured_query.ClearField("select")
        for _ in range(self._draw(st.integers(1, 3))):
            self._write_aggregation(
                message.aggregations.add(), is_kindless=not query.from_ or not query.from_[0].collection_id
            )
        return request

    def _write_aggregation(self, aggregation: wire.Aggregation, *, is_kindless: bool) -> None:
        aggregation.alias = self._draw(_ALIASES)
        if is_kindless or self._chance(1, 3):  # the emulator finds sums of all collections, which no index serves
            aggregation.count.SetInParent()
            if self._chance(1, 2):
                aggregation.count.up_to.value = self._draw(st.sampled_from([1, 2, 100]))
        elif self._chance(1, 2):
            aggregation.sum.field.field_path = field_path(self._draw(_NUMBER_FIELDS))
        else:
            aggregation.avg.field.field_path = field_path(self._draw(_NUMBER_FIELDS))


@dataclass(frozen=True)
class Example:
    """Documents, and requests about them."""

    documents: list[wire.Document]
    requests: list[Request]

    def __repr__(self) -> str:
        lines = [" ".join(str(message).split()) for message in (*self.documents, *self.requests)]
        return "\n".join(["", *lines])


@st.composite
def examples(draw: st.DrawFn) -> Example:
    case = Case(draw, draw(DOCUMENTS))
    return Example(case.documents(), [case.request() for _ in range(10)])
