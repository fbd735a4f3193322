"""Which documents are nearest to a vector, where vectors and plain arrays of numbers lie side by side.

The older managers stored embeddings as arrays, which no index can search. So a search has up to three parts:

1. If `may_search_by_index(query, top_k)`: what `UntypedCollection.nearest` finds (`limit=top_k`) is offered to a
   `Ranking`. It is the whole truth about vectors if `ranking.is_settled` afterwards: Firestore leaves open what becomes
   of vectors of zeros, and it counts documents that do not fit their model, which matters unless enough others fit.
2. If it is: offer those documents whose embedding is an array, found by `arrays(field)` as one more condition.
3. If it is not, or if an index is missing: offer all documents, to a new ranking.

`ranking.best()` is the result: by similarity, descending; equal ones by document id, ascending, as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import isfinite, sqrt
from operator import mul
from typing import TYPE_CHECKING, Generic, TypeVar

from firestore_runtime.documents.untyped import Condition
from firestore_runtime.limits import MAX_NEAREST, MAX_VECTOR_DIMENSION

if TYPE_CHECKING:
    from firestore_runtime.documents.untyped import UntypedDocument

T = TypeVar("T")


def may_search_by_index(query: Sequence[float], top_k: int | None) -> bool:
    """Whether Firestore can search for a vector, and for so many results."""
    in_limits = top_k is not None and 1 <= top_k <= MAX_NEAREST and 1 <= len(query) <= MAX_VECTOR_DIMENSION
    return in_limits and any(query) and all(map(isfinite, query))


def arrays(field_path: str) -> Condition:
    """What documents meet in which a field is an array: they alone are compared with one."""
    return Condition(field_path, ">=", [])


def similarity(query: Sequence[float], vector: object) -> float | None:
    """The cosine of the angle between two vectors; 0 if one is zero, and None if the other one is no such vector."""
    if not isinstance(vector, list) or len(vector) != len(query):
        return None
    try:
        product = sum(map(mul, query, vector))
        norms = sqrt(sum(map(mul, query, query))) * sqrt(sum(map(mul, vector, vector)))
        score = product / norms if norms else 0.0
    except (TypeError, OverflowError):
        return None  # an element is no number
    return score if isfinite(score) else None


class Ranking(Generic[T]):
    """The most similar ones of the documents that are offered to it; it keeps no more than it needs.

    Args:
        query: The vector.
        top_k: How many are wanted; None for all, a negative number for all but the last ones.
        read: Makes a result of a document, or None of one that does not fit; asked only for candidates.
    """

    def __init__(self, query: Sequence[float], top_k: int | None, read: Callable[[UntypedDocument], T | None]) -> None:
        self._query = query
        self._top_k = top_k
        self._read = read
        self._found: list[tuple[float, str, T]] = []
        self._worst: tuple[float, str] | None = None

    def offer(self, documents: Iterable[UntypedDocument], key: str) -> None:
        """Take documents into account whose vectors lie under a key."""
        for document in documents:
            self.offer_one(document, document.data.get(key))

    def offer_one(self, document: UntypedDocument, vector: object) -> None:
        """Take a document and its vector into account."""
        score = similarity(self._query, vector)
        if score is None or (self._worst is not None and (-score, document.id) > self._worst):
            return
        result = self._read(document)
        if result is not None:
            self._found.append((-score, document.id, result))
            self._forget()

    @property
    def is_settled(self) -> bool:
        """Whether there are as many as are wanted, all of them at an acute angle."""
        return len(self._found) == self._top_k and all(negated < 0 for negated, _, _ in self._found)

    def best(self) -> list[T]:
        """The results, the most similar one first."""
        self._found.sort(key=lambda found: found[:2])
        return [result for _, _, result in self._found[: self._top_k]]

    def _forget(self) -> None:
        """Drop what cannot be among the results any more, now and then."""
        if self._top_k is None or self._top_k < 0 or len(self._found) < 2 * self._top_k + 64:
            return
        self._found.sort(key=lambda found: found[:2])
        del self._found[self._top_k :]
        self._worst = self._found[-1][:2] if self._found else None
