"""What a generated package exports, and which module each name comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from firestore_codegen.emit.views import CollectionView, ModelView
from firestore_runtime import __all__ as runtime_names

Modules: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]

RUNTIME = "firestore_runtime"


@dataclass(frozen=True, slots=True)
class Exports:
    """Names by the module that they come from, which is imported when one of them is first asked for."""

    modules: Modules

    @property
    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted(name for _, names in self.modules for name in names))


def exports(
    client: str,
    class_names: tuple[str, ...],
    models: tuple[ModelView, ...],
    collections: tuple[CollectionView, ...],
    naive_datetimes: str,
) -> Exports:
    """List the public names of a package.

    A class of the schema goes before one of ours with the same name, which stays to be had from its own module.
    """
    stored = tuple(model.name for model in models if model.is_stored)
    datetimes = ("UtcDatetime",) if naive_datetimes == "utc" else ()
    modules = (
        (RUNTIME, tuple(name for name in runtime_names if name not in datetimes)),
        *_flavour("_async", "Async", client, collections),
        *_flavour("_sync", "", client, collections),
        (".embedded", ("AsyncEmbeddedBackend", "EmbeddedBackend")),
        (".fields", tuple(f"{name}Fields" for name in stored)),
        (".models", class_names),
        (".patches", tuple(f"{name}Patch" for name in stored)),
        (".settings", (settings_class(client),)),
        (f"{RUNTIME}.naive_datetimes", datetimes),
    )
    return Exports(_without(modules, class_names))


def _without(modules: Modules, class_names: tuple[str, ...]) -> Modules:
    """Drop the names that the schema takes, and modules of which nothing is left."""
    kept = (
        (module, tuple(name for name in names if module == ".models" or name not in class_names))
        for module, names in modules
    )
    return tuple((module, names) for module, names in kept if names)


def settings_class(client: str) -> str:
    """The name of the settings, from that of the client."""
    return f"{client.removesuffix('Client')}Settings"


def _classes(collections: tuple[CollectionView, ...]) -> list[str]:
    return sorted({name for collection in collections for name in (collection.class_name, collection.entry_class)})


def _flavour(
    package: str, prefix: str, client: str, collections: tuple[CollectionView, ...]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (
        (f".{package}.client", (f"{prefix}{client}",)),
        (f".{package}.collections", tuple(f"{prefix}{name}" for name in _classes(collections))),
    )
