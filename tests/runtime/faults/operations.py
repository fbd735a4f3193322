"""Every operation of a collection, to see that all of them cope with a fault."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from firestore_memory import AsyncMemoryItemsCollection
from firestore_memory import MemoryItemFields as F
from tests.helpers.items import an_item

Operation = Callable[[AsyncMemoryItemsCollection], Awaitable[object]]


async def _stream(items: AsyncMemoryItemsCollection) -> object:
    return [item async for item in items.all()]


OPERATIONS: dict[str, Operation] = {
    "get": lambda items: items.get("a"),
    "require": lambda items: items.require("a"),
    "exists": lambda items: items.exists("a"),
    "get_snapshot": lambda items: items.get_snapshot("a"),
    "get_many": lambda items: items.get_many(["a", "b"]),
    "create": lambda items: items.create(an_item()),
    "set": lambda items: items.set("a", an_item()),
    "update": lambda items: items.update("a", F.metadata["n"].increment(1), text_content="hi"),
    "delete": lambda items: items.delete("a"),
    "list": lambda items: items.where(F.user_id == "ada").list(),
    "first": lambda items: items.all().first(),
    "count": lambda items: items.all().count(),
    "stream": _stream,
}

each_operation = pytest.mark.parametrize(("name", "operation"), OPERATIONS.items(), ids=OPERATIONS)
