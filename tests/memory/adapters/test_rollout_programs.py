"""Programs for the older managers run on while they move, with nothing but a variable of their environment changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.memory.adapters.programs.running import run_program
from tests.memory.adapters.test_legacy_adapter_program import IMPORTS as ADAPTER_IMPORTS
from tests.memory.adapters.test_legacy_async_program import IMPORTS as ASYNC_IMPORTS
from tests.memory.adapters.test_legacy_sync_program import IMPORTS as SYNC_IMPORTS

IMPORTS: Mapping[str, dict[str, str]] = {
    "legacy_sync": SYNC_IMPORTS,
    "legacy_adapter": ADAPTER_IMPORTS,
    "legacy_async": ASYNC_IMPORTS["legacy_async"],
}
CHANGES: Mapping[tuple[str, str], dict[str, str]] = {
    ("legacy_adapter", "current_read"): {
        'assert await ids("bob") == [*everything, "record"]': 'assert await ids("bob") == everything',
        'assert (await adapter.get_memory_item("record")).item_type == "message"': (
            'assert await adapter.get_memory_item("record") is None'
        ),
    },
    ("legacy_async", "current_read"): {
        'await expect(StorageError, "Unexpected error retrieving memory item: ", manager.get_memory_item("broken"))': (
            'assert await manager.get_memory_item("broken") is None'
        ),
    },
}
"""What is different: the programs put older documents there by themselves, which nobody copies: one is a record of
another manager, one cannot be read."""


@pytest.mark.parametrize("mode", ["dual_write", "current_read"])
@pytest.mark.parametrize("name", IMPORTS)
def test_the_program_runs(name: str, mode: str, project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_MEMORY_MIGRATION_MODE", mode)
    result = run_program(name, IMPORTS[name], [project], tmp_path, changes=CHANGES.get((name, mode)))
    assert (result.stdout, result.stderr, result.returncode) == ("everything is as described\n", "", 0)
