"""Reading and writing single documents."""

from __future__ import annotations

from datetime import UTC, datetime

from firestore_memory import (
    AlreadyExistsError,
    AsyncMemoryClient,
    MemoryItem,
    MemoryRecord,
    NotFoundError,
    PersonaConfig,
    SessionState,
    UserSession,
    ValidationError,
)
from tests.helpers.failures import fails
from tests.helpers.items import an_item
from tests.helpers.stored import look
from tests.helpers.stores import sends_nothing


async def test_what_was_created_is_read_back(client: AsyncMemoryClient) -> None:
    sent = an_item(text_content="hi", metadata={"a": [1, 2.5, None, {"b": True}], "ü": "😀"}, embedding=[0.5] * 768)
    created = await client.memory_items.create(sent)
    assert created == sent.model_copy(update={"id": created.id})
    assert await client.memory_items.get(created.id) == created
    assert await client.memory_items.require(created.id) == created


async def test_creating_leaves_the_argument_alone(client: AsyncMemoryClient) -> None:
    sent = an_item()
    await client.memory_items.create(sent)
    assert sent.id == ""


async def test_a_missing_document(client: AsyncMemoryClient) -> None:
    assert await client.memory_items.get("nobody") is None
    assert await client.memory_items.get_snapshot("nobody") is None
    assert not await client.memory_items.exists("nobody")
    with fails(NotFoundError, "memory_items.require('nobody')", operation="require") as caught:
        await client.memory_items.require("nobody")
    assert (caught.value.collection, caught.value.document_id) == ("memory_items", "nobody")
    assert isinstance(caught.value, LookupError)


async def test_exists(client: AsyncMemoryClient) -> None:
    created = await client.memory_items.create(an_item())
    assert await client.memory_items.exists(created.id)


async def test_a_snapshot_has_the_times(client: AsyncMemoryClient) -> None:
    created = await client.memory_items.create(an_item(), id="a")
    first = await client.memory_items.get_snapshot("a")
    assert first is not None
    assert (first.value, first.id, first.path) == (created, "a", "memories/a")
    assert first.create_time == first.update_time
    assert first.create_time.tzinfo is UTC
    changed = await client.memory_items.update("a", text_content="later")
    second = await client.memory_items.get_snapshot("a")
    assert second is not None
    assert second.create_time == first.create_time
    assert second.update_time == changed.update_time > first.update_time


async def test_creating_twice(client: AsyncMemoryClient) -> None:
    created = await client.memory_items.create(an_item(text_content="first"))
    with fails(AlreadyExistsError, created.id, operation="create") as caught:
        await client.memory_items.create(created.model_copy(update={"text_content": "second"}))
    assert caught.value.document_id == created.id
    assert not caught.value.retryable
    assert await client.memory_items.get(created.id) == created


async def test_creating_the_very_same_twice_is_no_less_an_error(client: AsyncMemoryClient) -> None:
    created = await client.memory_items.create(an_item())
    with fails(AlreadyExistsError):
        await client.memory_items.create(created)


async def test_set_creates_and_replaces(client: AsyncMemoryClient) -> None:
    first = an_item(id="a", text_content="first", session_id="s")
    before = await client.memory_items.set(first)
    assert await client.memory_items.get("a") == first
    second = an_item(id="a")
    after = await client.memory_items.set(second)
    assert isinstance(before.update_time, datetime)
    assert before.update_time < after.update_time
    assert await client.memory_items.get("a") == second


async def test_set_with_the_id_in_front(client: AsyncMemoryClient) -> None:
    await client.memory_items.set("a", an_item())
    await client.memory_items.set("b", an_item(id="b"))
    assert (await client.memory_items.require("a")).id == "a"
    assert (await client.memory_items.require("b")).id == "b"


@sends_nothing
async def test_set_needs_an_id(client: AsyncMemoryClient) -> None:
    with fails(ValidationError, "has no id", operation="set"):
        await client.memory_items.set(an_item())


