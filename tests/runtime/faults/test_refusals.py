"""What is refused is refused before anything is sent: the other tests of it therefore ask no server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from firestore_memory import AgentDataFields as A
from firestore_memory import MemoryItemFields as F
from firestore_memory import ValidationError
from tests.emulator import VARIABLE
from tests.helpers.failures import fails, refused
from tests.helpers.flavours import Driver, Flavour
from tests.helpers.items import agent_data, an_item
from tests.runtime.faults.server import Server, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving() as server:
        monkeypatch.setenv(VARIABLE, server.host)
        yield server


@pytest.mark.parametrize("value", [{1, 2}, 2**63, {"": 1}, "x" * 1_048_576], ids=["set", "integer", "key", "size"])
async def test_bad_values(flavour: Flavour, server: Server, value: Any) -> None:
    driver = Driver(flavour, "firestore://my-project")
    events = driver.connect().agent_data
    with fails(ValidationError, operation="create"):
        await events.create(agent_data(content=value))
    with fails(ValidationError, operation="set"):
        await events.set("a", agent_data(content=value))
    with fails(ValidationError, operation="update"):
        await events.update("a", content=value)
    with fails(ValidationError, operation="update"):
        await events.update("a", A.content["a"].set(value))
    await driver.close()
    assert server.requests == []


async def test_bad_ids_searches_positions_and_arguments(flavour: Flavour, server: Server) -> None:
    driver = Driver(flavour, "firestore://my-project")
    client = driver.connect()
    items = client.memory_items
    wrong: Any = an_item(id="a")
    text: Any = F.user_id
    for call in (items.get, items.require, items.exists, items.get_snapshot, items.delete):
        with fails(ValidationError, "document id"):
            await call("a/b")
    with fails(ValidationError, operation="set_many"):
        await items.set_many(wrong)
    with fails(ValidationError, operation="find_nearest"):
        await items.find_nearest(F.embedding, [1.0], limit=1)
    with fails(ValidationError, operation="sum"):
        await items.all().sum(text)
    with pytest.raises(ValidationError):
        items.order_by(F.user_id.asc()).start_at(5)
    with refused(ValidationError, "max_attempts"):
        await client.run_transaction(_nothing, max_attempts=0)
    await driver.close()
    assert server.requests == []


async def _nothing(transaction: Any) -> None:
    """Do nothing."""
