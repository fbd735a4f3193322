"""The ids of documents, the parameters of paths, and namespaces."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from firestore_memory import AlreadyExistsError, AsyncMemoryClient, MemoryRecord, SessionTurn, TurnRole, ValidationError
from firestore_memory import MemoryItemFields as F
from tests.helpers.failures import fails
from tests.helpers.flavours import Driver
from tests.helpers.items import an_item
from tests.helpers.stored import look, put
from tests.helpers.stores import sends_nothing

BAD_IDS = {
    "a slash": "a/b",
    "only a slash": "/",
    "one dot": ".",
    "two dots": "..",
    "reserved": "__x__",
    "reserved with a newline": "__\n__",
    "empty": "",
    "1,501 bytes": "x" * 1_501,
    "1,501 bytes in 501 characters": "€" * 500 + "x",
    "a lone surrogate": "a\ud800",
}
NOT_STRINGS: dict[str, Any] = {"NaN": math.nan, "a number": 5, "None": None, "bytes": b"a", "a list": ["a"]}
GOOD_IDS = ["a", "...", "__x", "x__", "_", "a b", " ", "ünï-😀", "`quoted`", "back\\slash", "tab\t", "x" * 1_500]

bad_id = pytest.mark.parametrize("bad", BAD_IDS.values(), ids=BAD_IDS.keys())
any_bad_id = pytest.mark.parametrize("bad", (BAD_IDS | NOT_STRINGS).values(), ids=(BAD_IDS | NOT_STRINGS).keys())


def a_record(**fields: Any) -> MemoryRecord:
    return MemoryRecord(**{"context": "c", "persona": "p", "content": "text", **fields})


async def test_auto_ids_are_random_letters_and_digits(client: AsyncMemoryClient) -> None:
    ids = [(await client.memory_items.create(an_item())).id for _ in range(20)]
    assert all(re.fullmatch(r"[A-Za-z0-9]{20}", document_id) for document_id in ids)
    assert len(set(ids)) == len(ids)
    assert ids != sorted(ids)


async def test_the_models_own_id(client: AsyncMemoryClient) -> None:
    assert (await client.memory_items.create(an_item(id="mine"))).id == "mine"
    assert await client.memory_items.exists("mine")


async def test_an_explicit_id(client: AsyncMemoryClient) -> None:
    assert (await client.memory_items.create(an_item(), id="given")).id == "given"
    assert (await client.memory_items.create(an_item(id="same"), id="same")).id == "same"
    assert (await client.memory_items.require("given")).id == "given"


@sends_nothing
async def test_two_ids(client: AsyncMemoryClient) -> None:
    with fails(ValidationError, "'given'", "'mine'", operation="create"):
        await client.memory_items.create(an_item(id="mine"), id="given")
    with fails(ValidationError, "'given'", "'mine'", operation="set"):
        await client.memory_items.set("given", an_item(id="mine"))
    assert await client.memory_items.all().count() == 0


async def test_a_collection_whose_ids_the_application_chooses(client: AsyncMemoryClient) -> None:
    with fails(ValidationError, "empty"):
        await client.memory_records.create(a_record(record_id=""), id="")
    with fails(ValidationError):
        await client.memory_records.create(a_record(record_id=""))
    assert (await client.memory_records.create(a_record(record_id="r"))).record_id == "r"


@pytest.mark.parametrize("good", GOOD_IDS)
async def test_good_ids(client: AsyncMemoryClient, good: str) -> None:
    created = await client.memory_items.create(an_item(), id=good)
    assert created.id == good
    assert await client.memory_items.get_many([good]) == [created]
    await client.memory_items.update(good, text_content="hi")
    assert await client.memory_items.where(F.document_id == good).list() == [await client.memory_items.require(good)]
    await client.memory_items.delete(good)
    assert not await client.memory_items.exists(good)


@sends_nothing
@any_bad_id
async def test_bad_ids(client: AsyncMemoryClient, bad: Any) -> None:
    items = client.memory_items
    for call in (items.get, items.require, items.exists, items.get_snapshot, items.delete):
        with fails(ValidationError, "document id"):
            await call(bad)
    with fails(ValidationError, "document id", operation="update"):
        await items.update(bad, text_content="hi")
    with fails(ValidationError, "document id", operation="get_many"):
        await items.get_many(["good", bad])


@sends_nothing
@any_bad_id
async def test_bad_ids_write_nothing(client: AsyncMemoryClient, bad: Any) -> None:
    items = client.memory_items
    if bad is not None:  # which asks for a new id
        with fails(ValidationError, operation="create"):
            await items.create(an_item(), id=bad)
    if bad:  # an empty one asks for a new id, too
        with fails(ValidationError, operation="create"):
            await items.create(an_item().model_copy(update={"id": bad}))
        with fails(ValidationError, operation="set"):
            await items.set(an_item().model_copy(update={"id": bad}))
    with fails(ValidationError, operation="set"):
        await items.set(bad, an_item())
    assert await items.all().count() == 0


@any_bad_id
def test_bad_ids_in_filters(bad: Any) -> None:
    with pytest.raises(ValidationError, match="__name__"):
        F.document_id >= bad  # noqa: B015


# The field of the id


async def test_an_id_that_the_body_lacks(client: AsyncMemoryClient) -> None:
    await put(client, "memories/absent", user_id="ada", item_type="fact")
    await put(client, "memories/null", id=None, user_id="ada", item_type="fact")
    assert (await client.memory_items.require("absent")).id == "absent"
    assert (await client.memory_items.require("null")).id == "null"
    assert [item.id for item in await client.memory_items.all().list()] == ["absent", "null"]


async def test_an_id_that_is_not_stored(gadgets_client: Any, gadgets: Any) -> None:
    created = await gadgets_client.gadgets.create(gadgets.Gadget(label="lamp"))
    assert await gadgets_client.gadgets.get(created.code) == created
    stored = await look(gadgets_client, f"gadgets/{created.code}")
    assert stored is not None
    assert "code" not in stored


# Path parameters


def a_turn(text: str) -> SessionTurn:
    return SessionTurn(role=TurnRole.USER, content=text)


async def test_path_parameters(client: AsyncMemoryClient) -> None:
    here, there = client.session_turns(session_id="s1"), client.session_turns(session_id="s2")
    turn = await here.create(a_turn("hi"), id="t")
    assert await here.get("t") == turn
    assert await there.get("t") is None
    assert await here.all().list() == [turn]
    assert await there.all().list() == []
    assert here.path("t") == "sessions/s1/turns/t"
    assert await look(client, "sessions/s1/turns/t") is not None


@sends_nothing
@any_bad_id
def test_bad_path_parameters(client: AsyncMemoryClient, bad: Any) -> None:
    with pytest.raises(ValidationError, match="session_id"):
        client.session_turns(session_id=bad)


# Namespaces


async def test_namespaces_are_apart(driver: Driver) -> None:
    clients = [driver.connect(namespace=name) for name in (None, "a", "b")]
    created = [
        await client.memory_items.create(an_item(text_content=str(n)), id="same") for n, client in enumerate(clients)
    ]
    for client, item in zip(clients, created, strict=True):
        assert await client.memory_items.all().list() == [item]
        assert await client.memory_items.get_many(["same"]) == [item]
        assert await client.memory_items.where(F.document_id == "same").list() == [item]
    await clients[1].memory_items.delete("same")
    assert [await client.memory_items.exists("same") for client in clients] == [True, False, True]


async def test_a_namespace_is_a_parent_document(driver: Driver) -> None:
    client = driver.connect(namespace="tests")
    assert client.memory_items.path("a") == "namespaces/tests/memories/a"
    assert client.session_turns(session_id="s").path("t") == "namespaces/tests/sessions/s/turns/t"
    await client.memory_items.create(an_item(), id="a")
    assert await look(client, "namespaces/tests/memories/a") is not None


async def test_namespaces_cannot_collide(driver: Driver) -> None:
    """What would be one prefix in front of a collection's id are two parents."""
    one, other = driver.connect(namespace="a"), driver.connect(namespace="a_memories")
    await one.memory_items.create(an_item(), id="x")
    assert await other.memory_items.all().count() == 0
    with fails(AlreadyExistsError):
        await one.memory_items.create(an_item(text_content="again"), id="x")


@sends_nothing
@bad_id
def test_bad_namespaces(driver: Driver, bad: str) -> None:
    with pytest.raises(ValidationError, match="namespace"):
        driver.connect(namespace=bad)
