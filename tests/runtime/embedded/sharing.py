"""A program that shares a file with others, run as `python sharing.py ROLE URL`; it prints what was acknowledged.

As `packages` it uses the file by two generated packages at once, and writes what its standard input tells it to. As
`writer` it uses one, and writes until its standard input ends; then it closes the file in good order.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from importlib import import_module
from itertools import count
from typing import Any

from firestore_memory import MemoryClient, MemoryItem


def remember(client: MemoryClient, document_id: str) -> None:
    """Write an item, and say so."""
    client.memory_items.create(MemoryItem(id=document_id, user_id="ada", item_type="fact"))
    print("memory", document_id, flush=True)


def packages(url: str) -> None:
    """Write by both packages; the second one opens the file while the first one has it open."""
    library: Any = import_module("library_store")  # which is generated for the test
    with MemoryClient.connect(url) as memory:
        for line in sys.stdin:
            remember(memory, f"{line.strip()}-before")
            with library.LibraryClient.connect(url) as books:
                books.books.create(library.Book(isbn=line.strip(), author="Ada"))
                print("library", line.strip(), flush=True)
                remember(memory, f"{line.strip()}-within")
            remember(memory, f"{line.strip()}-after")


def wait_for_end(told: threading.Event) -> None:
    """Tell when there is no standard input any more."""
    sys.stdin.read()
    told.set()


def writer(url: str, name: str) -> None:
    """Write until there is no standard input any more."""
    told = threading.Event()
    threading.Thread(target=wait_for_end, args=(told,), daemon=True).start()
    with MemoryClient.connect(url) as memory:
        for number in count():
            if told.is_set():
                break
            remember(memory, f"{name}-{number}")


if __name__ == "__main__":
    roles: dict[str, Callable[..., None]] = {"packages": packages, "writer": writer}
    roles[sys.argv[1]](*sys.argv[2:])
