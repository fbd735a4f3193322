"""The end of a store, and stores that are gone then; whatever is going on meanwhile."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, MemoryClient, StorageConnectionError, StorageError, ValidationError
from firestore_memory import MemoryItemFields as F
from firestore_runtime.embedded import files, store
from tests.helpers.failures import fails, refused
from tests.helpers.flavours import Driver
from tests.helpers.items import an_item
from tests.runtime.embedded.children import embedded

MANY = 500
THREADS = 16
CLOSED = r"the client has been closed|the transaction is over"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are made."""
    path = tmp_path / "temporary"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    return path


@pytest.fixture(params=["file", "memory:"])
def client(driver: Driver, temporary: Path, request: pytest.FixtureRequest) -> AsyncMemoryClient:
    """A client of either kind of store."""
    return driver.connect(driver.url if request.param == "file" else "memory:")


# Private stores


async def test_two_clients_are_two_stores(driver: Driver, temporary: Path) -> None:
    one, other = driver.connect("memory:"), driver.connect("memory:")
    await one.memory_items.create(an_item(), id="a")
    await other.memory_items.create(an_item(), id="b")
    assert [item.id async for item in one.memory_items.all()] == ["a"]
    assert [item.id async for item in other.memory_items.all()] == ["b"]
    await one.close()
    assert await other.memory_items.exists("b")


async def test_nothing_remains(driver: Driver, temporary: Path) -> None:
    client = driver.connect("memory:")
    assert not [*temporary.iterdir()], "it is made at the first call"
    await client.memory_items.create(an_item(), id="a")
    stream = client.memory_items.all().stream()
    assert (await anext(stream)).id == "a"
    assert [*temporary.iterdir()]
    await client.close()
    assert not [*temporary.iterdir()]
    await stream.aclose()
    assert not [*temporary.iterdir()]


def test_nothing_remains_of_a_client_that_nobody_closed(tmp_path: Path) -> None:
    script = """
from firestore_memory import MemoryClient
from tests.helpers.items import an_item
client = MemoryClient.connect("memory:")
client.memory_items.create(an_item())
"""
    command = [sys.executable, "-W", "ignore", "-c", script]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    subprocess.run(command, cwd=Path(__file__).parents[3], env=environment, check=True, timeout=60)
    assert not [*tmp_path.iterdir()]


def test_many_threads(temporary: Path) -> None:
    with MemoryClient.connect("memory:") as client, ThreadPoolExecutor(THREADS) as pool:
        items = client.memory_items
        together = threading.Barrier(THREADS)

        def add_one(tx: MemoryClient) -> None:
            counted = tx.memory_items.get("counted")
            tx.memory_items.set(an_item(id="counted", metadata={"n": counted.metadata["n"] + 1 if counted else 1}))

        def work(owner: int) -> None:
            together.wait()  # the first call, too, is everybody's
            for number in range(10):
                items.create(an_item(session_id=f"{owner}"), id=f"{owner:02}-{number}")
                assert items.where(F.session_id == f"{owner}").count() == number + 1
            client.run_transaction(add_one)

        list(pool.map(work, range(THREADS)))
        assert items.all().count() == 10 * THREADS + 1
        assert items.require("counted").metadata["n"] == THREADS


# After the end


async def test_calls_after_the_end(client: AsyncMemoryClient) -> None:
    items = client.memory_items
    await items.create(an_item(), id="a")
    for _ in range(2):  # closing it again is no error
        await client.close()
    for call in (
        lambda: items.get("a"),
        lambda: items.create(an_item()),
        lambda: items.update("a", text_content="x"),
        lambda: items.get_many(["a"]),
        items.all().list,
        items.all().count,
        items.all().delete,
        items.all().explain,
    ):
        with fails(StorageConnectionError, "the client has been closed") as caught:
            await call()
        assert not caught.value.retryable
    with refused(StorageConnectionError, "the client has been closed"):
        await client.run_transaction(lambda tx: tx.memory_items.get("a"))
    health = await client.health()
    assert not health
    assert isinstance(health.error, StorageConnectionError)
    with pytest.raises(StorageError, match="the client has been closed"):
        await items.create_many([an_item()])


async def test_a_client_that_was_never_used(driver: Driver, temporary: Path, tmp_path: Path) -> None:
    for url in ("memory:", driver.url):
        client = driver.connect(url)
        await client.close()
        with fails(StorageConnectionError, "the client has been closed"):
            await client.memory_items.get("a")
    assert [*tmp_path.iterdir()] == [temporary]
    assert not [*temporary.iterdir()]


async def test_others_of_the_same_file(driver: Driver) -> None:
    one, other = driver.connect(), driver.connect()
    await one.memory_items.create(an_item(), id="a")
    assert await other.memory_items.exists("a")
    await one.close()
    await other.memory_items.update("a", text_content="x")
    assert (await other.memory_items.require("a")).text_content == "x"


# Meanwhile


