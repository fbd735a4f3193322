"""The shapes of older documents, and the current collections that such documents belong to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from firestore_runtime.documents.untyped import Condition
from firestore_runtime.paths import FieldPath, field_path, split_field_path

if TYPE_CHECKING:
    from firestore_runtime.collections.schema import CollectionSchema
    from firestore_runtime.rollout.conversions import Data


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A shape of older documents, and the current collection that they belong to.

    Attributes:
        name: What it is called.
        path: Where the older documents lie.
        schema: The current collection.
        user: The key of an older document under which it says whose it is.
        to_current: Turns fields of the older shape into those of the current one.
        to_old: Turns them back.
        is_one: Whether a document of that path has this shape; two shapes share a path.
        paths: What the fields of the older shape, by their paths, are called now.
        absent: Fields of the older shape and the values there that say that there is none: null, now.
        always: Fields of the older shape and the values there that all documents have, and that are not stored now.
    """

    name: str
    path: str
    schema: CollectionSchema[Any]  # of whichever model
    user: str
    to_current: Callable[[Data], Data]
    to_old: Callable[[Data], Data]
    is_one: Callable[[Data], bool]
    paths: Mapping[FieldPath, FieldPath]
    absent: Mapping[FieldPath, str] = field(default_factory=dict)
    always: Mapping[FieldPath, str] = field(default_factory=dict)

    def current_path(self, old: FieldPath) -> FieldPath:
        """Return the path in the current shape of a field of the older one."""
        for length in range(len(old), 0, -1):
            if old[:length] in self.paths:
                return (*self.paths[old[:length]], *old[length:])
        return old

    def current_condition(self, condition: Condition) -> Condition | None:
        """Return what current documents meet if the older ones meet a condition; None if all of them do."""
        old = split_field_path(condition.field_path)
        path, value = field_path(self.current_path(old)), condition.value
        if condition.operator == "==" and isinstance(value, str):
            if self.always.get(old) == value:
                return None
            if self.absent.get(old) == value:
                value = None
        return Condition(path, condition.operator, value)


@dataclass(frozen=True, slots=True)
class LayoutFamily:
    """Layouts whose older paths depend on words that a migration is told.

    Attributes:
        form: How they are asked for: a name, a colon, and the words with colons between them.
        layouts: The layouts; their own paths are not asked for.
        paths: Makes the older path of each layout of the words.
    """

    form: str
    layouts: tuple[Layout, ...]
    paths: Callable[[Sequence[str]], Sequence[str]]

    @property
    def name(self) -> str:
        """The name that it is asked for by."""
        return self.form.partition(":")[0]


def top_level(keys: Mapping[str, str]) -> dict[FieldPath, FieldPath]:
    """Return keys and what they have become as paths of fields."""
    return {(old,): (new,) for old, new in keys.items()}
