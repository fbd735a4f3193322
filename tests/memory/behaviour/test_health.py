"""Whether the store answers."""

from __future__ import annotations

import time

import pytest

from firestore_memory import StorageConnectionError, StorageError, StorageTimeoutError
from tests.emulator import VARIABLE, free_port
from tests.helpers.flavours import Driver
from tests.helpers.proxy import Proxy
from tests.helpers.stores import only_firestore

SLACK = 1.0
"""Seconds that a busy machine may take on top of a limit."""


async def test_healthy(driver: Driver) -> None:
    for client in (driver.connect(), driver.connect(namespace="tests")):
        health = await client.health()
        assert health
        assert (health.healthy, health.error) == (True, None)
        assert 0 < health.latency < 2 + SLACK


async def test_healthy_although_it_has_little_time(driver: Driver) -> None:
    client = driver.connect()
    await client.health()
    assert await client.with_options(timeout=1e-6, attempt_timeout=1e-6).health()


@only_firestore
async def test_nothing_there(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"127.0.0.1:{free_port()}")
    client = driver.connect()
    started = time.monotonic()
    health = await client.health()
    assert time.monotonic() - started < 2 + SLACK
    assert not health
    assert isinstance(health.error, StorageConnectionError)
    assert health.error.operation == "health"


@only_firestore
async def test_no_answer(driver: Driver, emulator_host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Proxy(emulator_host) as proxy:
        monkeypatch.setenv(VARIABLE, proxy.host)
        client = driver.connect()
        assert await client.health()
        proxy.stall()
        started = time.monotonic()
        health = await client.health()
        assert time.monotonic() - started < 2 + SLACK
        assert isinstance(health.error, StorageTimeoutError)
        assert health.latency >= 2 - 0.1
        assert not await client.health(timeout=0.2)
        proxy.resume()
        assert await client.health()


@only_firestore
async def test_the_error_is_typed(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "no-such-host.invalid:1")
    health = await driver.connect().health()
    assert isinstance(health.error, StorageError)
