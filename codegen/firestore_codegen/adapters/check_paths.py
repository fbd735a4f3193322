"""Where documents of older shapes may lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from firestore_codegen.adapters.kinds import CollectionRole, Kind
from firestore_codegen.collections.check_paths import path_problems
from firestore_codegen.errors import Place, Problem
from firestore_codegen.ir import Collection
from firestore_codegen.read.sources import JsonObject
from firestore_runtime.paths import split_field_path


def old_path_problems(
    kind: Kind, bound: Mapping[str, JsonObject], collections: Sequence[Collection], place: Place
) -> Iterator[Problem]:
    """Yield what is wrong with the paths of an adapter's collections, by role."""
    owners: dict[str, str] = {}
    for name, config in bound.items():
        path, here = config.get("path"), place / name / "path"
        if not kind.has_older_documents:
            if path is not None:
                yield here.problem(f"`{kind.name}` knows no older documents", "take it out")
            continue
        if path is None:
            yield (place / name).problem("`path` is missing", f"say where the older documents of `{kind.name}` lie")
            continue
        yield from path_problems(path, here)
        if "{" in path:
            yield here.problem(f"`{path}` has a parameter", "older documents lie in one collection: write its path")
        owner = owners.setdefault(path, name)
        if owner != name:
            yield here.problem(f"`{owner}` has the same path `{path}`", "give each role a path of its own")
        for collection in collections:
            yield from _clashes(path.split("/"), collection, kind.collections[name], here)


def _clashes(path: Sequence[str], collection: Collection, role: CollectionRole, place: Place) -> Iterator[Problem]:
    """Yield what a collection of the client leaves impossible at this path."""
    if _is_inside(path, collection.path):
        yield place.problem(f"`{collection.name}` is stored there", "documents of the older shape need their own path")
    elif path[-1] == collection.path[-1]:
        queried = {split_field_path(key) for query in role.queries for key in query.keys}
        for unindexed in collection.unindexed:  # in all collections of an id
            if any(keys[: len(unindexed.keys)] == unindexed.keys for keys in queried):
                message = f"documents are looked for there by `{unindexed}`, which `{collection.name}` leaves unindexed"
                yield place.problem(message, "take it out of `unindexed`, or choose another path")


def _is_inside(path: Sequence[str], template: Sequence[str]) -> bool:
    """Whether a path is one of those that a collection's path with its parameters stands for."""
    pairs = zip(path, template, strict=False)
    return len(path) == len(template) and all(id_ == other or other.startswith("{") for id_, other in pairs)
