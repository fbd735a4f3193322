"""Names of the generated API: none may hide another."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Sequence

from firestore_codegen.collections.runtime_names import client_names, collection_names
from firestore_codegen.errors import Place, Problem
from firestore_codegen.ir import Collection
from firestore_codegen.names import RESERVED_CLASS_NAMES, field_name
from firestore_codegen.read.sources import COLLECTIONS, CONFIG_FILE
from firestore_codegen.schema.normalize import NormalizedSchema


def check_names(schema: NormalizedSchema, collections: Sequence[Collection]) -> Iterator[Problem]:
    """Yield a problem for each attribute, method or class of the generated API whose name is taken."""
    place = Place(CONFIG_FILE) / COLLECTIONS
    for name, config in schema.collections.items():
        if hint := _taken(name, client_names(), "clients"):
            yield (place / name).problem(f"`{name}` cannot be the attribute of a collection", hint)
        for query in config.get("queries", {}):
            if hint := _taken(query, collection_names(), "collections"):
                yield (place / name / "queries" / query).problem(f"`{query}` cannot be the name of a query", hint)
    yield from _class_problems(schema, collections)
    yield from _model_problems(schema)


def _taken(name: str, taken: frozenset[str], owners: str) -> str:
    """Return why a name is taken, and what to do, or nothing."""
    if keyword.iskeyword(name):
        return "it is a keyword of Python: choose another name"
    return f"the class of {owners} uses this name itself: choose another" if name in taken else ""


def _class_problems(schema: NormalizedSchema, collections: Sequence[Collection]) -> Iterator[Problem]:
    """Yield a problem for each class that the generator would derive, and that is there already."""
    taken = {name: f"`{name}` of the schema" for name in schema.places}
    client = schema.config.get("client")
    derived = [
        (f"{model.name}{suffix}", schema.places[model.name])
        for model in schema.models
        for suffix in ("Field", "Fields", "Patch")
    ]
    for collection in collections:
        place = Place(CONFIG_FILE) / COLLECTIONS / collection.name
        names = (collection.class_name, f"{collection.class_name}ByPath")
        derived += [(f"{flavour}{name}", place) for name in names for flavour in ("", "Async")]
    if isinstance(client, str):
        clients = (client, f"Async{client}", f"{client.removesuffix('Client')}Settings")
        derived += [(name, Place(CONFIG_FILE) / "client") for name in clients]
    for name, place in derived:
        if name in RESERVED_CLASS_NAMES:
            yield place.problem(
                f"its class would be `{name}`, which the generated code defines itself", "choose another name"
            )
        elif name in taken:
            yield place.problem(f"its class would be `{name}`, like {taken[name]}", "rename one of them")
        taken.setdefault(name, f"that of {place.pointer}")


def _model_problems(schema: NormalizedSchema) -> Iterator[Problem]:
    """Yield a problem for each model whose functions or constant would be called like something else."""
    functions: dict[str, str] = {}
    constants = {name.upper(): name for name in schema.collections}
    for model in schema.models:
        place = schema.places[model.name]
        function = field_name(model.name)
        other = functions.setdefault(function, model.name)
        if other != model.name:
            yield place.problem(f"its functions would be `encode_{function}`, like those of `{other}`", "rename one")
        if model.name in constants:
            hint = "rename one"
            yield place.problem(f"the collection `{constants[model.name]}` has a constant `{model.name}`", hint)
