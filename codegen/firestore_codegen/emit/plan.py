"""Which template makes which file, with what: the only place that knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from firestore_codegen.adapters.kinds import adapter_files
from firestore_codegen.adapters.views import adapter_views
from firestore_codegen.emit.exports import exports, settings_class
from firestore_codegen.emit.views import collection_views, model_views
from firestore_codegen.indexes.index_file import index_file
from firestore_codegen.ir import Package
from firestore_codegen.names import field_name
from firestore_runtime.contract import CONTRACT

_RENDERED = (
    "__init__.py",
    "codecs.py",
    "embedded.py",
    "fields.py",
    "firestore.indexes.json",
    "firestore.indexes.tf",
    "patches.py",
    "pytest_plugin.py",
    "schema.py",
    "settings.py",
)
"""What is rendered once."""
_FLAVOURED = ("__init__.py", "client.py", "collections.py")
"""What is rendered twice, from one template each."""


@dataclass(frozen=True, slots=True)
class Output:
    """One file of the package: its template, its path and what the template is given."""

    template: str
    path: str
    context: Mapping[str, object]

    @property
    def is_copied(self) -> bool:
        """Whether nothing in it varies, so that the template is the file."""
        return not self.template.endswith(".jinja")


@dataclass(frozen=True, slots=True)
class Flavour:
    """The words in which synchronous and asynchronous code differ."""

    package: str
    is_async: bool
    async_: str
    await_: str
    Async: str
    Iterator: str


SYNC = Flavour(
    package="_sync",
    is_async=False,
    async_="",
    await_="",
    Async="",
    Iterator="Iterator",
)
ASYNC = Flavour(
    package="_async",
    is_async=True,
    async_="async ",
    await_="await ",
    Async="Async",
    Iterator="AsyncIterator",
)


def plan(package: Package) -> tuple[Output, ...]:
    """List the files of a package, but for models.py, which datamodel-code-generator makes."""
    models, collections = model_views(package), collection_views(package)
    class_names = tuple(sorted([*(m.name for m in package.models), *(e.name for e in package.enums)]))
    context: dict[str, object] = {
        "package": package,
        "models": models,
        "stored_models": tuple(model for model in models if model.is_stored),
        "class_names": class_names,
        "collections": collections,
        "contract": CONTRACT,
        "exports": exports(package.client, class_names, models, collections, package.naive_datetimes),
        "index_file": index_file(package),
        "settings_class": settings_class(package.client),
        "client_fixture": field_name(package.client),
    }
    return (*_outputs(context), *_adapter_outputs(package))


def _outputs(context: Mapping[str, object]) -> Iterator[Output]:
    yield Output("py.typed", "py.typed", {})
    for name in _RENDERED:
        yield Output(f"{name}.jinja", name, context)
    for flavour in (SYNC, ASYNC):
        for name in _FLAVOURED:
            yield Output(f"io/{name}.jinja", f"{flavour.package}/{name}", {**context, "io": flavour})


def _adapter_outputs(package: Package) -> Iterator[Output]:
    """The files of a package's adapters: a kind's own get its bindings as `adapter`, the others only all `adapters`."""
    views = adapter_views(package.adapters)
    context: dict[str, object] = {
        "package": package,
        "adapters": views,
        "settings_class": settings_class(package.client),
    }
    for file in adapter_files(adapter.kind for adapter in package.adapters):
        given = {**context, "adapter": views[file.kind]} if file.kind else context
        yield Output(file.template, file.path, given)
