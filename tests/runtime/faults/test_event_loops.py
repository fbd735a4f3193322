"""One asynchronous client in one event loop after the other, as in programs that call `asyncio.run` again and again."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from firestore_memory import AsyncMemoryClient
from firestore_runtime.grpc.transport import AsyncChannels, open_async_channel
from tests.emulator import VARIABLE
from tests.helpers.proxy import Proxy

if TYPE_CHECKING:
    from firestore_runtime.grpc.transport import AsyncChannel

LOOPS = 5


def test_the_loops_share_a_connection(proxy: Proxy, project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, proxy.host)
    client = AsyncMemoryClient.connect(f"firestore://{project}")
    for _ in range(LOOPS):
        assert asyncio.run(client.memory_items.get("a")) is None
        gc.collect()
    assert proxy.connections == 1
    asyncio.run(client.close())


def test_the_channels_of_loops_that_ended_are_let_go(emulator_host: str) -> None:
    opened: list[weakref.ref[AsyncChannel]] = []

    def open_channel() -> AsyncChannel:
        channel = open_async_channel(emulator_host, None)
        opened.append(weakref.ref(channel))
        return channel

    async def call() -> None:
        channels.rpcs()

    channels = AsyncChannels(open_channel, owned=True)
    for _ in range(LOOPS):
        asyncio.run(call())
    gc.collect()
    assert len(opened) == LOOPS
    assert [channel() is not None for channel in opened] == [False] * (LOOPS - 2) + [True, True]
    asyncio.run(channels.close())
