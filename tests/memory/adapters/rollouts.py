"""What the tests of the rollout have in common: objects to store, what is stored, and stores that are watched."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, cast

from firestore_memory import AsyncBackend, Backend, MemoryRecord, StorageConnectionError
from firestore_memory.adapters.legacy import AgentData, MemoryItem
from firestore_runtime._async.untyped import AsyncUntypedCollection
from firestore_runtime._sync.untyped import UntypedCollection
from firestore_runtime.options import Options

MOMENT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
MODES = ("legacy", "dual_write", "shadow_read", "current_read", "current")
READING_OLD, READING_CURRENT = MODES[:3], MODES[3:]

Hook = Callable[[str, Any], object]
"""Is told the name of a procedure and its request, before the store is; what it raises, the store does."""


def a_record(record_id: str = "x", content: str = "hello", context: str = "ada", **fields: Any) -> MemoryRecord:
    own = {"persona": "p", "timestamp": MOMENT, **fields}
    return MemoryRecord(record_id=record_id, context=context, content=content, **own)


def an_item(item_id: str = "x", text: str = "hello", user_id: str = "ada", **fields: Any) -> MemoryItem:
    own = {"item_type": "conversation", "timestamp": MOMENT, **fields}
    return MemoryItem(id=item_id, user_id=user_id, text_content=text, **own)


def agent_data(data_id: str = "x", content: object = "hello", **fields: Any) -> AgentData:
    own = {"agent_id": "bot", "data_type": "log", "timestamp": MOMENT, **fields}
    return AgentData(id=data_id, content=content, **own)


def stored(backend: Backend, path: str) -> dict[str, dict[str, Any]]:
    """The fields of the documents of a collection, by their ids."""
    return {document.id: document.data for document in UntypedCollection(backend, path, Options()).query()}


async def astored(backend: AsyncBackend, path: str) -> dict[str, dict[str, Any]]:
    """The same of an asynchronous store."""
    documents = AsyncUntypedCollection(backend, path, Options()).query()
    return {document.id: document.data async for document in documents}


class Watched:
    """A store in front of another one, which can be down, counts what it is asked, and lets something happen before.

    Args:
        inner: The other one: a `Backend`, or an `AsyncBackend`.
        hook: What happens before each call.
    """

    def __init__(self, inner: object, hook: Hook | None = None) -> None:
        self._inner = inner
        self.hook = hook
        self.is_down = False
        self.calls: list[tuple[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._watching(name, found) if callable(found) and name != "close" else found

    def commits(self) -> list[list[str]]:
        """What was committed: the paths of the documents, for each commit."""
        return [[path_of(write) for write in request.writes] for name, request in self.calls if name == "commit"]

    def _watching(self, name: str, procedure: Callable[..., Any]) -> Callable[..., Any]:
        def call(request: Any, call: Any) -> Any:
            self.calls.append((name, request))
            if self.is_down:
                raise StorageConnectionError("it is down")
            if self.hook is not None:
                happening = self.hook(name, request)
                if inspect.isawaitable(happening):
                    return _afterwards(happening, procedure, request, call)
            return procedure(request, call)

        return call


async def _afterwards(happening: Awaitable[object], procedure: Callable[..., Any], request: Any, call: Any) -> Any:
    await happening
    return await procedure(request, call)


def watched(backend: Backend, hook: Hook | None = None) -> tuple[Watched, Backend]:
    """A watched store, and the same as what it is for those who use it."""
    watched = Watched(backend, hook)
    return watched, cast("Backend", watched)


def awatched(backend: AsyncBackend, hook: Hook | None = None) -> tuple[Watched, AsyncBackend]:
    """The same of an asynchronous store."""
    watched = Watched(backend, hook)
    return watched, cast("AsyncBackend", watched)


def path_of(write: Any) -> str:
    """The path below the root of the database of what is written or deleted."""
    name: str = write.delete or write.update.name
    return name.partition("/documents/")[2]
