"""A program that uses every public operation of a client. The test rewrites it to the synchronous flavour, too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, assert_type

import pydantic

from firestore_memory import (
    AgentData,
    AgentDataFields,
    AsyncBackend,
    AsyncBulkWriter,
    AsyncCollection,
    AsyncFirestoreBackend,
    AsyncMemoryClient,
    AsyncMemoryItemsCollection,
    AsyncQuery,
    AsyncSessionTurnsCollection,
    Call,
    Change,
    CorruptDocumentError,
    DocumentPath,
    Embedder,
    Explanation,
    Field,
    Filter,
    Health,
    Index,
    MemoryItem,
    MemoryItemFields,
    MemoryItemPatch,
    MemoryRecord,
    MemorySettings,
    Nearest,
    NotFoundError,
    OnCorrupt,
    OperationError,
    Options,
    Order,
    Page,
    PersonaConfig,
    PersonaConfigFields,
    Retry,
    SessionState,
    SessionTurn,
    SessionTurnFields,
    Snapshot,
    StorageError,
    TurnRole,
    UserSession,
    UserSessionFields,
    ValidationError,
    Vector,
    WriteOutcome,
    WriteProgress,
    WriteReport,
    Written,
)
from firestore_runtime.wire import (
    BatchGetDocumentsRequest,
    BatchGetDocumentsResponse,
    BatchWriteRequest,
    BatchWriteResponse,
    BeginTransactionRequest,
    BeginTransactionResponse,
    CommitRequest,
    CommitResponse,
    Document,
    GetDocumentRequest,
    RollbackRequest,
    RunAggregationQueryRequest,
    RunAggregationQueryResponse,
    RunQueryRequest,
    RunQueryResponse,
)

F = MemoryItemFields
ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


async def documents(client: AsyncMemoryClient) -> None:
    """Create, read, replace, change and delete."""
    items = client.memory_items
    assert_type(items, AsyncMemoryItemsCollection)
    item = MemoryItem(user_id="ada", item_type="fact", embedding=[0.5, 0.5], metadata={"seen": 1, "v": Vector([1.0])})
    created = await items.create(item)
    assert_type(created, MemoryItem)
    assert_type(await items.get(created.id), MemoryItem | None)
    assert_type(await items.require(created.id), MemoryItem)
    assert_type(await items.exists(created.id), bool)
    assert_type(await items.get_many([created.id, "missing"], on_corrupt="skip"), list[MemoryItem | None])
    snapshot = await items.get_snapshot(created.id)
    assert_type(snapshot, Snapshot[MemoryItem] | None)
    if snapshot is not None:
        assert_type(snapshot.value, MemoryItem)
        assert_type((snapshot.id, snapshot.path), tuple[str, DocumentPath])
        assert_type((snapshot.create_time, snapshot.update_time), tuple[datetime, datetime])
        await items.with_options(if_updated_at=snapshot.update_time, retry=False).update(created.id, text_content="b")
    await items.create(MemoryItem(user_id="bob", item_type="fact"), id="chosen")
    assert_type(await items.set(created), Written)
    written = await items.set("chosen", MemoryItem(user_id="bob", item_type="fact"))
    assert_type(written.update_time, datetime)
    assert_type(items.path("chosen"), DocumentPath)
    await items.delete("chosen")


async def changes(client: AsyncMemoryClient) -> None:
    """Everything that `update` takes."""
    created = await client.memory_items.create(MemoryItem(user_id="ada", item_type="fact"))
    patch: MemoryItemPatch = {"text_content": None, "metadata": {"a": 1}}
    await client.memory_items.update(created.id, **patch)
    marks: list[Change[MemoryItem]] = [F.persona_active.set("sage"), F.session_id.delete()]
    count, best, worst = F.metadata["count"], F.metadata["best"], F.metadata["worst"]
    marks += [count.increment(1), best.maximum(2.5), worst.minimum(0), F.metadata["at"]["last"].set("now")]
    assert_type(await client.memory_items.update(created.id, *marks, expiration=datetime.now(UTC)), Written)
    await client.memory_items.update(created.id, F.timestamp.server_timestamp())
    data = await client.agent_data.create(AgentData(agent_id="a", data_type="note", content={"n": 1}))
    await client.agent_data.update(data.id, AgentDataFields.content["n"].increment(1))
    await client.personas.set(PersonaConfig(name="sage", description="Old.", traits={"calm": 0.5}))
    await client.personas.update("sage", PersonaConfigFields.traits["calm"].set(0.75), description="Older.")


async def queries(client: AsyncMemoryClient) -> None:
    """Everything that a collection can be asked."""
    since = datetime.now(UTC) - timedelta(days=1)
    mine: Filter[MemoryItem] = F.user_id == "ada"
    recent = (F.timestamp >= since) & (F.timestamp < datetime.now(UTC)) | (F.timestamp > since) & (F.timestamp <= since)
    newest: Order[MemoryItem] = F.timestamp.desc()
    query = client.memory_items.where(mine, recent).where(F.expiration == None).order_by(newest).limit(5)  # noqa: E711
    assert_type(query, AsyncQuery[MemoryItem])
    assert_type(await query.list(), list[MemoryItem])
    assert_type(await query.first(on_corrupt="skip"), MemoryItem | None)
    assert_type(await query.count(), int)
    async for item in query:
        assert_type(item, MemoryItem)
    async with aclosing(query.with_options(timeout=5, attempt_timeout=1, retry=Retry(initial=0.2)).stream()) as found:
        async for item in found:
            assert_type(item, MemoryItem)
    await client.memory_items.order_by(F.user_id.asc(), F.document_id.asc()).list()
    await client.memory_items.where(F.document_id > "a", F.item_type != "fact").list()
    await client.memory_items.where(F.metadata["seen"] >= 1).list()
    assert_type(client.memory_items.all(on_corrupt=report), AsyncQuery[MemoryItem])
    state: Field[UserSession, SessionState] = UserSessionFields.state
    await client.user_sessions.where(state == SessionState.ACTIVE).list(on_corrupt=report)


async def operators(client: AsyncMemoryClient) -> None:
    """Everything that a field and an order can be asked for."""
    items, tags, turns = client.memory_items, F.metadata["tags"], client.session_turns(session_id="s1")
    await items.where(F.user_id.in_(["ada", "bob"]), F.session_id.is_null(), tags.array_contains("x")).list()
    await items.where(F.user_id.not_in(("ada",)) & (tags["n"].is_nan())).list()
    await items.where(tags.array_contains_any(["x", 1]), F.document_id.in_(["a"])).list()
    ordered = items.order_by(F.timestamp.asc(), F.document_id.asc())
    assert_type(ordered.start_at(datetime.now(UTC), "a").end_before(datetime.now(UTC)), AsyncQuery[MemoryItem])
    await ordered.start_after(datetime.now(UTC)).end_at(datetime.now(UTC)).limit_to_last(2).list()
    assert_type(await turns.all().sum(SessionTurnFields.token_count), int)
    assert_type(await turns.all().average(SessionTurnFields.token_count), float | None)
    async for page in items.where(F.user_id == "ada").pages(10, cursor=None, on_corrupt="skip"):
        assert_type(page, Page[MemoryItem])
        assert_type((page.items, page.cursor), tuple[list[MemoryItem], str | None])
    assert_type(client.session_turns.group, AsyncQuery[SessionTurn])
    await client.session_turns.group.where(SessionTurnFields.role.in_([TurnRole.USER])).count()
    assert_type(ordered.required_index(), Index | None)
    try:
        assert_type(await ordered.explain(analyze=True), Explanation)
    except OperationError as error:
        print(error)  # the emulator does not explain


class Lengths:
    """An embedder."""

    dimension = 2

    def embed(self, texts: Sequence[str], /) -> list[list[float]]:
        return [[1.0, float(len(text))] for text in texts]


async def searches(client: AsyncMemoryClient) -> None:
    """Searches by vector and by text."""
    embedder: Embedder = Lengths()
    items = client.with_options(embedder=embedder).memory_items
    await items.create(MemoryItem(user_id="ada", item_type="fact", text_content="twelve signs"))
    nearest = await items.find_nearest(F.embedding, [0.5] * 768, limit=5, threshold=0.5, distance="DOT_PRODUCT")
    assert_type(nearest, list[Nearest[MemoryItem]])
    found = await items.search("about twelve", F.user_id == "ada", limit=1, field=F.embedding, on_corrupt="skip")
    assert_type(found[0].value, MemoryItem)
    assert_type((found[0].distance, found[0].similarity), tuple[float, float | None])
    mine = client.memory_items.where(F.user_id == "ada")
    assert_type(await mine.find_nearest(F.embedding, (0.5,) * 768, limit=5), list[Nearest[MemoryItem]])
    assert_type(await mine.with_options(embedder=embedder).search("twelve"), list[Nearest[MemoryItem]])


async def many_writes(client: AsyncMemoryClient) -> None:
    """Any number of writes, each for itself."""
    sessions = client.user_sessions
    made = await sessions.create_many([UserSession(user_id="ada"), ("chosen", UserSession(user_id="bob"))])
    assert_type(made, WriteReport[UserSession])
    assert_type(made.models[0], UserSession)
    kept = await sessions.set_many(made.models, on_error="report")
    assert_type(kept.outcomes[0], WriteOutcome[UserSession])
    async with client.bulk_writer(throttle=False, max_concurrency=2) as writer:
        assert_type(writer, AsyncBulkWriter)
        await writer.set(sessions, made.models[0])
        await writer.update(sessions, "chosen", UserSessionFields.persona.set("Sophia"))
        await writer.flush()
        assert_type(writer.progress, WriteProgress)
    await sessions.delete_many([session.id for session in made.models])


def report(error: CorruptDocumentError) -> None:
    """Say which document does not fit."""
    print(error.path, error.fields)


async def declared_queries(client: AsyncMemoryClient) -> None:
    """The queries of the schema, and a collection below a document."""
    history = client.memory_items.conversation_history(user_id="ada", session_id=None, persona_active="sage")
    assert_type(history, AsyncQuery[MemoryItem])
    await history.limit(3).list()
    await client.memory_items.expired(now=datetime.now(UTC)).count()
    await client.memory_records.set(MemoryRecord(record_id="r", context="c", persona="p", content="text"))
    await client.memory_records.in_context(context="c", start=datetime.now(UTC)).list()
    await client.agent_data.by_agent(agent_id="a", data_type="note").list()
    await client.user_sessions.active(user_id="ada").list()
    turns = client.session_turns(session_id="s1")
    assert_type(turns, AsyncSessionTurnsCollection)
    turn = await turns.create(SessionTurn(role=TurnRole.USER, content="Hello"), id="t1")
    assert_type(turn.created_at, datetime | None)
    assert_type(await turns.transcript(role=TurnRole.USER).list(), list[SessionTurn])


async def transactions(client: AsyncMemoryClient) -> None:
    """Functions with and without a result, and what they are given."""

    async def touch(tx: AsyncMemoryClient) -> Written:
        assert_type(tx.memory_items, AsyncMemoryItemsCollection)
        items = await tx.memory_items.where(F.user_id == "ada").list()
        return await tx.memory_items.set("touched", items[0].model_copy(update={"id": "touched"}))

    async def count(tx: AsyncMemoryClient) -> int:
        return await tx.memory_items.all().count()

    assert_type(await client.run_transaction(touch), Written)
    assert_type(await client.run_transaction(count, read_only=True, max_attempts=2), int)
    assert_type(await client.run_transaction(lambda tx: tx.memory_items.get("touched")), MemoryItem | None)


async def files(client: AsyncMemoryClient, directory: Path) -> None:
    """Write documents to files, and read them."""
    assert_type(await client.dump(directory / "all.ndjson"), int)
    assert_type(await client.dump(str(directory / "some.ndjson"), collections=["personas"]), int)
    assert_type(await client.load(directory / "all.ndjson"), int)
    text = StringIO()
    await client.dump(text)
    await client.load(StringIO(text.getvalue()))


async def newest_of(collection: AsyncCollection[ModelT], order: Order[ModelT]) -> ModelT | None:
    """Write a function once, for all models."""
    return await collection.order_by(order).first()


async def clients(url: str) -> None:
    """Every way to a client, and what one can ask it for."""
    settings = MemorySettings(url=url, timeout=30, retry=False)
    async with AsyncMemoryClient.connect(settings=settings, namespace="tests") as client:
        assert_type(await client.health(timeout=5), Health)
        assert_type(client.namespace, str | None)
        patient = client.with_options(timeout=90, attempt_timeout=20, retry=Retry(maximum=4.0), if_updated_at=None)
        assert_type(patient, AsyncMemoryClient)
        assert_type(await newest_of(patient.memory_items, F.timestamp.desc()), MemoryItem | None)
        over = AsyncMemoryClient(Counting(client.backend), options=Options(retry=None))
        assert_type(await over.memory_items.get("missing"), MemoryItem | None)
        await over.close()
    backend: AsyncBackend = AsyncFirestoreBackend.connect("a-project", "(default)")
    await AsyncMemoryClient(backend).close()
    await backend.close()


async def share(google_client: Any) -> None:
    """Use the channel of a client of Google's."""
    client = AsyncMemoryClient(AsyncFirestoreBackend.from_client(google_client))
    assert_type(client, AsyncMemoryClient)
    await client.memory_items.exists("x")


