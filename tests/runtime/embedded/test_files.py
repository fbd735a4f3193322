"""What may be wrong with the file of a store: the error says so, nothing gets worse, and all can be put right again."""

from __future__ import annotations

import os
import random
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from firestore_memory import (
    AsyncMemoryClient,
    ConfigurationError,
    MemoryClient,
    OperationError,
    QuotaExceededError,
    StorageError,
    StoragePermissionError,
)
from firestore_memory import MemoryItemFields as F
from firestore_runtime.embedded.store import Store
from tests.helpers.failures import fails
from tests.helpers.flavours import Driver
from tests.helpers.items import an_item
from tests.runtime.embedded.asking import entries, rebuilt_entries
from tests.runtime.embedded.children import embedded
from tests.runtime.embedded.steps import make_indexes

NOBODY = 65534
TEXT = "x" * 2_000
PAGE = 4_096
"""Bytes."""


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that every user can get at, other than `tmp_path`."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o777)
    yield path
    path.chmod(0o700)
    shutil.rmtree(path)


@pytest.fixture
def path(directory: Path) -> Path:
    """Where a file is to be."""
    return directory / "store.db"


@pytest.fixture
def filled(path: Path) -> Path:
    """A file with a document, "a"."""
    with MemoryClient.connect(f"sqlite:///{path}") as client:
        client.memory_items.create(an_item(), id="a")
    return path


@pytest.fixture
def client(driver: Driver, path: Path) -> AsyncMemoryClient:
    """A client of the file."""
    return driver.connect(f"sqlite:///{path}")


Contents = dict[Path, bytes | None]


def contents(directory: Path) -> Contents:
    """Return all that is in a directory."""
    return {path: path.read_bytes() if path.is_file() else None for path in directory.iterdir()}


async def refuses(client: AsyncMemoryClient, kind: type[StorageError], *mentions: str) -> None:
    """See that all calls fail in the same way, but that the store's health can be asked for."""
    items = client.memory_items
    for call in (lambda: items.get("a"), lambda: items.create(an_item()), items.all().list, items.all().count):
        with fails(kind, *mentions):
            await call()
    with fails(kind, *mentions):
        await items.get_many(["a", "b"])
    health = await client.health()
    assert not health
    assert type(health.error) is kind
    assert health.error.operation == "health"
    for text in mentions:
        assert text in str(health.error)


async def works(client: AsyncMemoryClient, *names: str) -> None:
    """See that there are these documents, and that one more can be made."""
    assert await client.health()
    assert [item.id async for item in client.memory_items.all()] == [*names]
    await client.memory_items.create(an_item(), id="more")
    assert await client.memory_items.exists("more")


# What is not ours


def make_text(path: Path) -> None:
    path.write_text("Not a database, but somebody wants to keep it.\n" * 100)


def make_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE documents (id INTEGER PRIMARY KEY)")
        connection.execute("PRAGMA user_version = 1")


def make_database_in_use(path: Path) -> None:
    """One whose log lies beside it, and holds all there is."""
    used = path.with_name("used.db")
    with closing(sqlite3.connect(used)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE documents (id INTEGER PRIMARY KEY)")
        connection.commit()
        for suffix in ("", "-wal"):
            shutil.copy(f"{used}{suffix}", f"{path}{suffix}")
    used.unlink()


def make_newer(path: Path) -> None:
    with MemoryClient.connect(f"sqlite:///{path}") as client:
        client.memory_items.create(an_item(), id="a")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")


@pytest.mark.parametrize(
    ("make", "mentions"),
    [
        (make_text, "not a database of SQLite's: name another file"),
        (lambda path: path.touch(), "not a database of SQLite's: name another file"),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(20)), "not one of this package: name another file"),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(200)), "not one of this package"),
        (make_database, "not one of this package: name another file"),
        (make_database_in_use, "not one of this package: name another file"),
        (make_newer, "made by a newer version of this package (its tables have version 2, known is 1): update"),
        (Path.mkdir, "not a file: name another one"),
        (os.mkfifo, "not a file: name another one"),
        (lambda path: path.symlink_to(path.parent), "not a file: name another one"),
        (lambda path: path.symlink_to(path), "symbolic links"),
    ],
    ids="text empty short zeros database log newer directory pipe link_to_directory loop".split(),
)
async def test_what_is_not_ours(
    client: AsyncMemoryClient, path: Path, make: Callable[[Path], object], mentions: str
) -> None:
    """It is left as it is, and nothing beside it."""
    make(path)
    before = contents(path.parent)
    await refuses(client, ConfigurationError, str(path), mentions)
    await client.close()
    assert contents(path.parent) == before


