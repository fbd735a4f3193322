"""The whole way to the current collections and back while programs run: nothing is lost, nothing is read wrong.

Each worker has documents of its own, knows what it has stored, and checks all that it reads. Workers change their mode
one after the other, so that at any time those of two steps run side by side; nobody takes a step before all have taken
the one before.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from firestore_memory import AsyncMemoryClient, MemoryClient
from firestore_memory.adapters._bindings import ROLLOUT
from firestore_memory.adapters.rollout import MigrationMode, migration_mode, report, reset_report
from firestore_runtime.options import Options
from firestore_runtime.rollout._sync.copying import Copier
from firestore_runtime.rollout.copies import Route
from tests.memory.adapters.managers import DRIVERS, Driver
from tests.memory.adapters.rollouts import MODES, stored

WORKERS = 3
STEPS = 10
"""How many calls a worker makes in each mode at least."""
IDS = 6

Stage = tuple[MigrationMode, float]

THERE: list[Stage] = [
    ("legacy", 100),
    ("dual_write", 50),
    ("dual_write", 100),
    ("shadow_read", 50),
    ("shadow_read", 100),
    ("current_read", 30),
    ("current_read", 100),
    ("current", 50),
    ("current", 100),
]
STAGES = [*THERE, *reversed(THERE[:-1])]
LAYOUT = {"legacy_sync": "records", "legacy_adapter": "record_items", "legacy_async": "items"}


class Worker:
    """Reads and writes documents of a user's own.

    Args:
        number: Which one it is.
        stages: The mode that all are to have, last; nothing more once it is None.
    """

    def __init__(self, number: int, stages: list[Stage | None]) -> None:
        self.user = f"user {number}"
        self.neighbour = f"user {(number + 1) % WORKERS}"
        self.ids = [f"{number}-{each}" for each in range(IDS)]
        self.texts: dict[str, str] = {}
        self.done = 0
        self.entered = 0
        self._stages = stages
        self._chosen = random.Random(number)

    async def work(self, driver: Driver) -> None:
        """Work until there are no more stages."""
        while (stage := self._stages[-1]) is not None:
            self.entered = len(self._stages)
            mode, percentage = stage
            with migration_mode(mode, percentage=percentage):
                await self._step(driver)
            self.done += 1

    async def _step(self, driver: Driver) -> None:
        item_id = self._chosen.choice(self.ids)
        match self._chosen.randrange(12):
            case 0 | 1 | 2 | 3:
                await self._save(driver, item_id)
            case 4:
                await (self._clean_up if driver.is_async else self._delete)(driver, item_id)
            case 5:
                await self._check_duplicates(driver, item_id)
            case 6 | 7:
                assert await driver.get(item_id) == self.texts.get(item_id)
            case 8:
                assert {each: text for each, text in await driver.history(self.user) if each in self.ids} == self.texts
            case 9:
                assert dict(await driver.search(self.user)) == self.texts
            case _:
                await driver.history(self.neighbour)  # who writes meanwhile, which must not count as a difference

    async def _save(self, driver: Driver, item_id: str) -> None:
        text = f"{item_id} {self.done}"
        await driver.save(item_id, text, self.user, age=self._chosen.randrange(3))
        self.texts[item_id] = text

    async def _delete(self, driver: Driver, item_id: str) -> None:
        await driver.delete(item_id)
        self.texts.pop(item_id, None)

    async def _clean_up(self, driver: Driver, item_id: str) -> None:
        """What has expired may be deleted by all of them, but nothing else."""
        await driver.save(f"gone {item_id}", "gone", self.user, expired=True)
        await driver.clean_up()
        assert await driver.get(f"gone {item_id}") is None

    async def _check_duplicates(self, driver: Driver, item_id: str) -> None:
        text = self.texts.get(item_id)
        if text is not None:
            assert await driver.has(text, self.user)
        assert not await driver.has(f"{item_id} never", self.user)


@pytest.mark.parametrize("name", DRIVERS)
def test_the_whole_way_on_an_embedded_store(name: str, tmp_path: Path) -> None:
    check_the_whole_way(name, f"sqlite:///{tmp_path / 'store.db'}")


def test_the_whole_way_on_firestore(project: str) -> None:
    check_the_whole_way("legacy_adapter", f"firestore://{project}", steps=4)


def test_stages_are_one_step_apart() -> None:
    modes = [MODES.index(mode) for mode, _ in STAGES]
    assert {abs(one - other) for one, other in pairwise(modes)} == {0, 1}
    assert set(modes) == set(range(len(MODES)))


def check_the_whole_way(name: str, url: str, steps: int = STEPS) -> None:
    stages: list[Stage | None] = [STAGES[0]]
    workers = [Worker(number, stages) for number in range(WORKERS)]
    reset_report()
    with MemoryClient.connect(url) as client, running(name, url, workers, stages) as futures:
        for position, stage in enumerate(STAGES):
            if position:
                stages.append(stage)
            wait_for(workers, futures, len(stages), steps)
            if position == THERE.index(("dual_write", 100)):
                copy(client, name, back=False)
                clean_up_once(name, url)
            if position == len(STAGES) - 1 - THERE.index(("current_read", 100)):
                copy(client, name, back=True)
        stages.append(None)
    check_what_is_left(name, url, workers)
    tallies = report().values()
    assert sum(tally.equal for tally in tallies) > steps
    assert {(tally.different, tally.failed) for tally in tallies} == {(0, 0)}


@contextmanager
def running(name: str, url: str, workers: list[Worker], stages: list[Stage | None]) -> Iterator[list[Future[None]]]:
    """Let workers work: each in a thread, or as tasks of one event loop if their manager is asynchronous."""
    with ThreadPoolExecutor(WORKERS) as pool:
        if DRIVERS[name].is_async:
            futures = [pool.submit(asyncio.run, work_in_tasks(name, url, workers))]
        else:
            futures = [pool.submit(asyncio.run, work_alone(name, url, worker)) for worker in workers]
        try:
            yield futures
        finally:
            stages.append(None)
        for future in futures:
            future.result()


async def work_in_tasks(name: str, url: str, workers: list[Worker]) -> None:
    async with AsyncMemoryClient.connect(url) as client:
        driver = DRIVERS[name](client.backend)
        await driver.initialize()
        await asyncio.gather(*(worker.work(driver) for worker in workers))


async def work_alone(name: str, url: str, worker: Worker) -> None:
    with MemoryClient.connect(url) as client:
        driver = DRIVERS[name](client.backend)
        await driver.initialize()
        await worker.work(driver)


def wait_for(workers: list[Worker], futures: list[Future[None]], stage: int, steps: int) -> None:
    """Wait until all workers have the mode of a stage, and have made some calls since."""
    done: dict[str, int] = {}
    while len(done) < len(workers) or any(worker.done < done[worker.user] + steps for worker in workers):
        for worker in workers:
            if worker.entered == stage:
                done.setdefault(worker.user, worker.done)
        for future in futures:
            if future.done():
                future.result()  # it has failed
        time.sleep(0.001)


def copy(client: MemoryClient, name: str, *, back: bool) -> None:
    """Copy what is not there yet, as `migrate` does."""
    layout = ROLLOUT.layouts[LAYOUT[name]]
    old, current = layout.path, "/".join(layout.schema.path)
    route = Route(layout, "back", current, old) if back else Route(layout, "forward", old, current)
    copier = Copier(route, client.backend, client.backend, Options(), always=False)
    outcomes = copier.copy(sorted(stored(client.backend, route.source)))
    assert {outcome.fate for outcome in outcomes.values()} <= {"created", "replaced", "equal", "deleted", "absent"}
    assert "equal" in {outcome.fate for outcome in outcomes.values()}, "some have been written in both shapes"


def clean_up_once(name: str, url: str) -> None:
    """Those that were still in `legacy` knew nothing of copies of what they cleaned up."""
    if not DRIVERS[name].is_async:
        return

    async def clean_up() -> None:
        async with AsyncMemoryClient.connect(url) as client:
            driver = DRIVERS[name](client.backend)
            await driver.initialize()
            with migration_mode("dual_write"):
                await driver.clean_up()

    asyncio.run(clean_up())


def check_what_is_left(name: str, url: str, workers: list[Worker]) -> None:
    """Look at the older documents, after all: they are what was written last."""
    driver = DRIVERS[name]
    with MemoryClient.connect(url) as client:
        texts = {each: data[driver.old_key] for each, data in stored(client.backend, driver.old_path).items()}
    expected = {item_id: text for worker in workers for item_id, text in worker.texts.items()}
    assert {each: text for each, text in texts.items() if not each.startswith("gone")} == expected
    assert expected