async def test_update_changes_only_what_it_names(client: AsyncMemoryClient) -> None:
    created = await client.memory_items.create(an_item(text_content="hi", session_id="s", metadata={"a": 1}))
    await client.memory_items.update(created.id, text_content="bye", session_id=None)
    expected = created.model_copy(update={"text_content": "bye", "session_id": None})
    assert await client.memory_items.get(created.id) == expected


async def test_update_validates_as_the_model_does(client: AsyncMemoryClient) -> None:
    session = await client.user_sessions.create(UserSession(user_id="ada"))
    await client.user_sessions.update(session.id, state=SessionState.ENDED, last_active_at=datetime(2030, 1, 1))
    changed = await client.user_sessions.require(session.id)
    assert changed.state is SessionState.ENDED
    assert changed.last_active_at == datetime(2030, 1, 1, tzinfo=UTC)
    for bad in ({"state": "asleep"}, {"user_id": ""}, {"started_at": "soon"}, {"metadata": 5}):
        with fails(ValidationError, *bad, operation="update"):
            await client.user_sessions.update(session.id, **bad)
    assert await client.user_sessions.require(session.id) == changed


async def test_update_of_a_missing_document(client: AsyncMemoryClient) -> None:
    with fails(NotFoundError, "nobody", operation="update"):
        await client.memory_items.update("nobody", text_content="hi")
    assert not await client.memory_items.exists("nobody")


@sends_nothing
async def test_update_of_a_misspelt_field(client: AsyncMemoryClient) -> None:
    with fails(ValidationError, "did you mean 'text_content'?"):
        await client.memory_items.update("a", text_contnt="hi")  # type: ignore[call-arg]  # wrong on purpose


@sends_nothing
async def test_update_of_nothing(client: AsyncMemoryClient) -> None:
    with fails(ValidationError, "nothing to update"):
        await client.memory_items.update("a")


async def test_update_of_the_id(client: AsyncMemoryClient) -> None:
    created = await client.memory_items.create(an_item())
    with fails(ValidationError, "'id'"):
        await client.memory_items.update(created.id, id="another")  # type: ignore[call-arg]  # wrong on purpose


@sends_nothing
async def test_update_with_something_that_is_no_change(client: AsyncMemoryClient) -> None:
    with fails(ValidationError, "int"):
        await client.memory_items.update("a", 5)  # type: ignore[arg-type]  # wrong on purpose


async def test_delete(client: AsyncMemoryClient) -> None:
    created = await client.memory_items.create(an_item())
    await client.memory_items.delete(created.id)
    assert await client.memory_items.get(created.id) is None
    await client.memory_items.delete(created.id)


@sends_nothing
async def test_a_model_of_another_collection(client: AsyncMemoryClient) -> None:
    persona = PersonaConfig(name="Ada", description="a mathematician")
    with fails(ValidationError, "MemoryItem", "PersonaConfig"):
        await client.memory_items.create(persona)  # type: ignore[arg-type]  # wrong on purpose
    with fails(ValidationError, "MemoryItem", "NoneType"):
        await client.memory_items.set("a", None)  # type: ignore[call-overload]  # wrong on purpose


async def test_the_stored_document(client: AsyncMemoryClient) -> None:
    record = MemoryRecord(record_id="r", context="c", persona="p", content="text", timestamp=datetime(2024, 1, 2))
    await client.memory_records.create(record)
    assert await look(client, "records/r") == {
        "record_id": "r",
        "context": "c",
        "persona": "p",
        "content": "text",
        "timestamp": datetime(2024, 1, 2, tzinfo=UTC),
        "metadata": {},
    }


@sends_nothing
async def test_a_path_is_made_without_asking_the_server(client: AsyncMemoryClient) -> None:
    assert client.memory_items.path("a") == "memories/a"
    with fails(ValidationError, operation="path"):
        client.memory_items.path("a/b")


async def test_subclasses_of_a_model_are_stored(client: AsyncMemoryClient) -> None:
    class Note(MemoryItem):
        """A user's own model, with something that is not stored."""

        shown: bool = False

    created = await client.memory_items.create(Note(user_id="ada", item_type="note", shown=True))
    assert isinstance(created, Note)
    assert await client.memory_items.get(created.id) == an_item(**created.model_dump(exclude={"shown"}))
