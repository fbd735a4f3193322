"""A server that is not there, does not answer, or comes back."""

from __future__ import annotations

from firestore_memory import (
    AsyncMemoryClient,
    MemoryClient,
    SessionTurn,
    StorageConnectionError,
    StorageTimeoutError,
    TurnRole,
)
from firestore_memory import SessionTurnFields as T
from tests.helpers.failures import fails
from tests.helpers.items import an_item
from tests.helpers.proxy import Proxy
from tests.runtime.faults.limits import after, within
from tests.runtime.faults.operations import Operation, each_operation

LIMIT = 0.25


@each_operation
async def test_refused(client: AsyncMemoryClient, proxy: Proxy, name: str, operation: Operation) -> None:
    proxy.refuse()
    with within(LIMIT), fails(StorageConnectionError, operation=name) as caught:
        await operation(client.memory_items.with_options(timeout=LIMIT))
    assert caught.value.retryable
    assert isinstance(caught.value, ConnectionError)


@each_operation
async def test_refused_without_retry(client: AsyncMemoryClient, proxy: Proxy, name: str, operation: Operation) -> None:
    proxy.refuse()
    with within(0), fails(StorageConnectionError, operation=name):
        await operation(client.memory_items.with_options(retry=False))


@each_operation
async def test_no_answer(client: AsyncMemoryClient, proxy: Proxy, name: str, operation: Operation) -> None:
    await client.memory_items.create(an_item(), id="a")
    proxy.stall()
    hasty = client.memory_items.with_options(timeout=LIMIT, attempt_timeout=LIMIT / 2)
    with within(LIMIT), fails(StorageTimeoutError, operation=name) as caught:
        await operation(hasty)
    assert isinstance(caught.value, TimeoutError)
    proxy.resume()
    await operation(client.memory_items)


async def test_a_server_that_accepts_and_says_nothing(client: AsyncMemoryClient, proxy: Proxy) -> None:
    proxy.stall()
    hasty = client.memory_items.with_options(timeout=LIMIT)
    with within(LIMIT), fails(StorageTimeoutError):
        await hasty.get("a")
    with within(LIMIT), fails(StorageTimeoutError):
        await hasty.all().with_options(attempt_timeout=LIMIT).list()


async def test_the_limit_of_an_attempt_is_not_that_of_the_call(client: AsyncMemoryClient, proxy: Proxy) -> None:
    await client.memory_items.create(an_item(), id="a")
    patient = client.memory_items.with_options(timeout=10, attempt_timeout=0.2)
    proxy.stall()
    with after(0.5, proxy.resume):
        assert await patient.get("a") is not None
    proxy.stall()
    with after(0.5, proxy.resume):
        assert len(await patient.all().list()) == 1


async def test_a_stalled_create_creates_once(client: AsyncMemoryClient, direct: MemoryClient, proxy: Proxy) -> None:
    await client.memory_items.get("a")
    proxy.stall()
    with after(0.5, proxy.resume):
        created = await client.memory_items.with_options(timeout=10, attempt_timeout=0.2).create(an_item())
    assert direct.memory_items.all().list() == [created]


async def test_a_stalled_increment_is_not_sent_again(
    client: AsyncMemoryClient, direct: MemoryClient, proxy: Proxy
) -> None:
    stored = direct.session_turns(session_id="s")
    stored.create(SessionTurn(role=TurnRole.USER, content="hi", token_count=1), id="t")
    turns = client.session_turns(session_id="s").with_options(timeout=10, attempt_timeout=0.2)
    await client.health()
    proxy.stall()
    with after(0.5, proxy.resume), fails(StorageTimeoutError, operation="update"):
        await turns.update("t", T.token_count.increment(1))
    await client.health()
    assert stored.require("t").token_count in (1, 2)


@each_operation
async def test_a_server_that_restarts(
    client: AsyncMemoryClient, direct: MemoryClient, proxy: Proxy, name: str, operation: Operation
) -> None:
    await client.memory_items.create(an_item(), id="a")
    proxy.refuse()
    proxy.listen()
    if name == "update":  # of an increment, which nobody may send twice: the first attempt meets the broken connection
        await client.health()
    await operation(client.memory_items.with_options(timeout=10))
    assert proxy.connections >= 2


async def test_a_server_that_comes_back_while_we_try(client: AsyncMemoryClient, proxy: Proxy) -> None:
    await client.memory_items.create(an_item(), id="a")
    proxy.refuse()
    with after(0.5, proxy.listen):
        assert await client.memory_items.with_options(timeout=10).get("a") is not None
    proxy.refuse()
    with after(0.5, proxy.listen):
        assert len(await client.memory_items.all().with_options(timeout=10).list()) == 1
