"""The collections of a client: those that are asked for by name, and the one that a document lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from firestore_runtime.collections.reference import CollectionReference
from firestore_runtime.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firestore_runtime.collections.schema import CollectionSchema

Spec: TypeAlias = "CollectionSchema[Any]"  # each of another model


class Catalog:
    """The collections of a client.

    Args:
        schemas: What the schema says about them.
        database: `projects/P/databases/D`.
        namespace: The namespace that they lie in, if any.
    """

    def __init__(self, schemas: Sequence[Spec], database: str, namespace: str | None) -> None:
        self.database = database
        self.namespace = namespace
        self._schemas = schemas
        # A path without parameters goes before one with some that it would fit, too.
        self._exact_first = sorted(schemas, key=lambda schema: sum(map(_is_parameter, schema.path)))

    @property
    def paths(self) -> list[str]:
        """The paths of the collections."""
        return ["/".join(schema.path) for schema in self._schemas]

    def references(self, names: Sequence[str] | None) -> list[CollectionReference[Any]]:
        """Return where the collections of these names are, in the order of the schema; all of them by default.

        Those with parameters in their path are one place, which others of the same last id belong to, too.

        Raises:
            ValidationError: There is no collection of such a name.
        """
        known = {schema.name: schema for schema in self._schemas}
        chosen = known if names is None else [names] if isinstance(names, str) else names
        for name in chosen:
            if name not in known:
                raise ValidationError(f"there is no collection {name!r}, only {', '.join(known)}")
        return [self._reference(schema) for name, schema in known.items() if name in chosen]

    def schema_at(self, path: str) -> Spec | None:
        """Return the collection of the document with this path below the namespace, or None if it is in none."""
        collection = path.split("/")[:-1]
        return next((schema for schema in self._exact_first if _fits(schema.path, collection)), None)

    def _reference(self, schema: Spec) -> CollectionReference[Any]:
        return CollectionReference(
            schema, self.database, self.namespace, None if any(map(_is_parameter, schema.path)) else {}
        )


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{")


def _fits(pattern: Sequence[str], path: Sequence[str]) -> bool:
    if len(pattern) != len(path):
        return False
    return all(_is_parameter(wanted) or wanted == found for wanted, found in zip(pattern, path, strict=True))
