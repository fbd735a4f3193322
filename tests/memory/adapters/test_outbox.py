"""Two stores: what one of them lacks waits in the other one, whoever dies or is away, and nothing goes back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, Backend, MemoryClient
from firestore_memory.adapters._bindings import ROLLOUT
from firestore_memory.adapters.legacy_storage import StorageError
from firestore_memory.adapters.rollout import migration_mode, report, reset_report
from firestore_runtime._sync.untyped import UntypedCollection
from firestore_runtime.options import Options
from firestore_runtime.rollout._async import outbox as async_outbox
from firestore_runtime.rollout._sync import outbox as sync_outbox
from firestore_runtime.rollout._sync.outbox import OUTBOX, Outbox
from firestore_runtime.rollout.copies import Route
from tests.memory.adapters.managers import DRIVERS, Driver, Records
from tests.memory.adapters.rollouts import a_record, stored, watched

pytestmark = pytest.mark.parametrize("store", ["firestore", "embedded"], indirect=True)
"""Indexes make no difference here."""

WRITING_BOTH = ("dual_write", "shadow_read", "current_read")
FORWARD = Route(ROLLOUT.layouts["records"], "forward", "memory_records", "records")
CALLS = 16
"""At most so many procedures of each store are called to repair one document that is disturbed once."""

each_manager = pytest.mark.parametrize("name", DRIVERS)
each_mode = pytest.mark.parametrize("mode", WRITING_BOTH)


class TwoStores:
    """The stores, as they are, and a manager that works on them."""

    def __init__(self, driver: Driver, old: Backend, current: Backend) -> None:
        self.driver = driver
        self.backends = {"old": old, "current": current}
        self.watched = {"old": driver.watched, "current": driver.second}
        self.paths = {"old": driver.old_path, "current": driver.current_path}
        self.keys = {"old": driver.old_key, "current": driver.current_key}

    def texts(self, side: str) -> dict[str, str]:
        found = stored(self.backends[side], self.paths[side])
        return {document_id: data[self.keys[side]] for document_id, data in found.items()}

    def waiting(self, side: str = "old") -> list[str]:
        """The ids of the documents that wait in a store for being copied into the other one."""
        return sorted(entry["document_id"] for entry in stored(self.backends[side], OUTBOX).values())

    def outbox(self, side: str = "old") -> Outbox:
        """The outbox of another process."""
        other = "current" if side == "old" else "old"
        return Outbox(self.backends[side], self.backends[other], Options(), ROLLOUT)

    def tallied(self) -> tuple[int, int]:
        """How many writes have been counted as delivered, and how many as not."""
        tally = report()[self.driver.collection, "copy"]
        return tally.delivered, tally.undelivered


@pytest.fixture(autouse=True)
def _counting() -> Iterator[None]:
    reset_report()
    yield
    reset_report()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait before a store that has failed is asked again."""
    for module in (sync_outbox, async_outbox):
        monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.0)


@pytest.fixture
async def stores(name: str, url: str, client: MemoryClient, async_client: AsyncMemoryClient, tmp_path: Path) -> Any:
    """A store of each kind with the older documents, and an embedded one with the current ones."""
    second = f"sqlite:///{tmp_path / 'second.db'}"
    kind = DRIVERS[name]
    with MemoryClient.connect(second) as other:
        async with AsyncMemoryClient.connect(second) as async_other:
            first = (async_client if kind.is_async else client).backend
            driver = kind(first, (async_other if kind.is_async else other).backend)
            await driver.initialize()
            yield TwoStores(driver, client.backend, other.backend)


def sides(mode: str) -> tuple[str, str]:
    """The store that leads in a mode, and the one that follows."""
    return ("current", "old") if mode == "current_read" else ("old", "current")


@each_manager
@each_mode
async def test_what_is_written_is_copied_at_once(name: str, mode: Any, stores: TwoStores) -> None:
    with migration_mode(mode):
        await stores.driver.save("x", "first")
        await stores.driver.save("x", "hello")
    assert stores.texts("old") == stores.texts("current") == {"x": "hello"}
    assert stores.waiting("old") == stores.waiting("current") == []
    assert stores.tallied() == (2, 0)


