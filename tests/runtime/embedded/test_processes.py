"""Several processes on one file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import cycle
from pathlib import Path

import pytest

from firestore_memory import AsyncMemoryClient, BulkWriteError, MemoryClient, StorageTimeoutError
from firestore_memory import MemoryItemFields as F
from firestore_runtime.embedded import EmbeddedBackend
from firestore_runtime.embedded.files import connect
from firestore_runtime.embedded.store import Store
from tests.helpers.failures import fails, refused
from tests.helpers.flavours import Driver
from tests.helpers.items import an_item
from tests.runtime.embedded.asking import entries, rebuilt_entries
from tests.runtime.embedded.children import DONE, FLAVOURS, children
from tests.runtime.embedded.steps import expected, make_indexes, stored

MANY = 600


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of the store that `driver` makes."""
    return tmp_path / "store.db"


@pytest.mark.parametrize("number", [2, 4])
def test_everybody_at_once(number: int, path: Path) -> None:
    """Nothing is lost, and nobody sees an error."""
    url, times = f"sqlite:///{path}", 20
    with MemoryClient.connect(url) as client:
        for name in ("counted", "incremented"):
            client.memory_items.create(an_item(metadata={"n": 0}), id=name)
    with closing(EmbeddedBackend(path)) as backend:
        make_indexes(backend)
    with children(number) as workers:
        for owner, (worker, flavour) in enumerate(zip(workers, cycle(FLAVOURS), strict=False)):
            worker.order(flavour, "count_up", url, owner, times)
        assert [worker.answer() for worker in workers] == [DONE] * number
    with MemoryClient.connect(url) as client:
        counters = client.memory_items.get_many(["counted", "incremented"])
        assert [counter and counter.metadata["n"] for counter in counters] == [number * times] * 2
        created = {item.id for item in client.memory_items.all()} - {"counted", "incremented"}
        assert created == {f"{owner}-{one}" for owner in range(number) for one in range(times)}
    with closing(EmbeddedBackend(path)) as backend:
        assert entries(backend) == rebuilt_entries(backend)


def test_opening_and_closing(path: Path) -> None:
    """The last one to close a file takes its log away, while the next one opens it."""
    url, times = f"sqlite:///{path}", 25
    with children(3) as workers:
        for owner, (worker, flavour) in enumerate(zip(workers, cycle(FLAVOURS), strict=False)):
            for number in range(times):
                worker.order(flavour, "create_one", url, f"{owner}-{number}")
        assert [worker.answer() for worker in workers for _ in range(times)] == [DONE] * (times * len(workers))
    with MemoryClient.connect(url) as client:
        assert client.memory_items.all().count() == times * len(workers)
    assert [*path.parent.iterdir()] == [path]


def test_making_one_file(tmp_path: Path) -> None:
    """One of them makes it, and what the others write at once is in it, too."""
    paths = [tmp_path / f"{number}.db" for number in range(10)]
    with children(4) as workers:
        for path in paths:
            for owner, (worker, flavour) in enumerate(zip(workers, cycle(FLAVOURS), strict=False)):
                worker.order(flavour, "create_one", f"sqlite:///{path}", owner)
            assert [worker.answer() for worker in workers] == [DONE] * len(workers)
    for path in paths:
        with MemoryClient.connect(f"sqlite:///{path}") as client:
            assert [item.id for item in client.memory_items.all()] == ["0", "1", "2", "3"]
    assert sorted(tmp_path.iterdir()) == paths


def test_making_one_file_in_many_threads(tmp_path: Path) -> None:
    number, paths = 8, [tmp_path / f"{number}.db" for number in range(10)]
    for path in paths:
        together = threading.Barrier(number)

        def create(owner: int, path: Path = path, together: threading.Barrier = together) -> None:
            with MemoryClient.connect(f"sqlite:///{path}") as client:
                together.wait()
                client.memory_items.create(an_item(), id=f"{owner}")

        with ThreadPoolExecutor(number) as pool:
            list(pool.map(create, range(number)))
        with MemoryClient.connect(f"sqlite:///{path}") as client:
            assert client.memory_items.all().count() == number
    assert sorted(tmp_path.iterdir()) == paths


