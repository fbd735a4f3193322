"""Other processes that use a store: they take orders on their standard input, one a line, and answer in lines.

An order is a flavour, the name of a job, the URL of the store, and the job's arguments. One that begins with `fork`
is for a copy of the process, which says its number, and may be killed.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import cast, get_args

from firestore_memory import AsyncMemoryClient
from firestore_memory import MemoryItemFields as F
from firestore_runtime.embedded import EmbeddedBackend
from tests.helpers.flavours import Awaited, Driver, Flavour
from tests.helpers.items import an_item
from tests.runtime.embedded.steps import make_indexes, step

FLAVOURS: tuple[Flavour, ...] = get_args(Flavour)
READY, DONE = "ready", "done"
SECONDS = 60
"""How long a process may take to end. None should need it."""


class Child:
    """A process, which is ready when it has said so."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.runtime.embedded.children"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
            text=True,
        )

    def order(self, *words: object) -> None:
        """Give an order."""
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        """Return the next line that it says, or nothing if it is dead."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def answers(self) -> list[str]:
        """Return what it says until a job is done."""
        said = []
        while (answer := self.answer()) != DONE:
            assert answer, "the process has died"
            said.append(answer)
        return said

    def kill(self) -> None:
        """Kill it, at once."""
        self._process.kill()

    def end(self) -> int:
        """Wait for its end, when there are no orders any more, and return its status."""
        self._process.communicate()
        return self._process.wait(SECONDS)


@contextmanager
def children(number: int) -> Iterator[list[Child]]:
    """Start processes, and see that they end well."""
    started = [Child() for _ in range(number)]
    try:
        assert [child.answer() for child in started] == [READY] * number
        yield started
        assert [child.end() for child in started] == [0] * number
    finally:
        for child in started:
            child.kill()
            child.end()


# What they do


async def take_steps(client: AsyncMemoryClient, owner: str, first: str, last: str = "") -> None:
    """Write and write, and say the number of each step that is done."""
    make_indexes(embedded(client))
    for number in range(int(first), int(last)) if last else count(int(first)):
        await step(client, owner, number)
        say(number)


async def count_up(client: AsyncMemoryClient, owner: str, times: str) -> None:
    """Do what others do at the same time, and read one's own writes."""
    items = client.memory_items

    async def add_one(tx: AsyncMemoryClient) -> int:
        number = int((await tx.memory_items.require("counted")).metadata["n"]) + 1
        await tx.memory_items.update("counted", metadata={"n": number})
        return number

    for number in range(int(times)):
        await client.run_transaction(add_one)
        created = await items.create(an_item(session_id=owner), id=f"{owner}-{number}")
        await items.update("incremented", F.metadata["n"].increment(1))
        assert (await items.require(created.id)).session_id == owner
        assert await items.where(F.session_id == owner).count() == number + 1


async def renew(client: AsyncMemoryClient, documents: str) -> None:
    """Write all documents anew, in one commit, whenever one is told to, until one is told nothing."""

    async def write(tx: AsyncMemoryClient) -> None:
        for name in range(int(documents)):
            await tx.memory_items.set(an_item(id=f"{name:04}", metadata={"n": number}))

    for number in count(1):
        if not sys.stdin.readline().strip():
            return
        await client.run_transaction(write)
        say(number)


async def create_one(client: AsyncMemoryClient, owner: str) -> None:
    """Create one document."""
    await client.memory_items.create(an_item(), id=owner)


Job = Callable[..., Awaitable[None]]
JOBS: dict[str, Job] = {job.__name__: job for job in (take_steps, count_up, renew, create_one)}


def embedded(client: AsyncMemoryClient) -> EmbeddedBackend:
    """Return the store of a client of either flavour."""
    if isinstance(client, Awaited):
        return cast("EmbeddedBackend", client._target.backend)
    return cast("EmbeddedBackend", client.backend._embedded)  # type: ignore[attr-defined]  # of an AsyncEmbeddedBackend


def say(answer: object) -> None:
    """Answer in one piece: who is killed has said a whole line or none of it."""
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()


def _serve() -> None:
    asyncio.run(_work("sync", "create_one", "memory:", "a"))  # loads what is loaded at the first call
    say(READY)
    for line in sys.stdin:
        first, *order = line.split()
        if first == "fork":
            _fork(*order)
        else:
            asyncio.run(_work(cast("Flavour", first), *order))
        say(DONE)


def _fork(flavour: str, *order: str) -> None:
    number = os.fork()
    if not number:
        say(os.getpid())
        asyncio.run(_work(cast("Flavour", flavour), *order))
        os._exit(0)
    os.waitpid(number, 0)


async def _work(flavour: Flavour, job: str, url: str, *arguments: str) -> None:
    driver = Driver(flavour, url)
    try:
        await JOBS[job](driver.connect(), *arguments)
    finally:
        await driver.close()


if __name__ == "__main__":
    _serve()