async def errors(client: AsyncMemoryClient, on_corrupt: OnCorrupt) -> str:
    """What can be known of an error."""
    try:
        await client.memory_items.get_many(["x"], on_corrupt=on_corrupt)
        await client.memory_items.require("missing")
    except NotFoundError as error:
        lookup: LookupError = error
        return f"{lookup}: {error.operation} {error.collection} {error.document_id} {error.retryable}"
    except ValidationError as error:
        value: ValueError = error
        return str(value)
    except StorageError as error:
        return str(error)
    return ""


class Counting:
    """A backend in front of another one, which counts the calls."""

    def __init__(self, backend: AsyncBackend) -> None:
        self._backend = backend
        self.calls: list[str] = []

    @property
    def database(self) -> str:
        return self._backend.database

    async def get_document(self, request: GetDocumentRequest, call: Call) -> Document | None:
        self.calls.append(call.operation)
        return await self._backend.get_document(request, call)

    def batch_get(self, request: BatchGetDocumentsRequest, call: Call) -> AsyncIterator[BatchGetDocumentsResponse]:
        return self._backend.batch_get(request, call)

    async def commit(self, request: CommitRequest, call: Call) -> CommitResponse:
        return await self._backend.commit(request, call)

    async def batch_write(self, request: BatchWriteRequest, call: Call) -> BatchWriteResponse:
        return await self._backend.batch_write(request, call)

    def run_query(self, request: RunQueryRequest, call: Call) -> AsyncIterator[RunQueryResponse]:
        return self._backend.run_query(request, call)

    def run_aggregation(
        self, request: RunAggregationQueryRequest, call: Call
    ) -> AsyncIterator[RunAggregationQueryResponse]:
        return self._backend.run_aggregation(request, call)

    async def begin(self, request: BeginTransactionRequest, call: Call) -> BeginTransactionResponse:
        return await self._backend.begin(request, call)

    async def rollback(self, request: RollbackRequest, call: Call) -> None:
        await self._backend.rollback(request, call)

    async def close(self) -> None:
        """The other backend stays open."""


async def main(url: str, google_client: Any) -> None:
    """Do it all."""
    async with AsyncMemoryClient.connect(url) as client:
        await documents(client)
        await changes(client)
        await queries(client)
        await operators(client)
        await searches(client)
        await many_writes(client)
        await declared_queries(client)
        await transactions(client)
        with TemporaryDirectory() as directory:
            await files(client, Path(directory))
        assert "require memory_items missing False" in await errors(client, "raise")
    await clients(url)
    await share(google_client)
