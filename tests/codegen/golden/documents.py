"""A collection of a generated package in a store, and the documents that belong into it; in both flavours."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

from firestore_codegen.ir import Collection
from firestore_runtime import wire
from tests.codegen.golden.packages import Case
from tests.codegen.golden.samples import Samples
from tests.codegen.golden.stored import Storage, Stored, read_fields

FLAVOURS = ("sync", "async")

_MAX_COMPARED = 1_500
"""Values that take more bytes are refused in filters; no value takes more bytes than its `str` has characters."""


async def settled(result: Any) -> Any:
    """The result of a call, which the asynchronous flavour has to be waited for."""
    return await result if inspect.isawaitable(result) else result


def exploring(url: str) -> str:
    """The URL for queries that have no index, such as those by fields without any."""
    return f"{url}?strict_indexes=false" if url.startswith("sqlite:") else url


@asynccontextmanager
async def connected(case: Case, url: str, flavour: str) -> AsyncIterator[Any]:
    """A client of the case's package."""
    name = f"{'Async' if flavour == 'async' else ''}{case.package.client}"
    client = getattr(case.module(), name).connect(url)
    try:
        yield client
    finally:
        await settled(client.close())


class Documents:
    """A collection, and a model for each value that its fields can have.

    Args:
        case: The package.
        client: A client of it, of either flavour.
        collection: What the schema says about the collection.
    """

    def __init__(self, case: Case, client: Any, collection: Collection) -> None:
        opened = getattr(client, collection.name)
        arguments = {name: f"some {name}" for name in collection.parameters}
        self.collection = opened(**arguments) if arguments else opened
        self.models: list[Any] = list(Samples(case.package, case.module()).documents(collection))
        self._described = collection
        self._module: Any = case.module()
        self._fields = getattr(self._module, f"{collection.model.name}Fields")
        self._backend = client.backend
        self._storage = Storage(case.package, f"{client.backend.database}/documents", collection.omit_nulls)

    async def create(self) -> list[tuple[str, Any]]:
        """Create a document of each model, and return their ids with what `create` returned."""
        id_ = self._described.document_id
        created = []
        for number, model in enumerate(self.models):
            if id_.field and id_.generate:
                made = await settled(self.collection.create(model.model_copy(update={id_.field.name: ""})))
                created.append((getattr(made, id_.field.name), made))
            else:
                name = getattr(model, id_.field.name) if id_.field else f"id {number}"
                created.append((name, await settled(self.collection.create(model, id=name))))
        return created

    async def check(self, document_id: str, expected: Any) -> None:
        """See that a document reads as this model, to the last bit, and is stored as the schema says."""
        model = self._described.model
        read = await settled(self.collection.require(document_id))
        fields = self._storage.fields(expected, model)
        assert self._storage.fields(read, model) == fields
        id_ = self._described.document_id
        unstored = {id_.field.key} if id_.field and not id_.stored else set()
        assert await self._raw(document_id) == {key: form for key, form in fields.items() if key not in unstored}

    async def check_updates(self, created: list[tuple[str, Any]]) -> None:
        """Change all fields of each document to those of the next model, and see that they are."""
        for (document_id, model), (_, following) in pairwise([*created, created[0]]):
            patch = {name: getattr(following, name) for name in self._patchable()}
            if patch:
                await settled(self.collection.update(document_id, **patch))
                await self.check(document_id, model.model_copy(update={**patch, **await self._stamps(document_id)}))

    async def check_filters(self, created: list[tuple[str, Any]]) -> None:
        """Find each document by each of its fields."""
        for document_id, model in created:
            for name in self._filterable(model):
                field = getattr(self._fields, name)
                query = self.collection.where(field == getattr(model, name), self._fields.document_id == document_id)
                assert await settled(query.count()) == 1, (name, getattr(model, name))

    def _patchable(self) -> list[str]:
        fields, id_field = self._described.model.fields, self._described.document_id.field
        return [field.name for field in fields if field != id_field and not field.server_timestamp]

    def _filterable(self, model: Any) -> list[str]:
        """The fields that are in the body, but for what Firestore compares with nothing: NaN, and what is too large."""
        id_field = self._described.document_id.field
        stored = self._storage.fields(model, self._described.model)
        sizes = {field.name: len(str(stored.get(field.key, ""))) for field in self._described.model.fields}
        names = [field.name for field in self._described.model.fields if field != id_field and field.key in stored]
        return [name for name in names if getattr(model, name) == getattr(model, name) and sizes[name] < _MAX_COMPARED]

    async def _stamps(self, document_id: str) -> dict[str, object]:
        """What the server set by itself when the document was updated."""
        read = await settled(self.collection.require(document_id))
        stamps = [field.name for field in self._described.model.fields if field.server_timestamp == "write"]
        return {name: getattr(read, name) for name in stamps}

    async def _raw(self, document_id: str) -> dict[str, Stored]:
        name = f"{self._backend.database}/documents/{self.collection.path(document_id)}"
        call = self._module.Call("test", None, None, self._module.Options())
        request = wire.GetDocumentRequest(name=name)
        return read_fields((await settled(self._backend.get_document(request, call))).fields)
