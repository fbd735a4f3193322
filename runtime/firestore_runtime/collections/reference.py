"""References to collections, and the names of the documents in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import pydantic

from firestore_runtime.codecs.context import Context
from firestore_runtime.limits import check_id, check_name
from firestore_runtime.paths import relative_path
from firestore_runtime.values import DocumentPath

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from firestore_runtime.collections.schema import CollectionSchema

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


class Location:
    """The location of a collection, whatever its documents hold.

    Args:
        database: `projects/P/databases/D`.
        path: The path of the collection below the root of the database.
        omit_nulls: Whether fields of models that are None are left out, instead of being stored as null.
        is_group: Whether it stands for all collections with the last id of the path, below any document: a collection
            group.
    """

    def __init__(self, database: str, path: str, *, omit_nulls: bool = False, is_group: bool = False) -> None:
        root = f"{database}/documents"
        collection = f"{root}/{path}"
        self.database = database
        self.parent, _, self.collection_id = collection.rpartition("/")
        self.context = Context(root, collection, omit_nulls, is_group)

    def name(self, document_id: str) -> str:
        """Return the full name of a document.

        Raises:
            ValidationError: The id is not valid.
        """
        return check_name(f"{self.context.collection}/{check_id(document_id)}")

    def path(self, document_id: str) -> DocumentPath:
        """Return the path of a document below the root of its database.

        Raises:
            ValidationError: The id is not valid.
        """
        return DocumentPath(relative_path(self.name(document_id)))


class CollectionReference(Location, Generic[ModelT]):
    """A collection in a database, in a namespace, with values for the parameters of its path.

    Args:
        schema: The schema of the collection.
        database: `projects/P/databases/D`.
        namespace: The namespace of the collection, if any.
        arguments: The values of the path's parameters; None stands for all collections with the last id of the path,
            below any document: a collection group.

    Raises:
        ValidationError: The namespace or an argument is not a valid segment of a path.
    """

    def __init__(
        self,
        schema: CollectionSchema[ModelT],
        database: str,
        namespace: str | None,
        arguments: Mapping[str, str] | None,
    ) -> None:
        below = schema.path[-1:] if arguments is None else _path_segments(schema, arguments)
        path = "/".join((*namespace_segments(namespace), *below))
        super().__init__(database, path, omit_nulls=schema.omit_nulls, is_group=arguments is None)
        self.schema = schema


def namespace_segments(namespace: str | None) -> tuple[str, ...]:
    """Return the segments of the document that a namespace's collections lie below.

    A namespace is a parent document, not a prefix of collection ids: it cannot collide with another one, and the
    collections keep their ids and so their indexes.

    Raises:
        ValidationError: The namespace is not valid as a document id.
    """
    return () if namespace is None else ("namespaces", check_id(namespace, "namespace"))


def _path_segments(schema: CollectionSchema[ModelT], arguments: Mapping[str, str]) -> Iterator[str]:
    for segment in schema.path:
        if segment.startswith("{"):
            yield check_id(arguments[segment[1:-1]], f"{segment[1:-1]} of {schema.name}")
        else:
            yield segment
