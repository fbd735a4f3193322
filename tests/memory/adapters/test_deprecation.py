"""How the older interfaces warn."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from firestore_memory import MemoryClient, MemoryRecord
from firestore_memory.adapters import legacy_storage, legacy_sync
from firestore_memory.adapters._bindings import deprecated
from firestore_memory.adapters.legacy_sync import FirestoreMemoryManager


@deprecated("plain is old: use new")
def plain(argument: int) -> int:
    """Say what it does."""
    return argument + 1


@deprecated("later is old: use new")
async def later(argument: int) -> int:
    return argument + 1


@deprecated("Thing is old: use New")
class Thing:
    def __init__(self, argument: int) -> None:
        self.argument = argument


def warned(function: Callable[[], object]) -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function()
    return caught


@pytest.mark.usefixtures("warnings_on")
class TestWhenItIsOn:
    def test_a_call_warns_at_its_own_line(self) -> None:
        (warning,) = warned(lambda: plain(1))
        assert warning.category is DeprecationWarning
        assert str(warning.message) == "plain is old: use new"
        assert warning.filename == __file__
        assert warning.lineno == inspect.getsourcelines(TestWhenItIsOn.test_a_call_warns_at_its_own_line)[1] + 1

    def test_a_class_warns_where_an_object_is_made(self) -> None:
        (warning,) = warned(lambda: Thing(argument=1))
        assert (str(warning.message), warning.filename) == ("Thing is old: use New", __file__)

    def test_python_shows_it_once_per_line(self) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            for _ in range(3):
                plain(1)
                plain(1)
        assert len({warning.lineno for warning in caught}) == len(caught) == 2

    def test_a_coroutine_function_stays_one_and_warns_where_it_is_called(self) -> None:
        assert asyncio.iscoroutinefunction(later)

        async def use() -> int:
            call = later(1)
            return await asyncio.create_task(call)

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert asyncio.run(use()) == 2
        (warning,) = caught
        assert warning.filename == __file__
        assert warning.lineno == inspect.getsourcelines(use)[1] + 1

    def test_what_is_marked_is_what_it_was(self) -> None:
        assert plain.__name__ == "plain"
        assert plain.__doc__ == "Say what it does."
        assert list(inspect.signature(plain).parameters) == ["argument"]
        assert plain.__deprecated__ == "plain is old: use new"  # type: ignore[attr-defined]  # as PEP 702 says
        assert Thing.__deprecated__ == "Thing is old: use New"  # type: ignore[attr-defined]  # as above
        assert isinstance(Thing, type)

    def test_an_error_leaves_the_object_alone(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(DeprecationWarning, match="plain is old"):
                plain(1)

    def test_each_use_of_a_manager_names_its_replacement_and_warns_once(self) -> None:
        record = MemoryRecord(record_id="a", context="c", persona="p", content="t")
        with MemoryClient.connect("memory:?strict_indexes=false") as client:
            (made,) = warned(lambda: FirestoreMemoryManager.from_client(client))
            assert made.filename == __file__
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                manager = FirestoreMemoryManager.from_client(client)
            uses = {
                "initialize": manager.initialize,
                "save_record": lambda: manager.save_record(record),
                "get_record": lambda: manager.get_record("a"),
                "query_records": lambda: manager.query_records({}),
                "batch_save_records": lambda: manager.batch_save_records([record]),
                "semantic_search": lambda: manager.semantic_search("c", [1.0]),
                "delete_record": lambda: manager.delete_record("a"),
                "close": manager.close,
                "health_check": manager.health_check,  # which initialises on the way
            }
            for name, use in uses.items():
                found = warned(use)
                assert len(found) == 1, name
                assert found[0].filename == __file__
                assert "older interface: " in str(found[0].message)
                assert name in str(found[0].message) or "FirestoreMemoryManager" in str(found[0].message)

    def test_helpers_of_the_older_storage_warn(self) -> None:
        for use in (
            legacy_storage.StorageConfig,
            legacy_storage.generate_id,
            lambda: legacy_storage.get_collection_name("a"),
            lambda: legacy_storage.compute_content_hash("a"),
        ):
            (warning,) = warned(use)
            assert warning.filename == __file__

    def test_a_broken_environment_does_not_break_a_warning(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FIRESTORE_MEMORY_TIMEOUT", "soon")
        assert len(warned(lambda: plain(1))) == 1


def test_the_setting_switches_it_off() -> None:
    assert warned(lambda: plain(1)) == []
    assert warned(lambda: Thing(1)) == []
    assert warned(lambda: FirestoreMemoryManager("p")) == []


def test_a_type_checker_sees_it(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent("""\
        from firestore_memory.adapters.legacy_sync import FirestoreMemoryManager

        manager = FirestoreMemoryManager("p")
        manager.get_record("a")
        """)
    )
    command = [sys.executable, "-m", "mypy", "--enable-error-code=deprecated", "--follow-imports=silent", str(program)]
    found = subprocess.run(
        command, cwd=Path(legacy_sync.__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert "FirestoreMemoryManager is the older interface: use MemoryClient instead" in found.stdout
    assert "get_record is part of the older interface: use MemoryClient.memory_records.get(record_id)" in found.stdout