async def test_a_stream_is_open(client: AsyncMemoryClient, tmp_path: Path) -> None:
    """It ends, or goes on to its end; nothing else can happen to it, and nothing remains of it."""
    await client.memory_items.create_many([an_item(id=f"{number:03}") for number in range(MANY)])
    stream = client.memory_items.all().stream()
    found = [(await anext(stream)).id]
    await client.close()
    failures = []
    try:
        found += [item.id async for item in stream]
    except StorageConnectionError as error:
        failures.append(str(error))
    assert len(found) == MANY or ["the client has been closed" in failure for failure in failures] == [True]
    assert found == [f"{number:03}" for number in range(len(found))]
    assert not [*tmp_path.glob("**/*-wal")]


@pytest.mark.parametrize("last", ["read", "write", "nothing"])
async def test_a_transaction_is_open(client: AsyncMemoryClient, driver: Driver, tmp_path: Path, last: str) -> None:
    await client.memory_items.create(an_item(), id="a")

    async def work(tx: AsyncMemoryClient) -> None:
        assert await tx.memory_items.exists("a")
        await client.close()
        if last == "read":
            await tx.memory_items.get("a")
        if last == "write":
            await tx.memory_items.update("a", text_content="x")

    with pytest.raises(StorageError, match=CLOSED) as caught:
        await client.run_transaction(work)
    assert isinstance(caught.value, (StorageConnectionError, ValidationError))
    assert not caught.value.retryable
    assert not [*tmp_path.glob("**/*-wal")]
    if (tmp_path / "store.db").exists():
        assert (await driver.connect().memory_items.require("a")).text_content is None


def in_a_transaction(read: Callable[[MemoryClient], object]) -> Callable[[MemoryClient], object]:
    return lambda client: client.run_transaction(read)


USES: dict[str, Callable[[MemoryClient], object]] = {
    "get": lambda client: client.memory_items.get("000"),
    "list": lambda client: client.memory_items.all().list(),
    "count": lambda client: client.memory_items.all().count(),
    "create": lambda client: client.memory_items.create(an_item()),
    "list in a transaction": in_a_transaction(lambda tx: tx.memory_items.all().list()),
    "count in a transaction": in_a_transaction(lambda tx: tx.memory_items.all().count()),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_threads_are_at_work(use: Callable[[MemoryClient], object], temporary: Path) -> None:
    """They find out, each by a proper error, at once; and the connections that they had are closed, too."""
    for _ in range(5):
        client = MemoryClient.connect("memory:")
        client.memory_items.create_many([an_item(id=f"{number:03}", text_content="x" * 1_000) for number in range(200)])
        client.memory_items.all().list()
        working = threading.Barrier(7)

        def use_forever(client: MemoryClient) -> None:
            while True:
                use(client)

        def work(client: MemoryClient = client, working: threading.Barrier = working) -> None:
            use(client)
            working.wait()
            with pytest.raises(StorageError, match=CLOSED):
                use_forever(client)

        with ThreadPoolExecutor(6) as pool:
            futures = [pool.submit(work) for _ in range(6)]
            working.wait()
            client.close()
            for future in futures:
                future.result(30)
        store: Any = client.backend
        assert not store.engine.store._idle
        assert not store.engine.transactions._open
    assert not [*temporary.iterdir()]


def test_closing_in_many_threads(temporary: Path) -> None:
    for _ in range(10):
        client = MemoryClient.connect("memory:")
        together = threading.Barrier(THREADS)

        def work(number: int, client: MemoryClient = client, together: threading.Barrier = together) -> None:
            together.wait()
            if number % 2:
                client.close()
            else:
                with suppress(StorageConnectionError):
                    client.memory_items.create(an_item())

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(work, range(THREADS)))
        assert not [*temporary.iterdir()]


@pytest.mark.parametrize("moment", ["a connection is opened", "a file is opened"])
def test_a_stream_is_cleared_away_while(moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python does so when it likes: it must not wait for a lock that its own thread holds."""
    client, other = (MemoryClient.connect(f"sqlite:///{tmp_path / name}") for name in ("one.db", "other.db"))
    with client, other:
        client.memory_items.create_many([an_item(id="a"), an_item(id="b")])
        stream = iter(client.memory_items.all())
        assert next(stream).id == "a"
        cycle: list[object] = [stream]
        cycle.append(cycle)
        del stream, cycle
        if moment == "a connection is opened":
            collecting(monkeypatch, store, "connect")
            reading = client
        else:
            client.close()  # the connection of the stream is still to be closed
            collecting(monkeypatch, files, "_check_header")
            reading = other
        thread = threading.Thread(target=reading.memory_items.get, args=("a",), daemon=True)
        thread.start()
        thread.join(30)
        assert not thread.is_alive()
    assert not [*tmp_path.glob("*-wal")]


def collecting(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str) -> None:
    """Let Python clear away what nobody uses when a function is called."""
    function = getattr(module, name)

    def replaced(*args: Any, **kwargs: Any) -> Any:
        assert gc.collect()
        return function(*args, **kwargs)

    monkeypatch.setattr(module, name, replaced)


async def test_the_backend_is_the_callers(driver: Driver) -> None:
    """A client that has not opened it leaves it open."""
    client = driver.connect()
    await client.memory_items.create(an_item(), id="a")
    other = driver.client_on(client.backend)
    await other.close()
    assert await client.memory_items.exists("a")
    assert embedded(client).engine.store._idle