@each_manager
@each_mode
async def test_a_document_and_what_says_that_it_waits_are_one_commit(name: str, mode: Any, stores: TwoStores) -> None:
    leading, following = sides(mode)
    with migration_mode(mode):
        await stores.driver.save("x", "hello")
    ((document, entry),) = stores.watched[leading].commits()
    assert (document, entry.split("/")[0]) == (f"{stores.paths[leading]}/x", OUTBOX)
    assert stores.watched[following].commits() == []


@each_manager
@each_mode
async def test_while_the_second_store_is_down(name: str, mode: Any, stores: TwoStores) -> None:
    leading, following = sides(mode)
    down = stores.watched[following]
    down.is_down = True
    with migration_mode(mode):
        for number in range(3):
            await stores.driver.save(f"x{number}", "hello")
        assert len(down.calls) <= 2, "it is left alone for a while"
        assert await stores.driver.get("x2") == "hello"
    assert stores.waiting(leading) == ["x0", "x1", "x2"]
    assert stores.texts(leading) == {"x0": "hello", "x1": "hello", "x2": "hello"}
    assert stores.texts(following) == {}
    assert stores.tallied() == (0, 3)
    assert stores.outbox(leading).pending() == 3
    assert stores.outbox(leading).repair() == 3
    assert stores.texts(following) == stores.texts(leading)
    assert stores.outbox(leading).pending() == stores.outbox(leading).repair() == 0


@each_manager
@each_mode
async def test_the_next_write_catches_up(name: str, mode: Any, stores: TwoStores, impatient: None) -> None:
    leading, following = sides(mode)
    with migration_mode(mode):
        stores.watched[following].is_down = True
        await stores.driver.save("x", "hello")
        await stores.driver.save("y", "hello")
        stores.watched[following].is_down = False
        await stores.driver.save("z", "hello")
    assert stores.texts(following) == {"x": "hello", "y": "hello", "z": "hello"}
    assert stores.waiting(leading) == []


@each_manager
@each_mode
async def test_a_call_fails_if_the_store_does_that_leads(name: str, mode: Any, stores: TwoStores) -> None:
    leading, _ = sides(mode)
    stores.watched[leading].is_down = True
    with migration_mode(mode), pytest.raises(StorageError, match="it is down"):
        await stores.driver.save("x", "hello")
    assert stores.texts("old") == stores.texts("current") == {}


@each_manager
@each_mode
async def test_a_process_that_dies_loses_nothing(name: str, mode: Any, stores: TwoStores) -> None:
    """It dies before each call to the second store; another process finishes what it was about to do."""
    leading, following = sides(mode)
    for number in range(CALLS):
        stores.watched[following].calls.clear()
        stores.watched[following].hook = dying(stores, following, number)
        try:
            with migration_mode(mode):
                await stores.driver.save("x", f"written {number}")
        except Death:
            stores.watched[following].hook = None
        else:
            break
        assert number > 2 or stores.waiting(leading) == ["x"]
        stores.outbox(leading).repair()
        assert stores.texts(following) == stores.texts(leading) == {"x": f"written {number}"}
    assert 3 <= number < CALLS - 1


class Death(BaseException):
    """The process ends."""


def dying(stores: TwoStores, side: str, number: int) -> Any:
    def die(name: str, request: Any) -> None:
        if len(stores.watched[side].calls) > number:
            raise Death

    return die


@each_mode
@pytest.mark.parametrize("name", ["legacy_sync"])
async def test_deletes_are_copied_too(name: str, mode: Any, stores: TwoStores) -> None:
    leading, following = sides(mode)
    with migration_mode(mode):
        for document_id in ("x", "y"):
            await stores.driver.save(document_id, "hello")
        await stores.driver.delete("y")
        assert stores.texts(following) == {"x": "hello"}
        stores.watched[following].is_down = True
        await stores.driver.delete("x")
    assert (stores.texts(leading), stores.texts(following)) == ({}, {"x": "hello"})
    assert stores.outbox(leading).repair() == 1
    assert stores.texts(following) == {}


