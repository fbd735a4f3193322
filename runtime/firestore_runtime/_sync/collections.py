# Derived from _async/collections.py by runtime/derive_sync.py. Do not edit; change that and run `make sync`.

"""The collections at a path with parameters; a generated package derives a class for each such path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import pydantic

from firestore_runtime._sync.query import Query
from firestore_runtime.collections.reference import CollectionReference
from firestore_runtime.queries.statements import Statement

if TYPE_CHECKING:
    from firestore_runtime._sync.backend import Backend
    from firestore_runtime._sync.collection import Collection
    from firestore_runtime.collections.schema import CollectionSchema
    from firestore_runtime.options import Options

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)
CollectionT = TypeVar("CollectionT", bound="Collection[Any]")  # of the class's own model


class CollectionsByPath(Generic[ModelT]):
    """Base of the callables that take the parameters of a path and return the collection there.

    Args:
        backend: The store.
        namespace: The namespace of the collections, if any.
        options: The options of their calls.
    """

    _schema: ClassVar[CollectionSchema[ModelT]]

    def __init__(self, backend: Backend, namespace: str | None, options: Options) -> None:
        self._backend = backend
        self._namespace = namespace
        self._options = options

    @property
    def group(self) -> Query[ModelT]:
        """The query for the documents of all of these collections, whatever their parameters."""
        return Query(self._backend, Statement(self._reference(None)), self._options)

    def _collection(self, kind: type[CollectionT], arguments: dict[str, str]) -> CollectionT:
        """Make the collection for these values of the path's parameters."""
        return kind(self._backend, self._reference(arguments), self._options)

    def _reference(self, arguments: dict[str, str] | None) -> CollectionReference[ModelT]:
        return CollectionReference(self._schema, self._backend.database, self._namespace, arguments)
