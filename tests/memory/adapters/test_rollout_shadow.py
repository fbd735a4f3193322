"""Shadow reads: what they return, what they count, and what they keep to themselves."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, MemoryClient, StorageConnectionError
from firestore_memory.adapters import legacy_sync
from firestore_memory.adapters._bindings import ROLLOUT
from firestore_memory.adapters.rollout import Tally, migration_mode, report, reset_report
from firestore_runtime._sync.untyped import UntypedCollection
from firestore_runtime.options import Options
from firestore_runtime.rollout._sync.outbox import Outbox
from firestore_runtime.rollout.findings import is_same
from tests.memory.adapters.managers import DRIVERS, Driver
from tests.memory.adapters.rollouts import a_record, stored

each_manager = pytest.mark.parametrize("name", DRIVERS)
SECRET = "nobody's business"


@pytest.fixture(autouse=True)
def _counting() -> Iterator[None]:
    reset_report()
    yield
    reset_report()


@pytest.fixture
async def driver(name: str, client: MemoryClient, async_client: AsyncMemoryClient) -> Driver:
    """A manager on a store that holds both shapes of a document, and watches."""
    kind = DRIVERS[name]
    driver = kind(async_client.backend if kind.is_async else client.backend)
    await driver.initialize()
    with migration_mode("dual_write"):
        await driver.save("x", SECRET)
    return driver


def counted(driver: Driver) -> dict[str, dict[str, int]]:
    """What has been counted, by operation, without what never was."""
    assert {collection for collection, _ in report()} <= {driver.collection}
    return {
        operation: {finding: number for finding, number in asdict(tally).items() if number}
        for (_, operation), tally in report().items()
    }


def change(client: MemoryClient, path: str, **fields: object) -> None:
    collection = UntypedCollection(client.backend, path, Options())
    collection.set("x", {**stored(client.backend, path)["x"], **fields})


@each_manager
async def test_what_is_the_same(name: str, driver: Driver) -> None:
    with migration_mode("shadow_read"):
        await driver.get("x")
        await driver.get("missing")
        await driver.history()
    history = "matching" if name == "legacy_sync" else "history"
    assert counted(driver) == {"get": {"equal": 2}, history: {"equal": 1}}


@each_manager
@pytest.mark.parametrize("mode", ["legacy", "dual_write", "current_read", "current"])
async def test_nothing_is_counted_in_other_modes(name: str, mode: Any, driver: Driver) -> None:
    with migration_mode(mode):
        await driver.get("x")
    with migration_mode("shadow_read", percentage=0):
        await driver.history()
    assert counted(driver) == {}


@each_manager
async def test_what_is_different(
    name: str, driver: Driver, client: MemoryClient, caplog: pytest.LogCaptureFixture
) -> None:
    change(client, driver.current_path, **{driver.current_key: "changed"})
    with migration_mode("shadow_read"), caplog.at_level(logging.DEBUG):
        assert await driver.get("x") == SECRET
        assert await driver.history() == [("x", SECRET)]
    assert [tally for tally in counted(driver).values() if tally != {"different": 1}] == []
    messages = [record.getMessage() for record in caplog.records if "finds something else" in record.getMessage()]
    assert len(messages) == 2
    assert messages[0] == f"get of {driver.collection} finds something else among the current documents"
    assert SECRET not in caplog.text
    assert SECRET not in str(report())
    assert "changed" not in caplog.text


@each_manager
@pytest.mark.parametrize("is_old", [True, False])
async def test_what_is_on_one_side_only(name: str, is_old: bool, driver: Driver, client: MemoryClient) -> None:
    missing = driver.current_path if is_old else driver.old_path
    UntypedCollection(client.backend, missing, Options()).delete("x")
    with migration_mode("shadow_read"):
        assert await driver.get("x") == (SECRET if is_old else None)
        await driver.history()
    assert [tally for tally in counted(driver).values() if tally != {"different": 1}] == []


@each_manager
@pytest.mark.parametrize(("times", "finding"), [(1, "equal"), (2, "equal"), (99, "undecided")])
async def test_writes_in_between_are_no_differences(
    name: str, times: int, finding: str, driver: Driver, client: MemoryClient
) -> None:
    texts = iter(f"text {number}" for number in range(times))

    def write(procedure: str, request: Any) -> None:
        if procedure == "get_document" and request.name.endswith(f"/{driver.current_path}/x"):
            rewrite(client, driver, next(texts, None))

    driver.watched.hook = write
    with migration_mode("shadow_read"):
        assert await driver.get("x") == SECRET
    assert counted(driver) == {"get": {finding: 1}}


@each_manager
async def test_nor_is_what_is_changed_and_changed_back(name: str, driver: Driver, client: MemoryClient) -> None:
    texts = iter(["changed", SECRET])

    def write(procedure: str, request: Any) -> None:
        reads = [each for each, _ in driver.watched.calls if each == "get_document"]
        if len(reads) in (2, 3):  # of the current document, and then of the older one
            rewrite(client, driver, next(texts, None))

    driver.watched.calls.clear()
    driver.watched.hook = write
    with migration_mode("shadow_read"):
        await driver.get("x")
    assert counted(driver) == {"get": {"equal": 1}}
    assert next(texts, None) is None, "both were written"


def rewrite(client: MemoryClient, driver: Driver, text: str | None) -> None:
    """Write a text in both shapes at once, as a program that writes both does."""
    if text is None:
        return
    writes = []
    for path, key in ((driver.old_path, driver.old_key), (driver.current_path, driver.current_key)):
        fields = {**stored(client.backend, path)["x"], key: text}
        writes.append(UntypedCollection(client.backend, path, Options()).set_write("x", fields))
    UntypedCollection(client.backend, driver.old_path, Options()).commit(writes)


@each_manager
@pytest.mark.parametrize("error", [StorageConnectionError("away"), KeyError("a bug")])
async def test_what_cannot_be_read(
    name: str, error: Exception, driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(procedure: str, request: Any) -> None:
        if f"/{driver.current_path}" in str(request) or f'"{driver.current_path}"' in str(request):
            raise error

    driver.watched.hook = fail
    with migration_mode("shadow_read"):
        assert await driver.get("x") == SECRET
        assert await driver.history() == [("x", SECRET)]
    assert [tally for tally in counted(driver).values() if tally != {"failed": 1}] == []
    assert "fails on the current documents" in caplog.text
    assert SECRET not in caplog.text


@each_manager
async def test_what_is_on_its_way_to_a_second_store_is_no_difference(name: str, tmp_path: Path) -> None:
    kind = DRIVERS[name]
    urls = [f"sqlite:///{tmp_path / each}.db" for each in ("old", "current")]
    connect: Any = AsyncMemoryClient.connect if kind.is_async else MemoryClient.connect
    old, current = (connect(url).backend for url in urls)
    driver = kind(old, current)
    await driver.initialize()
    with migration_mode("dual_write"):
        await driver.save("x", "first")
        driver.second.is_down = True
        await driver.save("x", "second")
        driver.second.is_down = False
    reset_report()
    with migration_mode("shadow_read"):
        assert await driver.get("x") == "second"
    assert counted(driver) == {"get": {"undecided": 1}}
    with MemoryClient.connect(urls[0]) as one, MemoryClient.connect(urls[1]) as other:
        assert Outbox(one.backend, other.backend, Options(), ROLLOUT).repair() == 1
        reset_report()
        with migration_mode("shadow_read"):
            await driver.get("x")
            change(other, driver.current_path, **{driver.current_key: "changed"})
            await driver.get("x")
    assert counted(driver) == {"get": {"equal": 1, "different": 1}}


def test_what_counts_as_the_same() -> None:
    assert is_same([a_record(metadata={"n": float("nan"), "a": 1})], [a_record(metadata={"a": 1, "n": float("nan")})])
    for one, other in ((1, 1.0), (1, True), (None, 0), ("1", 1), ([1], [1, 1]), ({"a": None}, {})):
        assert not is_same(a_record(metadata={"value": one}), a_record(metadata={"value": other}))
    assert not is_same([a_record("a"), a_record("b")], [a_record("b"), a_record("a")]), "the order counts"
    assert not is_same(a_record(), None)


def test_the_report_can_be_forgotten() -> None:
    with MemoryClient.connect("memory:") as client, migration_mode("shadow_read"):
        manager = legacy_sync.FirestoreMemoryManager.from_client(client)
        manager.initialize()
        manager.query_records({})
        assert report() == {("memory_records", "matching"): Tally(equal=1)}
        reset_report()
        assert report() == {}
