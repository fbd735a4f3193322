"""Fields that the server sets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from firestore_memory import AsyncMemoryClient, SessionTurn, TurnRole

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


def is_close(moment: datetime | None, other: datetime) -> bool:
    """Whether both belong to one write: the server handles the request a little before it commits."""
    return moment is not None and timedelta(0) <= other - moment < timedelta(seconds=1)


def is_recent(moment: datetime | None) -> bool:
    return moment is not None and abs(datetime.now(UTC) - moment) < timedelta(minutes=5)


async def test_create_returns_what_the_server_set(client: AsyncMemoryClient) -> None:
    turns = client.session_turns(session_id="s")
    created = await turns.create(SessionTurn(role=TurnRole.USER, content="hi"), id="t")
    assert is_recent(created.created_at)
    assert await turns.get("t") == created
    snapshot = await turns.get_snapshot("t")
    assert snapshot is not None
    assert is_close(created.created_at, snapshot.create_time)


async def test_create_does_not_believe_the_model(client: AsyncMemoryClient) -> None:
    turns = client.session_turns(session_id="s")
    created = await turns.create(SessionTurn(role=TurnRole.USER, content="hi", created_at=LONG_AGO), id="t")
    assert is_recent(created.created_at)


async def test_the_creation_survives_set_and_update(client: AsyncMemoryClient) -> None:
    turns = client.session_turns(session_id="s")
    created = await turns.create(SessionTurn(role=TurnRole.USER, content="hi"), id="t")
    await turns.update("t", content="bye")
    assert (await turns.require("t")).created_at == created.created_at
    await turns.set("t", created.model_copy(update={"content": "again"}))
    assert (await turns.require("t")).created_at == created.created_at


async def test_set_of_a_new_document(client: AsyncMemoryClient) -> None:
    turns = client.session_turns(session_id="s")
    await turns.set("t", SessionTurn(role=TurnRole.USER, content="hi"))
    assert is_recent((await turns.require("t")).created_at)


async def test_on_each_write(gadgets_client: Any, gadgets: Any) -> None:
    collection = gadgets_client.gadgets
    created = await collection.create(gadgets.Gadget(label="lamp", changed_at=LONG_AGO))
    assert is_recent(created.made_at)
    assert created.made_at == created.changed_at
    assert await collection.get(created.code) == created
    after_update = await collection.update(created.code, label="torch")
    updated = await collection.require(created.code)
    assert updated.made_at == created.made_at
    assert is_close(updated.changed_at, after_update.update_time)
    after_set = await collection.set(updated)
    replaced = await collection.require(created.code)
    assert replaced.made_at == created.made_at
    assert is_close(replaced.changed_at, after_set.update_time)
    assert created.changed_at < updated.changed_at < replaced.changed_at


async def test_on_a_change_that_cannot_be_a_keyword(gadgets_client: Any, gadgets: Any) -> None:
    created = await gadgets_client.gadgets.create(gadgets.Gadget(label="lamp"))
    written = await gadgets_client.gadgets.update(created.code, gadgets.GadgetFields.stock.increment(1))
    assert is_close((await gadgets_client.gadgets.require(created.code)).changed_at, written.update_time)
