"""Transactions whose commit gets lost, or that cannot begin: they are never run again if they may have been applied."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, nullcontext

import pytest

from firestore_memory import (
    AsyncMemoryClient,
    MemoryClient,
    OperationError,
    Retry,
    StorageConnectionError,
    StorageTimeoutError,
)
from firestore_memory import MemoryItemFields as F
from tests.emulator import VARIABLE
from tests.helpers.failures import refused
from tests.helpers.flavours import Driver
from tests.helpers.items import an_item
from tests.helpers.proxy import Proxy
from tests.runtime.faults.limits import after, within
from tests.runtime.faults.server import Server, serving
from tests.runtime.faults.test_statuses import PASSING, REFUSING, STATUSES

LIMIT = 0.5


async def test_a_commit_whose_answer_is_lost(client: AsyncMemoryClient, direct: MemoryClient, proxy: Proxy) -> None:
    direct.memory_items.create(an_item(metadata={"n": 1}), id="a")
    runs = []
    faults = ExitStack()

    def applied() -> bool:
        return direct.memory_items.require("a").metadata == {"n": 2}

    async def add_one(tx: AsyncMemoryClient) -> None:
        runs.append(tx)
        number = (await tx.memory_items.require("a")).metadata["n"]
        await tx.memory_items.update("a", F.metadata["n"].set(number + 1))
        faults.enter_context(proxy.losing_answers(until=applied))

    with faults, refused(StorageConnectionError, "may have been") as caught:
        await client.run_transaction(add_one)
    assert not caught.value.retryable
    assert len(runs) == 1
    assert applied()


async def test_a_connection_that_breaks_at_the_commit(
    client: AsyncMemoryClient, direct: MemoryClient, proxy: Proxy
) -> None:
    runs = []

    async def write(tx: AsyncMemoryClient) -> None:
        runs.append(tx)
        await tx.memory_items.create(an_item(), id="a")
        proxy.refuse()

    hasty = client.with_options(timeout=LIMIT)
    with within(LIMIT + 2), refused(StorageConnectionError, "may have been") as caught:
        await hasty.run_transaction(write)
    assert not caught.value.retryable
    assert len(runs) == 1
    assert not direct.memory_items.exists("a")


async def test_a_commit_without_an_answer(client: AsyncMemoryClient, proxy: Proxy) -> None:
    async def write(tx: AsyncMemoryClient) -> None:
        await tx.memory_items.create(an_item(), id="a")
        proxy.stall()

    hasty = client.with_options(attempt_timeout=LIMIT)
    with within(2 * LIMIT + 2), refused(StorageTimeoutError, "may have been") as caught:
        await hasty.run_transaction(write)
    assert not caught.value.retryable


async def test_a_read_that_breaks_is_sent_again(client: AsyncMemoryClient, direct: MemoryClient, proxy: Proxy) -> None:
    for number in range(3):
        direct.memory_items.create(an_item(), id=f"{number}")
    runs = []

    async def read(tx: AsyncMemoryClient) -> int:
        runs.append(tx)
        proxy.reset()
        assert await tx.memory_items.exists("0")
        proxy.reset()
        found = await tx.memory_items.all().list()
        await tx.memory_items.update("0", text_content="read")
        return len(found)

    assert await client.run_transaction(read) == 3
    assert len(runs) == 1


async def test_a_server_that_is_not_there(client: AsyncMemoryClient, proxy: Proxy) -> None:
    proxy.refuse()
    with within(LIMIT), refused(StorageConnectionError) as caught:
        await client.with_options(timeout=LIMIT).run_transaction(lambda tx: tx.memory_items.get("a"))
    assert caught.value.retryable
    with after(LIMIT, proxy.listen):
        assert await client.with_options(timeout=10).run_transaction(lambda tx: tx.memory_items.get("a")) is None


# A server that answers as the test says

READS: dict[str, Callable[[AsyncMemoryClient], Awaitable[object]]] = {
    "GetDocument": lambda tx: tx.memory_items.get("a"),
    "RunQuery": lambda tx: tx.memory_items.all().list(),
}
UNKNOWN = (OperationError, StorageConnectionError, StorageTimeoutError)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving() as server:
        monkeypatch.setenv(VARIABLE, server.host)
        yield server


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("status", STATUSES)
async def test_a_read_that_fails_once(driver: Driver, server: Server, read: str, status: str) -> None:
    async def work(tx: AsyncMemoryClient) -> None:
        await READS[read](tx)
        await tx.memory_items.set(an_item(id="a"))

    server.status, server.failures, server.procedure = status, 1, read
    client = driver.connect("firestore://my-project").with_options(retry=Retry(initial=0.01))
    again = [read] if status != "ABORTED" else ["Rollback", "BeginTransaction", read]
    if (status, read) == ("NOT_FOUND", "GetDocument"):
        rest = ["Commit"]
    else:
        rest = [*again, "Commit"] if status in PASSING else ["Rollback"]
    with nullcontext() if rest != ["Rollback"] else refused(STATUSES[status]):
        await client.run_transaction(work)
    assert [request.procedure for request in server.requests] == ["BeginTransaction", read, *rest]


@pytest.mark.parametrize("status", STATUSES)
async def test_a_commit_that_fails_once(driver: Driver, server: Server, status: str) -> None:
    async def work(tx: AsyncMemoryClient) -> None:
        await tx.memory_items.set(an_item(id="a"))

    server.status, server.failures, server.procedure = status, 1, "Commit"
    client = driver.connect("firestore://my-project").with_options(retry=Retry(initial=0.01))
    again = ["Commit"] if status != "ABORTED" else ["Rollback", "BeginTransaction", "Commit"]
    if status in REFUSING:
        await client.run_transaction(work)
    else:
        with refused(STATUSES[status]) as caught:
            await client.run_transaction(work)
        assert not caught.value.retryable
        assert ("may have been" in str(caught.value)) == isinstance(caught.value, UNKNOWN)
    rest = again if status in REFUSING else ["Rollback"]
    assert [request.procedure for request in server.requests] == ["BeginTransaction", "Commit", *rest]
