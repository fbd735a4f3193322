# Derived from rollout/_async/search.py by runtime/derive_sync.py. Do not edit; change that and run `make sync`.

"""The nearest embeddings, by an index as far as there is one; `rollout/ranking.py` says how."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from firestore_runtime.errors import MissingIndexError
from firestore_runtime.rollout.ranking import Ranking, arrays, may_search_by_index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from firestore_runtime.documents.untyped import Condition, UntypedDocument
    from firestore_runtime.rollout._sync.translated import DocumentStore

T = TypeVar("T")


class Search:
    """Searches for documents, and remembers which indexes are missing.

    Args:
        store: The documents.
        key: The key of their embeddings: arrays of numbers, or vectors.
    """

    def __init__(self, store: DocumentStore, key: str) -> None:
        self._store = store
        self._key = key
        self.without_index: set[object] = set()

    def nearest(
        self,
        path: str,
        query: Sequence[float],
        top_k: int | None,
        conditions: Sequence[Condition],
        read: Callable[[UntypedDocument], T | None],
    ) -> list[T]:
        """Return what is most similar to a vector, the most similar first.

        Args:
            path: The path of the collection.
            query: The vector.
            top_k: How many; None for all, a negative number leaves out so many of the last ones.
            conditions: What all of them meet.
            read: Makes a result of a document, or None of one that does not fit.
        """
        documents = self._store.documents(path)
        index = path, len(query), *(condition.field_path for condition in conditions)
        if index not in self.without_index and may_search_by_index(query, top_k):
            try:
                ranking = Ranking(query, top_k, read)
                self._offer(ranking, documents.nearest(self._key, query, top_k or 0, conditions))
                if ranking.is_settled:
                    self._offer(ranking, documents.query([*conditions, arrays(self._key)]))
                    return ranking.best()
            except MissingIndexError:
                self.without_index.add(index)  # nor will the next search find one
        ranking = Ranking(query, top_k, read)
        self._offer(ranking, documents.query(conditions))
        return ranking.best()

    def _offer(self, ranking: Ranking[T], documents: Iterator[UntypedDocument]) -> None:
        for document in documents:
            ranking.offer_one(document, document.data.get(self._key))
