"""What a killed process had written, and was told so, is there."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from firestore_memory import MemoryClient

WRITER = """
import sys
from itertools import count

from firestore_memory import MemoryClient, MemoryItem, MemoryItemFields
from firestore_memory.embedded import candidates

candidates._FEW = 1  # so that an index is made, and has to be kept up
client = MemoryClient.connect(sys.argv[1])


def item(document_id, size):
    return MemoryItem(id=document_id, user_id="ada", item_type="fact", text_content="t" * size)


client.memory_items.set(item("first", 10))
client.memory_items.where(MemoryItemFields.user_id == "ada").list()


def write_pair(tx):
    tx.memory_items.set(item(f"{number}-one", 10))
    tx.memory_items.set(item(f"{number}-other", 10))


for number in count(int(sys.argv[2])):
    if number % 3:
        client.memory_items.set(item(f"{number}", number % 3_000))
    else:
        client.run_transaction(write_pair)
    print(number, flush=True)
"""


def write_until_killed(url: str, first: int, seconds: float) -> list[int]:
    """Run a writer, kill it, and return the numbers of the writes that it was told were made."""
    command = [sys.executable, "-c", WRITER, url, str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        begun = writer.stdout.readline()
        time.sleep(seconds)
        writer.kill()
        lines = (begun + writer.stdout.read()).splitlines(keepends=True)
    return [int(line) for line in lines if line.endswith("\n")]


def check(path: Path, url: str, acknowledged: list[int]) -> None:
    with MemoryClient.connect(url) as client:
        ids = {item.id for item in client.memory_items.all()}
    expected = {name for number in acknowledged for name in names(number)}
    assert expected - ids == set()
    assert {name.removesuffix("-one") for name in ids if name.endswith("-one")} == {
        name.removesuffix("-other") for name in ids if name.endswith("-other")
    }
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    (entries,) = connection.execute("SELECT count(*) FROM entries").fetchone()
    assert entries == len(ids)
    connection.close()


def names(number: int) -> tuple[str, ...]:
    return (f"{number}",) if number % 3 else (f"{number}-one", f"{number}-other")


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.slow)])
def test_killed_again_and_again(tmp_path: Path, kills: int) -> None:
    path = tmp_path / "store.db"
    url = f"sqlite:///{path}?strict_indexes=false"
    acknowledged: list[int] = []
    for _ in range(kills):
        first = max(acknowledged, default=0) + 10
        acknowledged += write_until_killed(url, first, random.uniform(0, 0.2))
        check(path, url, acknowledged)
