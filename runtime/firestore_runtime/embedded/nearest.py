"""Searches for the documents whose vectors are nearest to a given one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from firestore_runtime.embedded.semantics.keys import name_key
from firestore_runtime.embedded.vector_tables import elements_of, squares_of, vector_of
from firestore_runtime.paths import split_field_path
from firestore_runtime.wire.operators import DISTANCE_MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firestore_runtime.embedded.documents import Documents
    from firestore_runtime.embedded.vector_tables import Matrix, Numbers, VectorTables
    from firestore_runtime.wire import Document, FindNearest

Hit: TypeAlias = "tuple[float, Document]"
"""A document that was found, behind its distance."""

_EUCLIDEAN, _COSINE = DISTANCE_MEASURES["EUCLIDEAN"], DISTANCE_MEASURES["COSINE"]
_ROWS_AT_ONCE = 512
"""Few enough for the processor's cache."""


class NearestSearch:
    """A search by a vector.

    Args:
        find: What is searched for; it has been checked.
    """

    def __init__(self, find: FindNearest) -> None:
        self._find = find
        self._path = split_field_path(find.vector_field.field_path)
        self._vector = elements_of(find.query_vector)
        self._dimension = len(self._vector)
        self._sign = 1 if find.distance_measure in (_EUCLIDEAN, _COSINE) else -1  # a greater product is nearer

    def among(self, documents: Iterable[Document]) -> list[Hit]:
        """Return the nearest ones of these documents; those that are as near stay in their order."""
        having = [(one, vector) for one in documents if (vector := self._vector_of(one)) is not None]
        matrix = np.array([vector for _, vector in having]).reshape(-1, self._dimension)
        distances = self._distances(matrix, squares_of(matrix))
        hits = self._hits(distances)
        return self._ranked([(float(distances[hit]), having[hit][0]) for hit in hits])

    def in_collection(self, documents: Documents, tables: VectorTables, collection: int) -> list[Hit]:
        """Return the nearest ones of all documents of a collection, by its number, in the order of their names."""
        table = tables.current(documents, collection, self._path, self._dimension)
        distances = self._distances(table.matrix, table.squares)
        hits = [(float(distances[hit]), documents.load(int(table.numbers[hit]))) for hit in self._hits(distances)]
        return self._ranked(sorted(hits, key=lambda hit: name_key(hit[1].name)))

    def _vector_of(self, document: Document) -> Matrix | None:
        return vector_of(document, self._path, self._dimension)

    def _distances(self, matrix: Matrix, squares: Matrix) -> Matrix:
        """The distance of each row, by the search's measure; NaN for what has none."""
        with np.errstate(all="ignore"):  # a vector of zeros has no direction, and infinity times zero is no number
            if self._find.distance_measure == _EUCLIDEAN:
                return _euclidean(matrix, self._vector)
            if self._find.distance_measure == _COSINE:
                return _cosine(matrix, squares, self._vector)
            return matrix @ self._vector

    def _hits(self, distances: Matrix) -> Numbers:
        """The rows that are near enough: as many as are wanted, and those that are as near as the last of them."""
        ranks = self._sign * distances
        usable = ~np.isnan(ranks)
        if self._find.HasField("distance_threshold"):
            usable &= ranks <= self._sign * self._find.distance_threshold.value
        rows = np.flatnonzero(usable)
        count = self._find.limit.value
        if len(rows) > count:
            last = np.partition(ranks[rows], count - 1)[count - 1]
            rows = rows[ranks[rows] <= last]
        return rows

    def _ranked(self, found: list[Hit]) -> list[Hit]:
        """The nearest ones first."""
        found.sort(key=lambda hit: self._sign * hit[0])
        return found[: self._find.limit.value]


def _euclidean(matrix: Matrix, vector: Matrix) -> Matrix:
    distances = np.empty(len(matrix))
    for first in range(0, len(matrix), _ROWS_AT_ONCE):
        difference = matrix[first : first + _ROWS_AT_ONCE] - vector
        distances[first : first + _ROWS_AT_ONCE] = np.einsum("ij,ij->i", difference, difference)
    return np.sqrt(distances, out=distances)


def _cosine(matrix: Matrix, squares: Matrix, vector: Matrix) -> Matrix:
    # One root of both is exact for a vector and itself, where the product of two roots is not.
    return 1.0 - (matrix @ vector) / np.sqrt(squares * (vector @ vector))
