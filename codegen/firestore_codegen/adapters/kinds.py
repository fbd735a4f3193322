"""What a kind of adapters declares, and the kinds that are installed: packages register them by entry points.

An entry point of the group `firestore_codegen.adapters` names a `KindGroup`, as those of this distribution do in its
pyproject.toml. The generator itself knows none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Literal, TypeAlias

from firestore_runtime.index import Direction

FieldType: TypeAlias = Literal["id", "string", "timestamp", "vector", "map", "any"]
"""What the model's field must be; `id` is the one that is the document's id."""

ENTRY_POINTS = "firestore_codegen.adapters"


@dataclass(frozen=True, slots=True)
class FieldRole:
    """What an adapter needs of a field: its type, whether it may be None, and whether it can do without the field."""

    type: FieldType
    nullable: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class AdapterQuery:
    """A query of documents, by their stored keys if they are older ones, by the adapter's names if they are current.

    Those that single fields' automatic indexes serve, such as several `==`, need not be declared.

    Attributes:
        equal: What it always compares by `==`.
        optional: What it may compare by `==`, in any combination.
        inequalities: What it compares by `<` and the like.
        orders: What it is ordered by.
        nearest: The vector that it searches for the nearest ones of, if it does.
        dimension_of: The adapter's name of the field that says how long these vectors are.
    """

    equal: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    inequalities: tuple[str, ...] = ()
    orders: tuple[tuple[str, Direction], ...] = ()
    nearest: str = ""
    dimension_of: str = ""

    @property
    def keys(self) -> frozenset[str]:
        """All the keys in it."""
        nearest = (self.nearest,) if self.nearest else ()
        return frozenset((*self.equal, *self.optional, *self.inequalities, *dict(self.orders), *nearest))

    def renamed(self, names: Mapping[str, str]) -> AdapterQuery:
        """The same query with other names for its keys."""
        return replace(
            self,
            equal=tuple(names[key] for key in self.equal),
            optional=tuple(names[key] for key in self.optional),
            inequalities=tuple(names[key] for key in self.inequalities),
            orders=tuple((names[key], direction) for key, direction in self.orders),
            nearest=names[self.nearest] if self.nearest else "",
        )


@dataclass(frozen=True, slots=True)
class CollectionRole:
    """What an adapter needs of a collection.

    Attributes:
        fields: Fields, by its own names.
        queries: Those of older documents, for which indexes are derived.
        current_queries: Those of current documents, likewise.
    """

    fields: Mapping[str, FieldRole]
    queries: tuple[AdapterQuery, ...] = ()
    current_queries: tuple[AdapterQuery, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of adapter.

    Attributes:
        name: Its name.
        collections: The collections that it needs, by its own names for them.
        files: Its own templates, which are given its binding as `adapter`.
        has_older_documents: Whether it works on documents of an older shape, so that a binding says where these lie.
        rolls_out: Whether it moves older documents to the current collections, so that the package has settings for
            that.
    """

    name: str
    collections: Mapping[str, CollectionRole]
    files: tuple[str, ...]
    has_older_documents: bool = False
    rolls_out: bool = False


@dataclass(frozen=True, slots=True)
class KindGroup:
    """Kinds that come together, since they share files.

    Every template, `NAME.py.jinja`, becomes `adapters/NAME.py`. It is given `package`, all `adapters` and the name of
    the `settings_class`.

    Attributes:
        name: Its name: the templates are found below `adapters/<name>/`.
        templates: The directory of its templates.
        kinds: The kinds.
        files: The templates that they share.
    """

    name: str
    templates: Path
    kinds: tuple[Kind, ...]
    files: tuple[str, ...] = field(default=())


@cache
def kind_groups() -> tuple[KindGroup, ...]:
    """Return the groups that are installed.

    Raises:
        TypeError: An entry point names something else.
    """
    found = []
    for entry_point in sorted(entry_points(group=ENTRY_POINTS), key=lambda each: each.name):
        group = entry_point.load()
        if not isinstance(group, KindGroup):
            raise TypeError(f"the entry point {entry_point.value!r} of {ENTRY_POINTS} is no KindGroup")
        found.append(group)
    return tuple(found)


def kinds() -> Mapping[str, Kind]:
    """Return all kinds by name."""
    return {kind.name: kind for group in kind_groups() for kind in group.kinds}


def group_of(name: str) -> tuple[str, ...]:
    """Return the names of the kinds that one comes together with, itself among them."""
    return next(names for group in kind_groups() if name in (names := tuple(kind.name for kind in group.kinds)))


@dataclass(frozen=True, slots=True)
class AdapterFile:
    """A file of a package's adapters.

    Attributes:
        template: The name of its template.
        path: Its path in the package.
        kind: The kind that it belongs to, or nothing if it is shared.
    """

    template: str
    path: str
    kind: str = ""


def adapter_files(names: Iterable[str]) -> Iterator[AdapterFile]:
    """Yield the files of adapters of these kinds."""
    used = frozenset(names)
    if used:
        yield _file("__init__.py.jinja", "adapters")
    for group in kind_groups():
        templates = f"adapters/{group.name}"
        of_group = [kind for kind in group.kinds if kind.name in used]
        if of_group:
            yield from (_file(name, templates) for name in group.files)
        yield from (_file(name, templates, kind.name) for kind in of_group for name in kind.files)


def _file(name: str, templates: str, kind: str = "") -> AdapterFile:
    return AdapterFile(f"{templates}/{name}", f"adapters/{name.removesuffix('.jinja')}", kind)
