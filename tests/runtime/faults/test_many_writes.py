"""Many writes whose requests or answers get lost."""

from __future__ import annotations

import threading
import time

import pytest

from firestore_memory import (
    AsyncMemoryClient,
    BulkWriteError,
    MemoryClient,
    MemoryItem,
    SessionTurn,
    SessionTurnFields,
    StorageConnectionError,
    TurnRole,
)
from tests.helpers.failures import fails
from tests.helpers.items import an_item
from tests.helpers.proxy import Proxy


def some_items(count: int) -> list[MemoryItem]:
    return [an_item(id=f"{number:05}", text_content="ours") for number in range(count)]


async def test_create_many_reports_no_false_already_exists(
    client: AsyncMemoryClient, direct: MemoryClient, proxy: Proxy
) -> None:
    direct.memory_items.create(an_item(id="00007", text_content="another's"))
    assert await client.health()
    with proxy.losing_answers(until=lambda: direct.memory_items.all().count() == 20):
        report = await client.memory_items.create_many(some_items(20), on_error="report")
    assert [outcome.document_id for outcome in report.failed] == ["00007"]
    assert report.models == [item for item in direct.memory_items.all() if item.id != "00007"]
    assert direct.memory_items.require("00007").text_content == "another's"


async def test_created_models_have_what_the_server_set(
    client: AsyncMemoryClient, direct: MemoryClient, proxy: Proxy
) -> None:
    stored = direct.session_turns(session_id="s")
    assert await client.health()
    with proxy.losing_answers(until=lambda: stored.exists("t")):
        report = await client.session_turns(session_id="s").create_many(
            [("t", SessionTurn(role=TurnRole.USER, content="hi"))]
        )
    assert report.models == [stored.require("t")]
    assert report.models[0].created_at is not None


async def test_increments_are_not_sent_twice(client: AsyncMemoryClient, direct: MemoryClient, proxy: Proxy) -> None:
    """What may have been applied is sent again where that changes nothing, and reported otherwise."""
    stored, turns = direct.session_turns(session_id="s"), client.session_turns(session_id="s")
    stored.create(SessionTurn(role=TurnRole.USER, content="hi", token_count=1), id="t")
    assert await client.health()
    with proxy.losing_answers(until=lambda: stored.require("t").token_count == 2):
        async with client.bulk_writer(on_error="report") as writer:
            await writer.update(turns, "t", SessionTurnFields.token_count.increment(1))
            await writer.set(turns, "u", SessionTurn(role=TurnRole.USER, content="ho"))
    assert (writer.progress.written, writer.progress.failed) == (1, 1)
    assert stored.require("t").token_count == 2
    assert stored.exists("u")


@pytest.mark.slow
async def test_broken_connections_lose_nothing(client: AsyncMemoryClient, direct: MemoryClient, proxy: Proxy) -> None:
    ended = threading.Event()

    def break_connections() -> None:
        while not ended.wait(0.3):
            proxy.reset()

    breaker = threading.Thread(target=break_connections)
    breaker.start()
    try:
        async with client.bulk_writer(throttle=False) as writer:
            for item in some_items(2_000):
                await writer.create(client.memory_items, item)
    finally:
        ended.set()
        breaker.join()
    assert writer.progress.written == 2_000
    assert direct.memory_items.all().count() == 2_000


async def test_an_unreachable_server_ends_it_soon(client: AsyncMemoryClient, proxy: Proxy) -> None:
    """Not one time limit for each request: when one has failed for good, the others are not sent."""
    proxy.refuse()
    hasty = client.memory_items.with_options(timeout=1.0)
    started = time.monotonic()
    with fails(BulkWriteError, operation="set_many") as caught:
        await hasty.set_many(some_items(10_000))
    assert time.monotonic() - started < 6
    assert len(caught.value.report.outcomes) == 10_000
    assert {type(outcome.error) for outcome in caught.value.report.outcomes} == {StorageConnectionError}
    assert caught.value.report.outcomes[7].error is not None
    assert caught.value.report.outcomes[7].error.document_id == "00007"
    assert caught.value.retryable


async def test_a_bulk_writer_takes_nothing_more_when_it_cannot_write(client: AsyncMemoryClient, proxy: Proxy) -> None:
    proxy.refuse()
    writer, given = client.with_options(timeout=0.5).bulk_writer(throttle=False), 0

    async def write() -> None:
        nonlocal given
        async with writer:
            for item in some_items(20_000):
                await writer.set(client.memory_items, item)
                given += 1

    with pytest.raises(StorageConnectionError) as caught:
        await write()
    assert writer.progress.failed == given + 1
    assert given < 20_000
    assert f"{given + 1:,} failed" in caught.value.__notes__[0]