@each_mode
@pytest.mark.parametrize("name", ["legacy_adapter", "legacy_async"])
async def test_so_is_what_is_cleaned_up(name: str, mode: Any, stores: TwoStores) -> None:
    leading, following = sides(mode)
    with migration_mode(mode):
        await stores.driver.save("x", "hello", expired=True)
        stores.watched[following].is_down = True
        assert await stores.driver.clean_up() == 1
    assert (stores.texts(leading), stores.texts(following)) == ({}, {"x": "hello"})
    assert stores.outbox(leading).repair() == 1
    assert stores.texts(following) == {}


# One manager stands for all


@pytest.fixture
def name() -> str:
    return "legacy_sync"


async def leave_waiting(stores: TwoStores, mode: Any, document_id: str, text: str) -> None:
    """Write something, and let it wait."""
    _, following = sides(mode)
    stores.watched[following].is_down = True
    with migration_mode(mode):
        await stores.driver.save(document_id, text)
    stores.watched[following].is_down = False


async def test_what_cannot_be_converted_stays_and_hides_nothing(
    stores: TwoStores, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_outbox, "_AT_ONCE", 2)
    outbox = stores.outbox()
    records = UntypedCollection(stores.backends["old"], "memory_records", Options())
    for number in range(5):
        records.set(f"bad {number}", {"context": "ada", "metadata": "none"})
        records.set(f"good {number}", a_record().model_dump())
        for kind in ("bad", "good"):
            records.commit([outbox.entry_write(FORWARD, f"{kind} {number}")])
    with caplog.at_level(logging.ERROR):
        assert outbox.repair() == 5
    assert stores.waiting() == [f"bad {number}" for number in range(5)]
    assert stores.texts("current").keys() == {f"good {number}" for number in range(5)}
    assert "'bad 0' cannot be copied: " in caplog.text
    assert stores.tallied() == (5, 5)
    records.set("bad 0", a_record().model_dump())
    assert outbox.repair() == 1


