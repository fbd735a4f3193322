"""Pages of a query, and the cursors between them."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from firestore_memory import AsyncMemoryClient, AsyncQuery, CorruptDocumentError, MemoryItem, Page, ValidationError
from firestore_memory import MemoryItemFields as F
from tests.helpers.failures import fails
from tests.helpers.flavours import Driver
from tests.helpers.items import an_item
from tests.helpers.stored import put
from tests.helpers.stores import sends_nothing

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
COUNT = 12
Make = Callable[[AsyncMemoryClient], AsyncQuery[MemoryItem]]

QUERIES: dict[str, Make] = {
    "all": lambda c: c.memory_items.all(),
    "ascending": lambda c: c.memory_items.order_by(F.timestamp.asc()),
    "descending": lambda c: c.memory_items.order_by(F.timestamp.desc()),
    "mixed": lambda c: c.memory_items.order_by(F.user_id.desc(), F.metadata["odd key"].asc()),
    "by id": lambda c: c.memory_items.order_by(F.document_id.asc()),
    "by id behind a key": lambda c: c.memory_items.order_by(F.user_id.asc(), F.document_id.desc()),
    "a filter": lambda c: c.memory_items.where(F.user_id == "ada").order_by(F.timestamp.asc()),
    "a range": lambda c: c.memory_items.where(F.timestamp > NOON),
    "two ranges": lambda c: c.memory_items.where(F.timestamp > NOON, F.metadata["odd key"] < 9),
    "not in": lambda c: c.memory_items.where(F.metadata["odd key"].not_in([1, 2])),
    "alternatives": lambda c: c.memory_items.where((F.user_id == "ada") | (F.metadata["odd key"] > 2)),
    "null in the order": lambda c: c.memory_items.order_by(F.session_id.asc()),
    "a part": lambda c: c.memory_items.order_by(F.timestamp.asc()).start_after(NOON).end_before(NOON + 3 * MINUTE),
    "a limit": lambda c: c.memory_items.order_by(F.timestamp.asc()).limit(7),
}


@pytest.fixture
async def filled(client: AsyncMemoryClient) -> AsyncMemoryClient:
    """Twelve memories, of which every three have the same time."""
    for number in range(COUNT):
        item = an_item(
            user_id="ada" if number % 4 else "bob",
            session_id=None if number % 3 else f"s{number}",
            timestamp=NOON + number // 3 * MINUTE,
            metadata={"odd key": number % 5},
        )
        await client.memory_items.create(item, id=f"{number:02}")
    return client


def ids(page: Page[MemoryItem]) -> list[str]:
    return [item.id for item in page.items]


@pytest.mark.parametrize("make", QUERIES.values(), ids=QUERIES)
@pytest.mark.parametrize("size", [1, 4, 5, 12, 100])
async def test_pages_are_the_query_in_pieces(filled: AsyncMemoryClient, make: Make, size: int) -> None:
    query = make(filled)
    expected = [item.id for item in await query.list()]
    pages = [page async for page in query.pages(size)]
    assert [ids(page) for page in pages] == [expected[at : at + size] for at in range(0, len(expected), size)]
    assert all(page.cursor for page in pages[:-1])
    beyond = [page async for page in query.pages(size, cursor=pages[-1].cursor)] if pages[-1].cursor else []
    assert beyond == [], "behind a full page there may be a cursor that leads to nothing"


@pytest.mark.parametrize("make", QUERIES.values(), ids=QUERIES)
async def test_going_on_from_each_cursor(filled: AsyncMemoryClient, make: Make) -> None:
    """The pages may have another size than before."""
    expected = [item.id for item in await make(filled).list()]
    pages = [page async for page in make(filled).pages(2)]
    for number, page in enumerate(pages[:-1], 1):
        rest = [item.id async for more in make(filled).pages(3, cursor=page.cursor) for item in more.items]
        assert rest == expected[2 * number :]


async def test_an_empty_query_has_no_pages(client: AsyncMemoryClient) -> None:
    assert [page async for page in client.memory_items.all().pages(3)] == []


async def test_documents_that_come_and_go_between_pages(filled: AsyncMemoryClient) -> None:
    query = filled.memory_items.order_by(F.document_id.asc())
    pages = query.pages(5)
    first = await anext(pages)
    await filled.memory_items.delete("04")  # where the page ended
    await filled.memory_items.delete("05")
    await filled.memory_items.create(an_item(), id="000")  # already passed
    second = await anext(pages)
    assert ids(first) + ids(second) == [f"{number:02}" for number in (*range(5), *range(6, 11))]


PROGRAM = """
import sys
from datetime import UTC, datetime
from firestore_memory import MemoryClient, MemoryItemFields as F
with MemoryClient.connect(sys.argv[1]) as client:
    query = client.memory_items.where(F.user_id == "ada", F.metadata["odd key"] >= 1).order_by(F.timestamp.desc())
    print(*(item.id for page in query.pages(3, cursor=sys.argv[2]) for item in page.items))