async def test_it_is_ours_in_the_end(client: AsyncMemoryClient, path: Path) -> None:
    """A client looks anew each time, until it has found something to use."""
    make_text(path)
    await refuses(client, ConfigurationError, str(path))
    path.unlink()
    await works(client)


@pytest.mark.parametrize(
    ("name", "mentions"),
    [
        ("missing/store.db", "its directory does not exist"),
        ("a/store.db", "Not a directory"),
        ("x" * 300, "name too long"),
        ("nul%00.db", "null"),
    ],
)
async def test_where_no_file_can_be(driver: Driver, directory: Path, name: str, mentions: str) -> None:
    (directory / "a").touch()
    before = contents(directory)
    client = driver.connect(f"sqlite:///{directory}/{name}")
    await refuses(client, ConfigurationError, str(directory), mentions)
    assert contents(directory) == before


async def test_a_directory_that_is_made_later(client: AsyncMemoryClient, driver: Driver, directory: Path) -> None:
    path = directory / "later" / "store.db"
    client = driver.connect(f"sqlite:///{path}")
    await refuses(client, ConfigurationError, str(path), "its directory does not exist")
    path.parent.mkdir()
    await works(client)


# Names of files


@pytest.mark.parametrize(
    "name", ["a b.db", "ä.db", "%25?.db", "#.db", ":memory:", "x" * 250, "file:a.db", "-", "a.db;b"]
)
async def test_names(driver: Driver, directory: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Whatever a name means to SQLite, here it names a file; relative ones lie in the working directory."""
    monkeypatch.chdir(directory)
    quoted = name.replace("%", "%25").replace("?", "%3F").replace("#", "%23")
    client = driver.connect(f"sqlite:///{quoted}")
    await works(client)
    await client.close()
    assert [*directory.iterdir()] == [directory / name]
    with MemoryClient.connect(f"sqlite:///{directory}/{quoted}") as other:
        assert other.memory_items.exists("more")


async def test_another_working_directory(driver: Driver, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative name is that of the file in which directory one was when the client was made."""
    (directory / "below").mkdir()
    monkeypatch.chdir(directory)
    client = driver.connect("sqlite:///store.db")
    monkeypatch.chdir(directory / "below")
    await client.memory_items.create(an_item(), id="a")
    monkeypatch.chdir(directory)
    streams = [client.memory_items.all().stream() for _ in range(3)]
    monkeypatch.chdir(directory / "below")
    assert [(await anext(stream)).id for stream in streams] == ["a"] * 3  # by connections that are opened now
    for stream in streams:
        await stream.aclose()
    await client.close()
    assert {*directory.iterdir()} == {directory / "store.db", directory / "below"}
    assert not [*(directory / "below").iterdir()]


async def test_a_link(driver: Driver, directory: Path) -> None:
    """It may point to a file that does not exist yet."""
    (directory / "data").mkdir()
    link, target = directory / "link.db", directory / "data" / "store.db"
    link.symlink_to(target)
    client = driver.connect(f"sqlite:///{link}")
    await works(client)
    await client.close()
    assert link.is_symlink()
    assert [*target.parent.iterdir()] == [target]
    with MemoryClient.connect(f"sqlite:///{target}") as other:
        assert other.memory_items.exists("more")


# Permissions


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be somebody whom permissions bind, as they do not bind root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def loaded(driver: Driver) -> None:
    """Load what is loaded at the first calls: others than root may not see where Python is."""
    with MemoryClient.connect("memory:") as client:
        client.memory_items.create(an_item(), id="a")
        client.memory_items.all().list()
        client.memory_items.all().count()
        client.memory_items.get_many(["a"])


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("writable", [True, False])
@pytest.mark.parametrize("mode", [0o444, 0o222, 0o000])
async def test_a_file_that_may_not_be_used(client: AsyncMemoryClient, filled: Path, mode: int, writable: bool) -> None:
    filled.chmod(mode)
    filled.parent.chmod(0o777 if writable else 0o555)
    before = {filled: filled.stat()}
    with unprivileged():
        await refuses(client, StoragePermissionError, str(filled), "permissions of the file and its directory")
    assert [*filled.parent.iterdir()] == [filled]
    assert filled.stat() == before[filled]
    filled.chmod(0o666)
    filled.parent.chmod(0o777)
    with unprivileged():
        await works(client, "a")


@pytest.mark.usefixtures("loaded")
async def test_a_directory_that_may_only_be_read(client: AsyncMemoryClient, filled: Path) -> None:
    """SQLite's log would lie in it."""
    filled.chmod(0o666)
    filled.parent.chmod(0o555)
    before = contents(filled.parent)
    with unprivileged():
        await refuses(client, StoragePermissionError, str(filled), "permissions of the file and its directory")
    assert contents(filled.parent) == before
    filled.parent.chmod(0o777)
    with unprivileged():
        await works(client, "a")


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("mode", [0o555, 0o000])
async def test_a_directory_in_which_no_file_can_be_made(client: AsyncMemoryClient, path: Path, mode: int) -> None:
    path.parent.chmod(mode)
    with unprivileged():
        await refuses(client, StoragePermissionError, str(path), "permissions of the file and its directory")
    path.parent.chmod(0o777)
    assert not [*path.parent.iterdir()]
    with unprivileged():
        await works(client)


# A full disk


@contextmanager
def full(client: AsyncMemoryClient) -> Iterator[None]:
    """Let SQLite think that its file may not grow."""
    store = embedded(client).engine.store
    open_connection = store._open

    def limited() -> sqlite3.Connection:
        connection = open_connection()
        connection.execute("PRAGMA max_page_count = 1")  # no less than there are
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "_open", limited)
        store._close_writer()
        yield
    store._close_writer()


