"""Two generated packages on one store: nothing that either has written is lost, and each keeps its own indexes."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

import firestore_memory
from firestore_memory import MemoryClient, MissingIndexError, NotFoundError, StorageError
from firestore_memory import MemoryItemFields as F
from tests.codegen.golden.packages import load
from tests.helpers.items import an_item
from tests.runtime.embedded import sharing

LIBRARY = Path(__file__).parents[2] / "schemas" / "library"
ROUNDS = 3
SECONDS = 60


@pytest.fixture(scope="module")
def library() -> Any:
    """Another package than the memory SDK; nobody knows its types before it is made."""
    return load(LIBRARY).module()


@contextmanager
def running(library: Any, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the program of processes that share a file."""
    places = [Path(library.__file__).parents[1], *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    process = subprocess.Popen(
        [sys.executable, sharing.__file__, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def lines(process: subprocess.Popen[str], number: int) -> list[str]:
    """Return the next lines of a process."""
    assert process.stdout is not None
    said = [process.stdout.readline().strip() for _ in range(number)]
    assert all(said), "the process has died"
    return said


def order(process: subprocess.Popen[str], name: str) -> list[str]:
    """Have both packages write, and return what was acknowledged."""
    assert process.stdin is not None
    process.stdin.write(f"{name}\n")
    process.stdin.flush()
    return lines(process, 4)


def last_words(process: subprocess.Popen[str], *, killed: bool) -> list[str]:
    """End a process, in good order or not, and return what it still said; a line that was cut off says nothing."""
    if killed:
        process.kill()
    said, _ = process.communicate(timeout=SECONDS)
    return [line.strip() for line in said.splitlines(keepends=True) if line.endswith("\n")]


def test_nothing_is_lost_to_other_processes(library: Any, tmp_path: Path) -> None:
    """A look at the file by one package must not drop the other's locks: the next process would delete their log."""
    path = tmp_path / "store.db"
    url, acknowledged = f"sqlite:///{path}", []
    with running(library, "packages", url) as packages:
        for number in range(ROUNDS):
            acknowledged += order(packages, f"{number}-alone")
            with running(library, "writer", url, f"{number}-other") as writer:
                acknowledged += lines(writer, 3)
                acknowledged += order(packages, f"{number}-together")
                acknowledged += last_words(writer, killed=number % 2 == 0)
            acknowledged += order(packages, f"{number}-again")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert set(acknowledged) <= stored(library, url)


def stored(library: Any, url: str) -> set[str]:
    """What there is, as the processes say it."""
    with MemoryClient.connect(url) as memory, library.LibraryClient.connect(url) as books:
        return {f"memory {item.id}" for item in memory.memory_items.all()} | {
            f"library {book.isbn}" for book in books.books.all()
        }


@pytest.fixture
def clients(library: Any, tmp_path: Path) -> Iterator[tuple[MemoryClient, Any]]:
    """A client of each package, of one store that insists on declared indexes."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with MemoryClient.connect(url) as memory, library.LibraryClient.connect(url) as books:
        yield memory, books


def test_one_error_for_both(clients: tuple[MemoryClient, Any], library: Any) -> None:
    memory, books = clients
    assert library.StorageError is StorageError
    for require in (memory.memory_items.require, books.books.require):
        for package in (firestore_memory, library):
            with pytest.raises(package.StorageError) as caught:
                require("nothing")
            assert type(caught.value) is NotFoundError


def test_health_never_raises(clients: tuple[MemoryClient, Any], library: Any, tmp_path: Path) -> None:
    for client in clients:
        assert client.health().healthy
        client.close()
        assert not client.health().healthy
    (tmp_path / "no.db").write_bytes(b"no database at all, but text" * 100)
    for kind in (MemoryClient, library.LibraryClient):
        with kind.connect(f"sqlite:///{tmp_path / 'no.db'}") as client:
            health = client.health()
        assert (health.healthy, isinstance(health.error, StorageError)) == (False, True)


def test_each_has_its_own_indexes(clients: tuple[MemoryClient, Any], library: Any) -> None:
    memory, books = clients
    memory.memory_items.create(an_item(id="a"))
    books.books.create(library.Book(isbn="1", author="Ada"))
    fields = library.BookFields
    for _ in range(2):  # in turns: neither takes over what the other has declared
        assert [item.id for item in memory.memory_items.conversation_history(user_id="ada", session_id=None)] == ["a"]
        assert [book.isbn for book in books.books.by_author(author="Ada")] == ["1"]
        with pytest.raises(MissingIndexError, match="memories"):
            memory.memory_items.where(F.text_content == "x").order_by(F.timestamp.desc()).list()
        with pytest.raises(MissingIndexError, match="books"):
            books.books.where(fields.author == "Ada").order_by(fields.isbn.desc()).list()