"""


async def test_going_on_in_another_process(filled: AsyncMemoryClient, driver: Driver) -> None:
    query = filled.memory_items.where(F.user_id == "ada", F.metadata["odd key"] >= 1).order_by(F.timestamp.desc())
    expected = [item.id for item in await query.list()]
    page = await anext(query.pages(2))
    assert page.cursor is not None
    assert page.cursor.replace("-", "").replace("_", "").isalnum(), "it fits into a URL"
    command = [sys.executable, "-c", PROGRAM, driver.url, page.cursor]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    output, _ = await process.communicate()
    assert (process.returncode, output.decode().split()) == (0, expected[2:])


async def test_a_cursor_belongs_to_its_query(filled: AsyncMemoryClient, driver: Driver) -> None:
    query = filled.memory_items.where(F.user_id == "ada").order_by(F.timestamp.asc())
    cursor = (await anext(query.pages(2))).cursor
    for other in (
        filled.memory_items.where(F.user_id == "bob").order_by(F.timestamp.asc()),
        filled.memory_items.where(F.user_id == "ada").order_by(F.timestamp.desc()),
        filled.memory_items.where(F.user_id == "ada"),
        query.limit(5),
        query.where(F.session_id == "s"),
        query.start_at(NOON),
        filled.memory_records.all(),
        driver.connect(namespace="t").memory_items.where(F.user_id == "ada").order_by(F.timestamp.asc()),
    ):
        with fails(ValidationError, "another query", operation="pages"):
            await anext(other.pages(2, cursor=cursor))


async def test_a_cursor_must_not_be_changed(filled: AsyncMemoryClient) -> None:
    query = filled.memory_items.order_by(F.timestamp.asc()).limit(10)
    cursor = (await anext(query.pages(2))).cursor
    assert cursor is not None
    changed = ["B" if letter == "A" else "A" for letter in cursor]
    broken = [cursor[:at] + letter + cursor[at + 1 :] for at, letter in enumerate(changed[:-1])]
    wrong: Any
    for wrong in (*broken, cursor[:-4], cursor + "AAAA", "", "no cursor", "é", 5, b"x"):
        with fails(ValidationError, "cursor", operation="pages"):
            await anext(query.pages(2, cursor=wrong))


async def test_documents_that_do_not_fit(filled: AsyncMemoryClient) -> None:
    """One that is skipped is missing in its page: it has been read, and counts for the query's limit."""
    await put(filled, "memories/025", user_id=5)
    query = filled.memory_items.order_by(F.document_id.asc()).limit(6)
    pages = [page async for page in query.pages(3, on_corrupt="skip")]
    assert [ids(page) for page in pages] == [["00", "01", "02"], ["03", "04"]]
    reported = list[CorruptDocumentError]()
    pages = [page async for page in query.pages(4, on_corrupt=reported.append)]
    assert [ids(page) for page in pages] == [["00", "01", "02"], ["03", "04"]]
    assert [error.path for error in reported] == ["memories/025"]
    alone = [page async for page in query.pages(1, on_corrupt="skip")]
    assert [ids(page) for page in alone] == [["00"], ["01"], ["02"], [], ["03"], ["04"]]
    with fails(CorruptDocumentError, "memories/025", operation="pages"):
        async for _ in query.pages(4):
            pass


@sends_nothing
@pytest.mark.parametrize("size", [0, -1, True, 1.5, "1", 2**31, None])
async def test_bad_sizes(client: AsyncMemoryClient, size: Any) -> None:
    with fails(ValidationError, "size", operation="pages"):
        await anext(client.memory_items.all().pages(size))


@sends_nothing
async def test_a_query_that_counts_from_its_end(client: AsyncMemoryClient) -> None:
    with fails(ValidationError, "reverse", operation="pages"):
        await anext(client.memory_items.order_by(F.timestamp.asc()).limit_to_last(3).pages(2))