@contextmanager
def limited_files(size: int) -> Iterator[None]:
    """Let the operating system refuse to write beyond a number of bytes, as a disk may that fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk(client: AsyncMemoryClient, filled: Path) -> None:
    """Nothing is written, what is stored can be read, and all is well when there is room again."""
    make_indexes(embedded(client))
    await client.memory_items.update("a", session_id="s", text_content=TEXT)
    with full(client):
        for _ in range(2):
            with fails(QuotaExceededError, str(filled), "the disk is full", operation="create") as caught:
                await client.memory_items.create(an_item(session_id="s", text_content=TEXT * 100), id="b")
            assert caught.value.retryable
        with fails(QuotaExceededError, str(filled), operation="update"):
            await client.memory_items.update("a", text_content=TEXT * 100)
        assert await client.health()
        assert [item.id async for item in client.memory_items.where(F.session_id == "s")] == ["a"]
        assert (await client.memory_items.require("a")).text_content == TEXT
        await client.memory_items.update("a", item_type="fact")  # needs no more room
    assert entries(embedded(client)) == rebuilt_entries(embedded(client))
    await works(client, "a")
    assert (await client.memory_items.require("a")).item_type == "fact"


async def test_a_disk_that_is_full_for_several_documents(client: AsyncMemoryClient, filled: Path) -> None:
    """A commit is applied as a whole or not at all."""
    await client.memory_items.update("a", session_id="s")

    async def write(tx: AsyncMemoryClient) -> None:
        await tx.memory_items.update("a", session_id="t")
        for number in range(20):
            await tx.memory_items.create(an_item(id=f"{number}", text_content=TEXT * 10))

    with full(client):
        with pytest.raises(QuotaExceededError, match="the disk is full"):
            await client.run_transaction(write)
        assert [item.session_id async for item in client.memory_items.all()] == ["s"]
    await client.run_transaction(write)
    assert await client.memory_items.all().count() == 21


async def test_a_disk_that_fails_at_the_commit(client: AsyncMemoryClient, filled: Path) -> None:
    make_indexes(embedded(client))
    with limited_files(60_000):
        with fails(OperationError, str(filled), operation="create"):
            await client.memory_items.create(an_item(text_content=TEXT * 100), id="b")
        assert [item.id async for item in client.memory_items.all()] == ["a"]
    await works(client, "a")
    assert entries(embedded(client)) == rebuilt_entries(embedded(client))


async def test_no_room_for_a_new_file(client: AsyncMemoryClient, path: Path) -> None:
    with limited_files(10_000):
        await refuses(client, OperationError, str(path))
        assert not [*path.parent.iterdir()]
    await works(client)


# Damage


@pytest.mark.parametrize("size", [100, 1_000, 4_096, 9_000])
async def test_a_file_that_was_cut_off(client: AsyncMemoryClient, filled: Path, size: int) -> None:
    os.truncate(filled, size)
    before = contents(filled.parent)
    await refuses(client, OperationError, str(filled), "damaged: restore it from a copy")
    await client.close()
    assert contents(filled.parent) == before


async def test_a_damaged_document(client: AsyncMemoryClient, filled: Path) -> None:
    """SQLite does not notice it, but it is not a message any more."""
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("UPDATE documents SET message = x'0a'")
        connection.commit()
    for call in (client.memory_items.all().list, lambda: client.memory_items.update("a", session_id="s")):
        with fails(OperationError, str(filled), "damaged: restore it from a copy"):
            await call()
    await client.memory_items.create(an_item(), id="b")
    assert await client.memory_items.get("b")


def overwrite(path: Path, message: bytes) -> bytes:
    """Overwrite the message of the first document of a file, behind everybody's back, and return what it was."""
    with closing(sqlite3.connect(path)) as connection:
        (before,) = connection.execute("SELECT message FROM documents WHERE id = 1").fetchone()
        connection.execute("UPDATE documents SET message = ? WHERE id = 1", (message,))
        connection.commit()
    return bytes(before)


