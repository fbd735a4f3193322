"""Entries of `adapters` to what they bind: the collections that play a kind's roles, and their fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from firestore_codegen.adapters.check_paths import old_path_problems
from firestore_codegen.adapters.fields import build_fields
from firestore_codegen.adapters.kinds import CollectionRole, Kind, group_of, kinds
from firestore_codegen.collections.lookup import Lookup
from firestore_codegen.errors import Place, Problem, suggestion
from firestore_codegen.ir import AdaptedCollection, Adapter, Collection
from firestore_codegen.read.sources import ADAPTERS, COLLECTIONS, CONFIG_FILE, JsonObject
from firestore_codegen.schema.normalize import NormalizedSchema


@dataclass(frozen=True, slots=True)
class _Scope:
    """What adapters can be bound to, and where problems go."""

    schema: NormalizedSchema
    collections: Mapping[str, Collection]
    problems: list[Problem]

    def lookup(self, collection: Collection) -> Lookup:
        """Where the fields of a collection are found."""
        return Lookup(collection.model, {}, {}, self.schema.unread, (), self.problems)


def build_adapters(
    schema: NormalizedSchema, collections: tuple[Collection, ...], problems: list[Problem]
) -> tuple[Adapter, ...]:
    """Return the adapters, after adding what is wrong with them to the problems."""
    scope = _Scope(schema, {collection.name: collection for collection in collections}, problems)
    place = Place(CONFIG_FILE) / ADAPTERS
    problems += [*_kind_problems(schema, place), *_group_problems(schema, place)]
    found = ((kinds().get(config["kind"]), config, place / at) for at, config in schema.adapters.items())
    return tuple(
        Adapter(kind.name, kind.rolls_out, _build_collections(scope, kind, config, here))
        for kind, config, here in found
        if kind is not None
    )


def _kind_problems(schema: NormalizedSchema, place: Place) -> Iterator[Problem]:
    """Yield a problem for each kind that does not exist, and for each that is there twice."""
    found: set[str] = set()
    for at, config in schema.adapters.items():
        name, here = config["kind"], place / at / "kind"
        if name not in kinds():
            yield here.problem(f"there is no adapter of kind `{name}`", suggestion(name, kinds()))
        elif name in found:
            yield here.problem(f"there is an adapter of kind `{name}` already", "leave one of them out")
        found.add(name)


def _group_problems(schema: NormalizedSchema, place: Place) -> Iterator[Problem]:
    """Yield a problem for each group of kinds that is there in part."""
    names = [config["kind"] for config in schema.adapters.values()]
    if not names or len(names) < len(schema.config[ADAPTERS]) or not kinds().keys() >= set(names):
        return  # what is not understood may be what seems to be missing
    for group in dict.fromkeys(map(group_of, names)):
        absent = " and ".join(f"`{name}`" for name in group if name not in names)
        if absent:
            at, name = next((at, name) for at, name in enumerate(names) if name in group)
            yield (place / at / "kind").problem(f"`{name}` comes together with {absent}", "add an adapter of each")


def _build_collections(scope: _Scope, kind: Kind, config: JsonObject, place: Place) -> tuple[AdaptedCollection, ...]:
    """Return the collections in their roles; those with problems are left out."""
    place, bound = place / COLLECTIONS, config["collections"]
    for name in kind.collections:
        if name not in bound:
            hint = "say which collection plays it, and which of its fields are bound"
            scope.problems.append(place.problem(f"`{kind.name}` has a role `{name}`, and nothing plays it", hint))
    for name in bound:
        if name not in kind.collections:
            hint = suggestion(name, kind.collections)
            scope.problems.append((place / name).problem(f"`{kind.name}` has no role `{name}`", hint))
    known = {name: binding for name, binding in bound.items() if name in kind.collections}
    scope.problems.extend(old_path_problems(kind, known, tuple(scope.collections.values()), place))
    found = [_build_collection(scope, kind.collections[name], name, known[name], place / name) for name in known]
    return tuple(collection for collection in found if collection is not None)


def _build_collection(
    scope: _Scope, role: CollectionRole, name: str, config: JsonObject, place: Place
) -> AdaptedCollection | None:
    collection = _find(scope, config["collection"], place / "collection")
    if collection is None:
        return None
    fields = build_fields(scope.lookup(collection), role, collection, config["fields"], place / "fields")
    path = tuple(config["path"].split("/")) if "path" in config else None
    return AdaptedCollection(name, collection, path, fields)


def _find(scope: _Scope, name: str, place: Place) -> Collection | None:
    """Return the collection, or None after reporting why it cannot be bound, unless that is said already."""
    collection, listed = scope.collections.get(name), scope.schema.config.get(COLLECTIONS)
    if collection is not None and not collection.parameters:
        return collection
    if collection is not None:
        message = f"the path of `{name}` has parameters, so it is no single collection"
        scope.problems.append(place.problem(message, "choose another one"))
    elif isinstance(listed, dict) and name not in listed:
        scope.problems.append(place.problem(f"there is no collection `{name}`", suggestion(name, listed)))
    return None