async def test_all_that_waits_is_caught_up_with_little_by_little(
    stores: TwoStores, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        await leave_waiting(stores, "dual_write", f"x{number}", "hello")
    monkeypatch.setattr(sync_outbox, "_AT_ONCE", 2)
    other = Records(stores.backends["old"], stores.backends["current"])
    await other.initialize()
    with migration_mode("dual_write"):
        left = []
        for number in range(4):
            await other.save("y", f"written {number}")
            left.append(len(stores.waiting()))
    assert left == [3, 1, 0, 0]
    assert len(stores.texts("current")) == 6


async def test_a_step_further_somebody_catches_up_what_was_left_behind(stores: TwoStores) -> None:
    """Programs that read the current documents look into the other outbox, too; and the other way round."""
    for before, after in (("shadow_read", "current_read"), ("current_read", "shadow_read")):
        leading, following = sides(before)
        await leave_waiting(stores, before, "x", before)
        other = Records(stores.backends["old"], stores.backends["current"])
        await other.initialize()
        with migration_mode(after):  # type: ignore[arg-type]  # it is one of both
            await other.save("y", "hello")
            assert await other.get("x") == before
        assert stores.waiting(leading) == stores.waiting(following) == []


@pytest.mark.parametrize(("before", "after"), [("shadow_read", "current_read"), ("current_read", "shadow_read")])
@pytest.mark.parametrize("is_delivered", [True, False])
async def test_what_has_waited_never_overwrites_what_was_written_later(
    before: Any, after: Any, is_delivered: bool, stores: TwoStores
) -> None:
    """One side leads before a step, and the other one afterwards."""
    leading, following = sides(before)
    await leave_waiting(stores, before, "x", "earlier")
    stores.watched[leading].is_down = not is_delivered
    with migration_mode(after):
        await stores.driver.save("x", "later")
    stores.watched[leading].is_down = False
    for side in (leading, following, leading):
        stores.outbox(side).repair()
    assert stores.texts("old") == stores.texts("current") == {"x": "later"}
    assert stores.waiting("old") == stores.waiting("current") == []


@pytest.mark.parametrize("side", ["old", "current"])
@pytest.mark.parametrize("is_deleted", [True, False])
async def test_two_processes_never_leave_an_older_state(side: str, is_deleted: bool, stores: TwoStores) -> None:
    """While one repairs, another one writes and repairs: before each call of the first one to either store."""
    other = Records(stores.backends["old"], stores.backends["current"])
    await other.initialize()
    for number in range(CALLS):
        await leave_waiting(stores, "dual_write", "x", "earlier")
        with migration_mode("dual_write"):
            calls = await repair_disturbed(stores, side, number, lambda: change(other, is_deleted))
        if calls <= number:
            assert number >= 3
            return
        expected = {} if is_deleted else {"x": "later"}
        assert stores.texts("old") == stores.texts("current") == expected, number
        assert stores.waiting() == [], number
    raise AssertionError("it never ends")


@pytest.mark.parametrize("side", ["old", "current"])
async def test_nor_do_they_forget_what_one_of_them_leaves_waiting(side: str, stores: TwoStores) -> None:
    """The other one writes, and dies before it can copy."""
    other = Records(stores.backends["old"], stores.backends["current"])
    await other.initialize()
    other.second.is_down = True
    for number in range(CALLS):
        await leave_waiting(stores, "dual_write", "x", "earlier")
        with migration_mode("dual_write"):
            calls = await repair_disturbed(stores, side, number, lambda: change(other, False))
        assert stores.texts("current") == stores.texts("old") or stores.waiting() == ["x"]
        stores.outbox().repair()
        assert stores.texts("current") == stores.texts("old") == {"x": "later" if calls > number else "earlier"}


def change(other: Records, is_deleted: bool) -> None:
    if is_deleted:
        other.manager.delete_record("x")
    else:
        other.manager.save_record(a_record("x", "later"))


async def repair_disturbed(stores: TwoStores, side: str, number: int, disturb: Any) -> int:
    """Repair, with something happening before a call to one of the stores; return how many calls there were to it."""
    calls = 0

    def before(name: str, request: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == number + 1:
            disturb()

    watched_backends = dict(stores.backends)
    _, watched_backends[side] = watched(stores.backends[side], before)
    Outbox(watched_backends["old"], watched_backends["current"], Options(), ROLLOUT).repair()
    return calls


@pytest.mark.parametrize("mode", ["legacy", "current"])
async def test_modes_that_write_one_side_need_no_outbox(mode: Any, stores: TwoStores) -> None:
    with migration_mode(mode):
        await stores.driver.save("x", "hello")
        await stores.driver.delete("x")
    names = [path for side in stores.watched.values() for paths in side.commits() for path in paths]
    expected = "memory_records/x" if mode == "legacy" else "records/x"
    assert names == [expected, expected]


async def test_batches_of_two_stores(stores: TwoStores) -> None:
    with migration_mode("dual_write"):
        assert stores.driver.manager.batch_save_records([a_record(f"r{number:03}") for number in range(250)]) == 250
    assert [len(paths) for paths in stores.watched["old"].commits()] == [400, 100]
    assert len(stores.texts("current")) == 250
    assert stores.waiting() == []


async def test_a_record_that_says_it_is_an_item_is_copied_as_what_it_was_written_as(stores: TwoStores) -> None:
    """A migration would copy it as an item; the manager of records looks for it among records."""
    record = a_record("x", metadata={"record_type": "memory_item"})
    with migration_mode("dual_write"):
        stores.driver.manager.save_record(record)
    with migration_mode("current_read"):
        assert stores.driver.manager.get_record("x").content == record.content