async def test_an_error_that_is_kept(client: AsyncMemoryClient, filled: Path) -> None:
    """It holds on to a query that is not at its end, but this must not keep others from seeing what happens then."""
    make_indexes(embedded(client))
    await client.memory_items.set_many([an_item(id=name, session_id="s") for name in "abc"])
    found = client.memory_items.where(F.session_id == "s")
    whole = overwrite(filled, b"\n")
    with fails(OperationError, "damaged") as kept:
        await found.list()
    overwrite(filled, whole)
    assert [item.id for item in await found.list()] == ["a", "b", "c"]
    assert kept.value.__traceback__


async def test_an_error_of_a_commit_that_is_kept(client: AsyncMemoryClient, filled: Path) -> None:
    make_indexes(embedded(client))
    await client.memory_items.set_many([an_item(id=name, session_id="s") for name in "abc"])
    whole = []

    async def work(tx: AsyncMemoryClient) -> None:
        assert await tx.memory_items.where(F.session_id == "s").list()
        await tx.memory_items.set(an_item(id="d"))
        whole.append(overwrite(filled, b"\n"))

    with pytest.raises(OperationError, match="damaged") as kept:
        await client.run_transaction(work)
    overwrite(filled, *whole)
    await works(client, "a", "b", "c")
    assert kept.value.__traceback__


def test_a_connection_that_failed(filled: Path) -> None:
    """It has no transaction any more, and is not used again."""
    with closing(Store(filled)) as store:
        failed = store.snapshot()
        failed.execute("ROLLBACK")  # as SQLite does if the disk fails
        store.release(failed)
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            failed.execute("SELECT 1")
        with store.reading() as connection:
            assert connection.execute("SELECT document_id FROM documents").fetchall() == [("a",)]


async def test_pages_that_were_overwritten(driver: Driver, filled: Path) -> None:
    """Whatever is lost: nothing but an error of ours is raised, and reading changes nothing."""
    with MemoryClient.connect(f"sqlite:///{filled}") as filling:
        filling.memory_items.create_many([an_item(id=f"{number:03}", text_content=TEXT) for number in range(100)])
        make_indexes(filling.backend)  # type: ignore[arg-type]  # an EmbeddedBackend
    whole = filled.read_bytes()
    chosen = random.Random(0)
    failures = 0
    for first in range(0, len(whole), PAGE):
        filled.write_bytes(whole[:first] + chosen.randbytes(PAGE) + whole[first + PAGE :])
        before = contents(filled.parent)
        client = driver.connect(f"sqlite:///{filled}")
        for call in (
            client.memory_items.all().list,
            client.memory_items.where(F.session_id == "s").list,
            client.memory_items.all().count,
            lambda client=client: client.memory_items.get("050"),
        ):
            try:
                await call()
            except StorageError as error:
                failures += 1
                assert str(filled) in str(error), first  # noqa: PT017  # it need not fail
        await client.close()
        assert contents(filled.parent) == before
    assert failures


async def test_a_file_that_was_deleted(client: AsyncMemoryClient, filled: Path) -> None:
    """Nobody makes another one behind the user's back: it would have none of the documents."""
    store = embedded(client).engine.store
    used = store.snapshot()
    for file in filled.parent.iterdir():
        file.unlink()
    with fails(StoragePermissionError, str(filled)):
        await client.memory_items.get("a")
    assert not [*filled.parent.iterdir()]
    store.release(used)
