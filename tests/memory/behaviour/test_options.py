"""Options of clients, collections and queries."""

from __future__ import annotations

import math
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, Retry, StorageError, StorageTimeoutError, ValidationError
from firestore_memory import MemoryItemFields as F
from tests.helpers.items import an_item
from tests.helpers.stores import only_firestore, sends_nothing


async def test_options_do_not_share_names_with_fields(client: AsyncMemoryClient) -> None:
    patient = client.memory_items.with_options(timeout=30, attempt_timeout=20, retry=Retry(initial=0.5))
    await patient.create(an_item(), id="a")
    await patient.update("a", text_content="hi")
    assert (await patient.with_options(retry=False).require("a")).text_content == "hi"


async def test_queries_inherit_options(client: AsyncMemoryClient) -> None:
    hasty = client.memory_items.with_options(timeout=1e-5, retry=False)
    for query in (hasty.all(), hasty.where(F.user_id == "ada"), hasty.conversation_history(user_id="ada")):
        assert await query.with_options(timeout=30, attempt_timeout=10).list() == []


@only_firestore
async def test_a_limit_that_is_hard_to_keep(client: AsyncMemoryClient) -> None:
    """It is a timeout even if the server notices it first, and cancels the call."""
    large = an_item(text_content="x" * 500_000)
    errors = []
    for attempt in range(100):
        hasty = client.memory_items.with_options(timeout=0.001 + attempt / 20_000, retry=False)
        try:
            await hasty.set("a", large)
        except StorageError as error:
            errors.append(error)
    assert {type(error) for error in errors} == {StorageTimeoutError}
    assert all(error.retryable and isinstance(error, TimeoutError) for error in errors)


@sends_nothing
@pytest.mark.parametrize("seconds", [0, -1, math.nan, "soon", True])
def test_limits_that_make_no_sense(client: AsyncMemoryClient, seconds: Any) -> None:
    for limited in (client, client.memory_items, client.memory_items.all()):
        for name in ("timeout", "attempt_timeout"):
            with pytest.raises(ValidationError, match=name):
                limited.with_options(**{name: seconds})
