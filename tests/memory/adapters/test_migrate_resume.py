"""A migration that is killed goes on where it was, and ends as if nothing had happened; its memory stays flat."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from firestore_memory import ConfigurationError, MemoryClient
from firestore_memory.adapters.migration import migrate
from firestore_runtime._sync.untyped import UntypedCollection
from firestore_runtime.options import Options
from tests.memory.adapters.old_documents import SHAPES, store, times

DOCUMENTS = int(os.environ.get("MIGRATION_DOCUMENTS", "3000"))
KILLS = 10
OLD = ("memory_records", "memory_items", "agent_data")
ROOT = Path(__file__).parents[3]


def command(url: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "firestore_codegen", "migrate", "--from", url, "--to", url, "--format", "json", *more]


@pytest.mark.slow
def test_kills(tmp_path: Path) -> None:
    """`MIGRATION_DOCUMENTS=100000` makes it a real one."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with MemoryClient.connect(url) as client:
        store(client.backend, range(DOCUMENTS))
        before = dict(times(client.backend, *OLD))
    checkpoint, quarantine = tmp_path / "checkpoint.json", tmp_path / "quarantine.ndjson"
    arguments = command(url, "--checkpoint", str(checkpoint), "--quarantine", str(quarantine), "--batch", "100")
    chosen = random.Random(DOCUMENTS)
    kills = 0
    while kills < KILLS:
        process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE)
        done_before = finished(checkpoint)
        wanted = done_before + chosen.randrange(1, max(DOCUMENTS // KILLS, 2))
        while process.poll() is None and finished(checkpoint) < wanted:
            time.sleep(0.01)
        time.sleep(0.02 * chosen.random())
        if process.poll() is not None:
            assert process.returncode == 0
            break
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += 1
        print(f"killed after {finished(checkpoint)} documents")
    assert kills >= KILLS // 2, "it must be killed at different points"
    subprocess.run(arguments, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    verified = subprocess.run(command(url, "--verify"), cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    counts = [route["counts"] for route in json.loads(verified.stdout)["routes"]]
    assert sum(each["equal"] for each in counts) == DOCUMENTS
    with MemoryClient.connect(url) as client:
        assert dict(times(client.backend, *OLD)) == before, "the source is never touched"


def finished(checkpoint: Path) -> int:
    """How many documents a checkpoint says are done."""
    if not checkpoint.exists():
        return 0
    return sum(route["report"]["documents"] for route in json.loads(checkpoint.read_text())["routes"])


def test_what_was_copied_and_then_vanished_is_deleted(tmp_path: Path) -> None:
    """Even if the migration was killed in between, as its checkpoint says which copies it was about to make."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    checkpoint = tmp_path / "checkpoint.json"
    with MemoryClient.connect(url) as client:
        store(client.backend, range(SHAPES))
        migrate(url, url, checkpoint=checkpoint, layouts=["items"])
        UntypedCollection(client.backend, "memory_items", Options()).delete("d000004")
        content = json.loads(checkpoint.read_text())
        assert content["routes"][0]["is_done"]
        content["routes"][0] |= {"is_done": False, "after": None, "batch": ["d000004", "d000005"], "made": ["d000004"]}
        checkpoint.write_text(json.dumps(content))
        migrate(url, url, checkpoint=checkpoint, layouts=["items"])
        assert client.memory_items.get("d000004") is None
        assert client.memory_items.exists("d000005")


@pytest.mark.parametrize(
    ("content", "mentions"),
    [("{", "no checkpoint"), ("[]", "no checkpoint"), ('{"version": 1}', "no checkpoint"), (None, "another migration")],
)
def test_checkpoints_of_something_else(content: str | None, mentions: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    checkpoint = tmp_path / "checkpoint.json"
    if content is None:
        migrate(url, url, checkpoint=checkpoint, layouts=["records"])
    else:
        checkpoint.write_text(content)
    with pytest.raises(ConfigurationError, match=mentions):
        migrate(url, url, checkpoint=checkpoint, layouts=["items"])


@pytest.mark.slow
def test_memory_is_flat(tmp_path: Path) -> None:
    peaks = [peak_memory(tmp_path / f"{count}.db", count) for count in (1_500, 6_000)]
    print(f"peak memory in bytes: {peaks}")
    assert peaks[1] < peaks[0] * 1.2


def peak_memory(path: Path, documents: int) -> int:
    """Migrate so many documents, and return how many bytes that has taken at most."""
    url = f"sqlite:///{path}"
    with MemoryClient.connect(url) as client:
        store(client.backend, range(documents))
    tracemalloc.start()
    migrate(url, url, batch=100)
    assert migrate(url, url, work="verify", batch=100).is_clean
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return highest
