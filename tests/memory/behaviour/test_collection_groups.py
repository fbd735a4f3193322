"""All collections of one path, whatever its parameters."""

from __future__ import annotations

import pytest

from firestore_memory import AsyncMemoryClient, SessionTurn, TurnRole, ValidationError
from firestore_memory import SessionTurnFields as T
from tests.helpers.flavours import Driver
from tests.helpers.stored import put
from tests.helpers.stores import sends_nothing


@pytest.fixture
async def filled(client: AsyncMemoryClient) -> AsyncMemoryClient:
    """Three turns in each of two sessions."""
    for session in "ab":
        for number, role in enumerate((TurnRole.USER, TurnRole.ASSISTANT, TurnRole.USER)):
            turn = SessionTurn(role=role, content=f"{session}{number}", token_count=number)
            await client.session_turns(session_id=session).create(turn, id=f"{number}")
    return client


async def test_reading(filled: AsyncMemoryClient) -> None:
    group = filled.session_turns.group
    assert [turn.content async for turn in group] == ["a0", "a1", "a2", "b0", "b1", "b2"]
    assert await group.count() == 6
    assert await group.sum(T.token_count) == 6
    users = group.where(T.role == TurnRole.USER, T.content > "a1").order_by(T.content.desc())
    assert [turn.content for turn in await users.list()] == ["b2", "b0", "a2"]
    assert [turn.content async for turn in users.start_after("b2").limit(1)] == ["b0"]
    last = await group.order_by(T.token_count.asc(), T.content.asc()).limit_to_last(1).first()
    assert last is not None
    assert last.content == "b2"


async def test_pages(filled: AsyncMemoryClient) -> None:
    """Equal ids in several collections do not get lost between two pages."""
    query = filled.session_turns.group.order_by(T.token_count.desc())
    pages = [page async for page in query.pages(1)]
    assert [turn.content for page in pages for turn in page.items] == ["b2", "a2", "b1", "a1", "b0", "a0"]
    assert [page.items async for page in query.pages(1, cursor=pages[3].cursor)] == [page.items for page in pages[4:]]


async def test_one_collection_is_not_the_group(filled: AsyncMemoryClient) -> None:
    assert await filled.session_turns(session_id="a").all().count() == 3


async def test_a_namespace_is_a_border(driver: Driver, filled: AsyncMemoryClient) -> None:
    tenant, other = driver.connect(namespace="t"), driver.connect(namespace="tt")
    await tenant.session_turns(session_id="a").create(SessionTurn(role=TurnRole.USER, content="theirs"))
    assert [turn.content async for turn in tenant.session_turns.group] == ["theirs"]
    assert await other.session_turns.group.count() == 0


async def test_documents_at_another_depth_belong_to_it(filled: AsyncMemoryClient) -> None:
    """A group is all collections of an id, as the database sees it."""
    await put(filled, "elsewhere/x/turns/y", role="tool", content="found")
    assert await filled.session_turns.group.where(T.content == "found").count() == 1
    await put(filled, "elsewhere/x/turns/z", role="tool", text="of another model")
    assert len(await filled.session_turns.group.list(on_corrupt="skip")) == 7


@sends_nothing
def test_ids_are_not_unique_in_a_group(client: AsyncMemoryClient) -> None:
    group = client.session_turns.group
    for condition in (
        T.document_id == "a",
        T.document_id > "a",
        T.document_id.in_(["a"]),
        (T.content == "x") | (T.document_id != "a"),
    ):
        with pytest.raises(ValidationError, match="collection group"):
            group.where(condition)
    with pytest.raises(ValidationError, match="collection group"):
        group.order_by(T.document_id.asc()).start_at("a")
    with pytest.raises(ValidationError, match="collection group"):
        group.where(T.content == "x").where(T.document_id == "a")
