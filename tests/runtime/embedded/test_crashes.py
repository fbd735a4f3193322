"""Processes that are killed while they write: what they were told is stored, is; and nothing is half-written."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from contextlib import closing
from itertools import cycle
from pathlib import Path

import pytest

from firestore_runtime.embedded import EmbeddedBackend
from tests.runtime.embedded.asking import entries, rebuilt_entries
from tests.runtime.embedded.children import FLAVOURS, children
from tests.runtime.embedded.steps import INDEXES, expected, stored

KILLS_OF_A_FILE = 5


@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_kills(kills: int, tmp_path: Path) -> None:
    chosen = random.Random(kills)
    done = 0
    with children(1) as (child,):
        for number, flavour in zip(range(kills), cycle(FLAVOURS), strict=False):
            path = tmp_path / f"{number // KILLS_OF_A_FILE}.db"
            first = done if number % KILLS_OF_A_FILE else 0
            child.order("fork", flavour, "take_steps", f"sqlite:///{path}", "x", first)
            process = int(child.answer())
            time.sleep(chosen.choice([0.05, 0.5]) * chosen.random())
            os.kill(process, signal.SIGKILL)
            done = checked(path, first + len(child.answers()))
            print(f"after {done} steps")


def checked(path: Path, acknowledged: int) -> int:
    """See that all steps are stored that somebody was told of, and maybe one more; return how many there are."""
    if not path.exists():
        assert acknowledged == 0
        return 0
    with closing(EmbeddedBackend(path)) as backend:
        found = stored(backend, "x")
        steps = acknowledged if found == expected("x", acknowledged) else acknowledged + 1
        assert found == expected("x", steps)
        assert entries(backend) == rebuilt_entries(backend)
        with backend.engine.store.reading() as connection:
            (indexes,) = connection.execute("SELECT count(*) FROM indexes").fetchone()
            assert indexes == len(INDEXES) or not steps
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return steps
