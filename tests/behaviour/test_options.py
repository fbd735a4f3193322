"""Options of clients, collections and queries."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest
from firestore_memory import AsyncMemoryClient, Retry, StorageTimeoutError, ValidationError
from firestore_memory import MemoryItemFields as F

from tests.behaviour.failures import fails
from tests.behaviour.items import an_item


async def test_options_do_not_share_names_with_fields(client: AsyncMemoryClient) -> None:
    patient = client.memory_items.with_options(timeout=30, attempt_timeout=20, retry=Retry(initial=0.5))
    await patient.create(an_item(), id="a")
    await patient.update("a", text_content="hi")
    assert (await patient.with_options(retry=False).require("a")).text_content == "hi"


async def test_queries_inherit_options(client: AsyncMemoryClient) -> None:
    hasty = client.memory_items.with_options(timeout=1e-5, retry=False)
    for query in (hasty.all(), hasty.where(F.user_id == "ada"), hasty.conversation_history(user_id="ada")):
        assert await query.with_options(timeout=30, attempt_timeout=10).list() == []


async def test_a_limit_that_nothing_can_keep(client: AsyncMemoryClient) -> None:
    hasty = client.with_options(timeout=1e-4, attempt_timeout=1e-4)
    started = time.monotonic()
    with fails(StorageTimeoutError, operation="get"):
        await hasty.memory_items.get("a")
    with fails(StorageTimeoutError, operation="create"):
        await hasty.memory_items.create(an_item())
    with fails(StorageTimeoutError, operation="list") as caught:
        await hasty.memory_items.all().list()
    assert time.monotonic() - started < 3
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.retryable
    assert await client.memory_items.get("a") is None


@pytest.mark.parametrize("seconds", [0, -1, math.nan, "soon", True])
def test_limits_that_make_no_sense(client: AsyncMemoryClient, seconds: Any) -> None:
    for limited in (client, client.memory_items, client.memory_items.all()):
        for name in ("timeout", "attempt_timeout"):
            with pytest.raises(ValidationError, match=name):
                limited.with_options(**{name: seconds})  # type: ignore[attr-defined]  # what they have in common
