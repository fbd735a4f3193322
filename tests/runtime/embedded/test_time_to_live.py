"""The time to live: what has expired is there until it is swept, and then exactly that is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, SessionState, SessionTurn, StorageConnectionError, TurnRole, UserSession
from firestore_runtime.embedded import DeclaredIndexes, EmbeddedBackend, candidates, declared, expiry
from firestore_runtime.embedded.semantics.checks import check_batch
from tests.helpers.flavours import Driver
from tests.helpers.items import agent_data, an_item
from tests.runtime.embedded.asking import all_documents, entries, path_of, paths, put, query, rebuilt_entries, remove
from tests.runtime.embedded.messages import Reference, Timestamp, Vector

NOW = datetime.now(UTC)
PAST, FUTURE = NOW - timedelta(seconds=1), NOW + timedelta(hours=1)
OLD = Timestamp(1)
NEVER = Timestamp(253_402_300_799)


@pytest.fixture
def store() -> str:
    return "strict"


@pytest.fixture
def backend() -> Iterator[EmbeddedBackend]:
    backend = EmbeddedBackend(indexes=DeclaredIndexes.of_package("firestore_memory"), strict_indexes=False)
    yield backend
    backend.close()


async def sweep(client: AsyncMemoryClient) -> int:
    store: Any = client.backend
    swept: int = await store.sweep_expired()
    return swept


async def test_what_has_expired_is_visible_until_it_is_swept(client: AsyncMemoryClient) -> None:
    for name, expiration in (("past", PAST), ("future", FUTURE), ("none", None)):
        await client.memory_items.create(an_item(expiration=expiration), id=name)
        await client.agent_data.create(agent_data(expiration=expiration), id=name)
        session = UserSession(user_id="ada", state=SessionState.ACTIVE, expires_at=expiration)
        await client.user_sessions.create(session, id=name)
    collections: list[Any] = [client.memory_items, client.agent_data, client.user_sessions]
    for collection in collections:
        assert [item.id for item in await collection.all().list()] == ["future", "none", "past"]
        assert (await collection.require("past")).id == "past"
    assert [item.id async for item in client.memory_items.expired(now=NOW)] == ["past"]
    assert await sweep(client) == 3
    for collection in collections:
        assert [item.id for item in await collection.all().list()] == ["future", "none"]
    assert await sweep(client) == 0


async def test_namespaces_and_other_clients(driver: Driver, client: AsyncMemoryClient) -> None:
    tenant, other = driver.connect(namespace="tenant"), driver.connect()
    await client.memory_items.create(an_item(expiration=PAST), id="a")
    await tenant.memory_items.create(an_item(expiration=PAST), id="a")
    await tenant.memory_items.create(an_item(expiration=FUTURE), id="b")
    assert await sweep(other) == 2
    assert await client.memory_items.all().count() == 0
    assert [item.id async for item in tenant.memory_items.all()] == ["b"]


async def test_what_is_below_stays(client: AsyncMemoryClient) -> None:
    """Firestore deletes the document alone, too."""
    await client.user_sessions.create(UserSession(user_id="ada", state=SessionState.IDLE, expires_at=PAST), id="s")
    await client.session_turns(session_id="s").create(SessionTurn(role=TurnRole.USER, content="hi"), id="t")
    assert await sweep(client) == 1
    assert await client.session_turns(session_id="s").exists("t")


async def test_a_closed_client(driver: Driver) -> None:
    client = driver.connect()
    await client.memory_items.create(an_item(), id="a")
    await client.close()
    with pytest.raises(StorageConnectionError, match="closed"):
        await sweep(client)


def test_exactly_what_has_expired(backend: EmbeddedBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """Timestamps in the field itself, up to now, and nothing that looks like them."""
    instant = datetime(2024, 1, 1, 12, 0, 0, 500_000, UTC)
    monkeypatch.setattr(expiry, "datetime", Clock(instant))
    seconds = int(instant.timestamp())
    expired = {"now": Timestamp(seconds, 500_000_000), "before": Timestamp(seconds, 499_999_000), "-1": Timestamp(-1)}
    kept: dict[str, Any] = {
        "after": Timestamp(seconds, 500_001_000),
        "never": NEVER,
        "null": None,
        "false": False,
        "nan": float("nan"),
        "zero": 0,
        "number": seconds,
        "float": float(seconds),
        "text": "2020-01-01T00:00:00Z",
        "bytes": b"\0",
        "reference": Reference("memories/now"),
        "array": [OLD],
        "map": {"expiration": OLD},
        "vector": Vector((1.0,)),
    }
    for collection in ("memories", "a/1/memories", "a/1/b/2/memories"):
        put(backend, {f"{collection}/{name}": {"expiration": value} for name, value in {**expired, **kept}.items()})
        put(backend, {f"{collection}/none": {"other": OLD}, f"{collection}/deep": {"metadata": {"expiration": OLD}}})
        put(backend, {f"{collection}/other": {"expires_at": OLD}})
    put(backend, {"records/1": {"expiration": OLD}, "turns/1": {"expiration": OLD}, "sessions/1": {"expiration": OLD}})
    before = {path_of(document) for document in all_documents(backend)}
    assert backend.sweep_expired() == 9
    gone = before - {path_of(document) for document in all_documents(backend)}
    assert gone == {f"{above}memories/{name}" for above in ("", "a/1/", "a/1/b/2/") for name in expired}


class Clock:
    """Stands still."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant

    def now(self, zone: object) -> datetime:
        assert zone is UTC
        return self._instant