async def test_a_stream_sees_one_state(driver: Driver) -> None:
    """However much another process writes while it is read."""
    client = driver.connect()
    await client.memory_items.create_many([an_item(id=f"{number:04}", metadata={"n": 0}) for number in range(MANY)])
    with children(1) as (writer,):
        writer.order("sync", "renew", driver.url, MANY)
        seen = []
        async for item in client.memory_items.all():
            seen.append(item.metadata["n"])
            if len(seen) % 100 == 1:
                writer.order("again")
                assert int(writer.answer()) == len(seen) // 100 + 1
        writer.order()
        assert writer.answer() == DONE
    assert seen == [0] * MANY
    assert {item.metadata["n"] async for item in client.memory_items.all()} == {MANY // 100}


def test_a_connection_sees_one_state(path: Path) -> None:
    """That of its first use, whatever it is asked then."""
    sql = "SELECT count(*) FROM documents"
    with closing(Store(path)) as store, MemoryClient.connect(f"sqlite:///{path}") as client:
        client.memory_items.create(an_item())
        with store.reading() as connection:
            assert connection.execute(sql).fetchone() == (1,)
            client.memory_items.create(an_item())
            assert connection.execute(sql).fetchone() == (1,)
        with store.reading() as again:
            assert again is connection
            assert connection.execute(sql).fetchone() == (2,)


def test_one_is_killed_while_others_write(path: Path) -> None:
    """Nobody waits for what it had locked."""
    url, last = f"sqlite:///{path}", 200
    with children(2) as (one, other):
        other.order("sync", "take_steps", url, "other", 0, last)
        killed: list[int] = []
        for _ in range(4):
            one.order("fork", "sync", "take_steps", url, f"killed{len(killed)}", 0)
            process = int(one.answer())
            first = one.answer()
            os.kill(process, signal.SIGKILL)
            killed.append(1 + len(one.answers()))
            assert first == "0"
        assert other.answers() == [f"{number}" for number in range(last)]
    with closing(EmbeddedBackend(path)) as backend:
        assert stored(backend, "other") == expected("other", last)
        for number, steps in enumerate(killed):
            possible = [expected(f"killed{number}", done) for done in (steps, steps + 1)]
            assert stored(backend, f"killed{number}") in possible
        assert entries(backend) == rebuilt_entries(backend)


# Waiting for others


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Write something, as another process does, for as long as the block takes."""
    with closing(connect(path, durable=True)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@pytest.fixture
async def client(driver: Driver) -> AsyncMemoryClient:
    client = driver.connect()
    await client.memory_items.create(an_item(), id="a")
    return client


async def test_somebody_writes_for_too_long(client: AsyncMemoryClient, path: Path) -> None:
    with locked(path):
        impatient = client.with_options(timeout=0.01).memory_items
        with fails(StorageTimeoutError, str(path), operation="update") as caught:
            await impatient.update("a", text_content="x")
        assert caught.value.retryable
        with fails(BulkWriteError, str(path), "somebody else", operation="set_many"):
            await impatient.set_many([an_item(id="b")])
        with refused(StorageTimeoutError, str(path)):
            await client.with_options(timeout=0.01).run_transaction(
                lambda tx: tx.memory_items.update("a", F.session_id.set("x"))
            )
        assert await client.memory_items.exists("a"), "reading waits for nobody"
        assert await client.health()
    await client.memory_items.update("a", text_content="y")
    assert (await client.memory_items.require("a")).text_content == "y"


@pytest.mark.parametrize("timeout", [30.0, 31_536_000.0])
def test_somebody_writes_for_a_while(path: Path, timeout: float) -> None:
    """A year is more milliseconds than SQLite can count."""
    with MemoryClient.connect(f"sqlite:///{path}") as client, ThreadPoolExecutor() as pool:
        client.memory_items.create(an_item(), id="a")
        with locked(path):
            written = pool.submit(client.with_options(timeout=timeout).memory_items.update, "a", text_content="x")
            with pytest.raises(TimeoutError):
                written.result(0.1)
        written.result(30)
        assert client.memory_items.require("a").text_content == "x"


# Copies of a process


FORKED = """
import os, sys
from firestore_memory import MemoryClient, StorageConnectionError
from tests.helpers.items import an_item

before = MemoryClient.connect(sys.argv[1])
before.memory_items.create(an_item(), id="before")
unused = MemoryClient.connect(sys.argv[1])
gone, here = os.pipe()
copy = os.fork()
if not copy:
    os.read(gone, 1)  # the log is taken away by then, if nobody locks it
    for call in (lambda: before.memory_items.get("before"), lambda: before.memory_items.create(an_item())):
        try:
            call()
        except StorageConnectionError as error:
            assert "forked" in str(error)
            assert sys.argv[1].removeprefix("sqlite:///") in str(error)
            assert not error.retryable
        else:
            raise AssertionError("it must not be used here")
    assert not before.health()
    before.close()
    for number, client in enumerate((unused, MemoryClient.connect(sys.argv[1]))):
        with client:
            client.memory_items.create(an_item(), id=f"copy-{number}")
            assert client.memory_items.exists("before")
    sys.exit()
before.close()
os.write(here, b" ")
assert os.waitpid(copy, 0)[1] == 0
with MemoryClient.connect(sys.argv[1]) as client:
    assert [item.id for item in client.memory_items.all()] == ["before", "copy-0", "copy-1"]
"""


def test_a_fork(path: Path) -> None:
    """A copy of a process has no locks: what it wrote would be lost when the original closes the file."""
    script = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKED, f"sqlite:///{path}"]
    subprocess.run(script, cwd=Path(__file__).parents[3], check=True, timeout=60)
