"""The vectors of a collection as a matrix, kept from one search to the next."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from firestore_runtime.embedded.semantics.keys import is_vector
from firestore_runtime.embedded.semantics.lookup import value_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from firestore_runtime.embedded.documents import Documents
    from firestore_runtime.paths import FieldPath
    from firestore_runtime.wire import Document, Value

    Matrix: TypeAlias = NDArray[np.float64]
    Numbers: TypeAlias = NDArray[np.int64]

_MAX_TABLES = 16

# How an ArrayValue of doubles is laid out, element by element; see vectors.py.
_ELEMENT = np.dtype([("head", "V3"), ("number", "<f8")])


@dataclass(frozen=True, slots=True)
class VectorTable:
    """The vectors that the documents of a collection have in a field, one row for each document.

    Attributes:
        numbers: The numbers of the documents, ascending.
        times: When they were changed last, in microseconds since 1970.
        matrix: Their vectors; a row of NaN where there is none of the right dimension.
        squares: The squares of their lengths.
    """

    numbers: Numbers
    times: Numbers
    matrix: Matrix
    squares: Matrix


def vector_of(document: Document, path: FieldPath, dimension: int) -> Matrix | None:
    """Return the vector that a document has at a path, or None if it has none of this dimension there."""
    value = value_at(document, path)
    if value is None or not is_vector(value):
        return None
    vector = elements_of(value)
    return vector if len(vector) == dimension else None


def elements_of(value: Value) -> Matrix:
    """Return the elements of a vector, which all are floating-point numbers: that has been checked."""
    data = value.map_value.fields["value"].array_value.SerializeToString()
    return np.frombuffer(data, _ELEMENT)["number"]


def squares_of(matrix: Matrix) -> Matrix:
    """Return the square of the length of each row."""
    squares: Matrix = np.einsum("ij,ij->i", matrix, matrix)
    return squares


class VectorTables:
    """The vector tables of a store. All threads may use them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tables: dict[tuple[int, FieldPath, int], tuple[int, VectorTable]] = {}

    def current(self, documents: Documents, collection: int, path: FieldPath, dimension: int) -> VectorTable:
        """Return a table as it is in a state of the store: only what has changed since the last time is read.

        Args:
            documents: The documents in this state.
            collection: The number of the collection.
            path: The path of the field.
            dimension: How many elements the vectors have.
        """
        key, now = (collection, path, dimension), documents.time()
        then, table = self._tables.get(key) or (-1, _empty(dimension))
        if then == now:
            return table
        table = _refreshed(table, documents, collection, path)
        with self._lock:
            self._tables.pop(key, None)
            self._tables[key] = (now, table)
            if len(self._tables) > _MAX_TABLES:
                del self._tables[next(iter(self._tables))]
        return table


def _empty(dimension: int) -> VectorTable:
    none = np.empty(0, np.int64)
    return VectorTable(none, none, np.empty((0, dimension)), np.empty(0))


def _refreshed(table: VectorTable, documents: Documents, collection: int, path: FieldPath) -> VectorTable:
    rows = np.array(documents.versions(collection), np.int64).reshape(-1, 2)
    numbers, times = np.ascontiguousarray(rows[:, 0]), np.ascontiguousarray(rows[:, 1])
    if np.array_equal(numbers, table.numbers) and np.array_equal(times, table.times):
        return table
    places = np.searchsorted(table.numbers, numbers)
    places[places == len(table.numbers)] = 0
    known = np.zeros(len(numbers), np.bool_)
    if len(table.numbers):
        known = (table.numbers[places] == numbers) & (table.times[places] == times)
    matrix = np.empty((len(numbers), table.matrix.shape[1]))
    matrix[known] = table.matrix[places[known]]
    matrix[~known] = _read(documents, numbers[~known].tolist(), path, table.matrix.shape[1])
    return VectorTable(numbers, times, matrix, squares_of(matrix))


def _read(documents: Documents, numbers: Iterable[int], path: FieldPath, dimension: int) -> Matrix:
    """Read the vectors of single documents."""
    nothing = np.full(dimension, np.nan)
    found = []
    for number in numbers:
        vector = vector_of(documents.load(number), path, dimension)
        found.append(nothing if vector is None else vector)
    return np.array(found).reshape(-1, dimension)
