"""Which template makes which file, with what: the only place that knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from codegen.adapters.kinds import adapter_files, flavoured_adapter_files
from codegen.adapters.views import adapter_views
from codegen.exports import exports, settings_class
from codegen.index_file import index_file
from codegen.ir import Package
from codegen.names import field_name
from codegen.views import collection_views, model_views

_COPIED = (
    "changes.py",
    "embedders.py",
    "errors.py",
    "expressions.py",
    "filters.py",
    "health.py",
    "limits.py",
    "options.py",
    "place.py",
    "plain.py",
    "py.typed",
    "reads.py",
    "spec.py",
    "transaction_attempts.py",
    "transaction_errors.py",
    "transactions.py",
    "updates.py",
    "urls.py",
    "wire.py",
    "wire.pyi",
    "wordllama_embedder.py",
    "writes.py",
    "written.py",
    "bulk/__init__.py",
    "bulk/batches.py",
    "bulk/deliveries.py",
    "bulk/outcomes.py",
    "bulk/ramp_up.py",
    "bulk/tallies.py",
    "bulk/workers.py",
    "bulk/write_makers.py",
    "coding/__init__.py",
    "coding/containers.py",
    "coding/context.py",
    "coding/decoding.py",
    "coding/scalars.py",
    "coding/untyped.py",
    "coding/vectors.py",
    "dumps/__init__.py",
    "dumps/catalog.py",
    "dumps/ndjson.py",
    "dumps/notation.py",
    "dumps/text_files.py",
    "queries/__init__.py",
    "queries/aggregations.py",
    "queries/bounds.py",
    "queries/checks.py",
    "queries/explain.py",
    "queries/nearest.py",
    "queries/pages.py",
    "queries/shapes.py",
    "queries/statements.py",
    "rpc/__init__.py",
    "rpc/connection.py",
    "rpc/deadlines.py",
    "rpc/faults.py",
    "rpc/resume.py",
    "rpc/retries.py",
    "rpc/settle.py",
    "rpc/transport.py",
    "rpc/transport.pyi",
)
"""What is the same in every package."""

_EMBEDDED = (
    "__init__.py",
    "async_backend.py",
    "backend.py",
    "candidates.py",
    "commits.py",
    "declared.py",
    "documents.py",
    "engine.py",
    "entries.py",
    "expiry.py",
    "explaining.py",
    "failures.py",
    "files.py",
    "nearest.py",
    "reader.py",
    "scans.py",
    "statuses.py",
    "store.py",
    "transactions.py",
    "turns.py",
    "vector_tables.py",
    "semantics/__init__.py",
    "semantics/aggregates.py",
    "semantics/checks.py",
    "semantics/conditions.py",
    "semantics/conjunctions.py",
    "semantics/edits.py",
    "semantics/filter_rules.py",
    "semantics/filters.py",
    "semantics/keys.py",
    "semantics/lookup.py",
    "semantics/name_rules.py",
    "semantics/nearest_rules.py",
    "semantics/operands.py",
    "semantics/orders.py",
    "semantics/predicates.py",
    "semantics/projections.py",
    "semantics/queries.py",
    "semantics/selectors.py",
    "semantics/sums.py",
    "semantics/transforms.py",
    "semantics/value_rules.py",
    "semantics/writes.py",
)
"""The embedded backend, which is the same in every package, too."""

_SHARED = {"index_rules.py": "queries/indexes.py", "paths.py": "paths.py"}
"""Modules of the generator that a package has, too, and their names in it."""

_RENDERED = (
    "__init__.py",
    "codecs.py",
    "fields.py",
    "firestore.indexes.json",
    "firestore.indexes.tf",
    "patches.py",
    "pytest_plugin.py",
    "settings.py",
    "specs.py",
    "values.py",
)
_FLAVOURED = (
    "__init__.py",
    "backend.py",
    "bulk_writer.py",
    "client.py",
    "collection.py",
    "collections.py",
    "dump.py",
    "embedding.py",
    "firestore.py",
    "many.py",
    "opening.py",
    "plain.py",
    "query.py",
    "sender.py",
    "transaction.py",
    "transaction_backend.py",
)
"""What is rendered twice, from one template each."""


@dataclass(frozen=True, slots=True)
class Output:
    """One file of the package: its template, its path and what the template is given.

    One that is `shared` is a module of the generator itself.
    """

    template: str
    path: str
    context: Mapping[str, object]
    shared: bool = False

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
    prefix: str
    Iterator: str
    Generator: str
    iter: str
    enter: str
    exit: str
    closing: str
    Deadline: str
    run: str
    embed: str
    Embedder: str
    sleep_module: str
    failures: str
    checked: str


SYNC = Flavour(
    package="_sync",
    is_async=False,
    async_="",
    await_="",
    Async="",
    prefix="",
    Iterator="Iterator",
    Generator="Generator[ModelT]",
    iter="__iter__",
    enter="__enter__",
    exit="__exit__",
    closing="closing",
    Deadline="ThreadDeadline",
    run="run",
    embed="embed",
    Embedder="Embedder",
    sleep_module="time",
    failures="FAILURES",
    checked="checked_result",
)
ASYNC = Flavour(
    package="_async",
    is_async=True,
    async_="async ",
    await_="await ",
    Async="Async",
    prefix="async_",
    Iterator="AsyncIterator",
    Generator="AsyncGenerator[ModelT]",
    iter="__aiter__",
    enter="__aenter__",
    exit="__aexit__",
    closing="aclosing",
    Deadline="LoopDeadline",
    run="run_async",
    embed="embed_async",
    Embedder="AnyEmbedder",
    sleep_module="asyncio",
    failures="ASYNC_FAILURES",
    checked="checked_awaitable",
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
        "exports": exports(package.client, class_names, models, collections),
        "index_file": index_file(package),
        "settings_class": settings_class(package.client),
        "client_fixture": field_name(package.client),
    }
    return (*_outputs(context), *_adapter_outputs(package))


def _outputs(context: Mapping[str, object]) -> Iterator[Output]:
    for name in _COPIED:
        yield Output(name, name, {})
    for name in _EMBEDDED:
        yield Output(f"embedded/{name}", f"embedded/{name}", {})
    for name, path in _SHARED.items():
        yield Output(name, path, {}, shared=True)
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
    used = [adapter.kind for adapter in package.adapters]
    for name, kind in adapter_files(used):
        given = {**context, "adapter": views[kind]} if kind else context
        yield Output(f"adapters/{name}", f"adapters/{name.removesuffix('.jinja')}", given)
    for flavour in (SYNC, ASYNC):
        for name in flavoured_adapter_files(used):
            yield Output(f"adapters/io/{name}.jinja", f"adapters/{flavour.package}/{name}", {**context, "io": flavour})