def test_more_than_are_deleted_at_once(backend: EmbeddedBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "_FEW", 1)
    put(backend, {f"memories/{number:04}": {"expiration": OLD, "n": number} for number in range(1_001)})
    put(backend, {f"x/y/memories/{number}": {"expiration": Timestamp(2)} for number in range(300)})
    put(backend, {f"memories/kept{number}": {"expiration": NEVER, "n": number} for number in range(2)})
    assert len(paths(backend, query("memories", "n desc"))) == 1_003
    assert backend.sweep_expired() == 1_301
    assert paths(backend, query("memories", group=True)) == ["memories/kept0", "memories/kept1"]
    assert paths(backend, query("memories", "n desc")) == ["memories/kept1", "memories/kept0"]
    assert entries(backend) == rebuilt_entries(backend)


def test_what_is_renewed_meanwhile_stays(backend: EmbeddedBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the search and the deletion one document is renewed, one changed, one deleted and one made again."""
    put(backend, {f"memories/{name}": {"expiration": OLD} for name in ("renewed", "changed", "deleted", "again", "a")})
    interruptions = iter([True])

    def interrupt(writes: Any, database: str) -> None:
        if next(interruptions, False):
            put(backend, {"memories/renewed": {"expiration": NEVER}, "memories/changed": {"expiration": Timestamp(2)}})
            remove(backend, ["memories/deleted", "memories/again"])
            put(backend, {"memories/again": {}})
        check_batch(writes, database)

    monkeypatch.setattr("firestore_runtime.embedded.engine.check_batch", interrupt)
    assert backend.sweep_expired() == 2, "the one that nobody touched, and then the one that was changed"
    assert {path_of(document) for document in all_documents(backend)} == {"memories/renewed", "memories/again"}


def test_no_time_to_live(backend: EmbeddedBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    put(backend, {"memories/1": {"expiration": OLD}})
    monkeypatch.setattr(DeclaredIndexes, "by_collection_id", {})
    assert backend.sweep_expired() == 0
    several = {"c": declared.Declared(time_to_live=("a", "m.b"))}
    monkeypatch.setattr(DeclaredIndexes, "by_collection_id", several)
    put(backend, {"c/1": {"a": OLD}, "c/2": {"m": {"b": OLD}}, "c/3": {"a": NEVER, "m": {"b": NEVER}}})
    assert backend.sweep_expired() == 2
    assert {path_of(document) for document in all_documents(backend)} == {"memories/1", "c/3"}


async def test_a_transaction_still_sees_what_is_swept(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(expiration=PAST), id="a")

    async def look(tx: AsyncMemoryClient) -> bool:
        assert await tx.memory_items.exists("a")
        assert await sweep(client) == 1
        return await tx.memory_items.exists("a")

    assert await client.run_transaction(look, read_only=True)
    assert not await client.memory_items.exists("a")
