"""One set of tests for both flavours: they are written for the asynchronous client, and the synchronous one is adapted.

`Awaited` lends a synchronous object the shape of its asynchronous twin: what is a coroutine there returns something to
await, what is an iterator becomes an asynchronous one. It blocks the event loop meanwhile, which no test minds.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any, Literal, Self, cast

from firestore_memory import (
    AsyncBackend,
    AsyncFirestoreBackend,
    AsyncMemoryClient,
    FirestoreBackend,
    MemoryClient,
    MemorySettings,
)

Flavour = Literal["sync", "async"]


class Awaited:
    """A synchronous client, collection, query or backend in the shape of its asynchronous twin."""

    def __init__(self, target: Any) -> None:  # whatever it is, `__getattr__` asks it
        self._target = target

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._target, name)
        if not inspect.ismethod(attribute):
            return adapted(attribute)
        if inspect.iscoroutinefunction(getattr(_twin(type(self._target)), name)):
            return partial(_later, attribute)
        return lambda *args, **kwargs: adapted(attribute(*map(_unadapted, args), **kwargs))

    async def run_transaction(self, fn: Any, **options: Any) -> Any:
        """Run an asynchronous function as if it were a plain one: nothing that it calls here ever waits."""
        return adapted(self._target.run_transaction(lambda client: _finished(fn(adapted(client))), **options))

    def __call__(self, **parameters: str) -> Any:
        return adapted(self._target(**parameters))

    def __aiter__(self) -> AsyncIterator[Any]:
        return _each(iter(self._target))

    async def __aenter__(self) -> Self:
        self._target.__enter__()
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._target.__exit__(*exception)


def adapted(value: Any) -> Any:
    """Adapt what is synchronous, and give back anything else as it is."""
    if isinstance(value, Iterator):
        return _each(value)
    module = type(value).__module__ or ""  # protobuf's messages have none
    return Awaited(value) if "._sync." in module or module.endswith(".embedded.backend") else value


def _unadapted(value: Any) -> Any:
    return value._target if isinstance(value, Awaited) else value


async def _later(method: Any, *args: Any, **kwargs: Any) -> Any:
    return adapted(method(*map(_unadapted, args), **kwargs))


async def _each(items: Iterator[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item


def _finished(coroutine: Coroutine[Any, Any, Any]) -> Any:
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits for something")


def _twin(kind: type) -> type:
    name = kind.__module__.replace("._sync.", "._async.").replace(".embedded.backend", ".embedded.async_backend")
    module = import_module(name)
    return cast("type", getattr(module, f"Async{kind.__name__}"))


@dataclass(frozen=True)
class Driver:
    """Makes clients of one flavour on one backend, and closes them.

    Attributes:
        flavour: Whether the clients are synchronous underneath.
        url: An empty store.
        other_url: Another one.
    """

    flavour: Flavour
    url: str
    other_url: str = ""
    _opened: list[AsyncMemoryClient] = field(default_factory=list)

    def connect(
        self, url: str | None = None, *, namespace: str | None = None, settings: MemorySettings | None = None
    ) -> AsyncMemoryClient:
        """Connect as a user would, to the test's own store unless another one is named."""
        client = self.connect_to(url or self.url, namespace=namespace, settings=settings)
        self._opened.append(client)
        return client

    def connect_to(self, *args: Any, **kwargs: Any) -> AsyncMemoryClient:
        """Call `connect` of the flavour's client with exactly these arguments."""
        kind = AsyncMemoryClient if self.flavour == "async" else MemoryClient
        return cast("AsyncMemoryClient", adapted(kind.connect(*args, **kwargs)))

    def client_of(self, package: Any, name: str) -> Any:
        """Connect a client of another generated package, whose types nobody knows before it is made."""
        kind = getattr(package, f"Async{name}" if self.flavour == "async" else name)
        client = adapted(kind.connect(self.url))
        self._opened.append(client)
        return client

    def backend_from(self, google_client: Any) -> AsyncBackend:
        """Make a backend on the channel of a client of Google's, which must be of the same flavour."""
        kind = AsyncFirestoreBackend if self.flavour == "async" else FirestoreBackend
        return cast("AsyncBackend", adapted(kind.from_client(google_client)))

    def client_on(self, backend: AsyncBackend, *, namespace: str | None = None) -> AsyncMemoryClient:
        """Make a client on a backend, which the client leaves open."""
        if isinstance(backend, Awaited):
            return cast("AsyncMemoryClient", adapted(MemoryClient(backend._target, namespace=namespace)))
        return AsyncMemoryClient(backend, namespace=namespace)

    async def close(self) -> None:
        """Close the clients that were made."""
        for client in self._opened:
            await client.close()
