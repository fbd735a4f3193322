"""Strict indexes: a query that Firestore would refuse for want of an index is refused here, with that index."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from firestore_memory import AsyncMemoryClient, Index, MissingIndexError, TurnRole
from firestore_memory import MemoryItemFields as F
from firestore_memory import MemoryRecordFields as R
from firestore_memory import SessionTurnFields as T
from firestore_runtime import wire
from firestore_runtime.embedded import EmbeddedBackend
from firestore_runtime.embedded.declared import Declared, DeclaredIndexes
from firestore_runtime.index import IndexField
from tests.helpers.failures import fails
from tests.helpers.flavours import Driver
from tests.helpers.items import an_item
from tests.runtime.embedded.asking import answer, cursor, fields_of, plain_answer, put, query
from tests.runtime.embedded.histories import History, histories
from tests.runtime.embedded.messages import CALL, ROOT, Reference, Vector, combined, having, value_of, where

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
SCHEMA = json.loads((Path(__file__).parents[3] / "schema" / "collections.json").read_text(encoding="utf-8"))
VECTOR = IndexField("v", "VECTOR", 2)

Declare = Callable[..., None]


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Declares these indexes for all collections, and no others."""

    def replace(*indexes: Index, unindexed: tuple[str, ...] = ()) -> None:
        declared = Declared(indexes, frozenset(unindexed))
        monkeypatch.setattr(DeclaredIndexes, "of", lambda self, collection_id: declared)

    return replace


@pytest.fixture
def url() -> str:
    return "memory:"  # which is strict by default


# What the schema declares


ARGUMENTS: dict[str, Any] = {
    "user_id": "ada",
    "session_id": "s",
    "persona_active": "bard",
    "now": NOON,
    "context": "c",
    "persona": "bard",
    "start": NOON,
    "end": NOON,
    "agent_id": "scout",
    "data_type": "observation",
    "since": NOON,
    "role": TurnRole.USER,
}


def declared_queries() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield collections with their declared queries, and each choice of parameters."""
    for collection, settings_ in SCHEMA["collections"].items():
        for name, declared in settings_.get("queries", {}).items():
            needed = [part["param"] for part in declared["where"] if "param" in part and not part.get("optional")]
            optional = [part["param"] for part in declared["where"] if part.get("optional")]
            for count in range(len(optional) + 1):
                for some in combinations(optional, count):
                    yield collection, name, frozenset((*needed, *some))


CHOICES = list(declared_queries())


def declared_query(client: AsyncMemoryClient, collection: str, name: str, parameters: frozenset[str]) -> Any:
    found: Any = getattr(client, collection)
    if collection == "session_turns":
        found = found(session_id="s")
    return getattr(found, name)(**{parameter: ARGUMENTS[parameter] for parameter in parameters})


def test_the_schema_has_what_is_tested() -> None:
    assert len({(collection, name) for collection, name, _ in CHOICES}) == 6
    assert len(CHOICES) == 21


@pytest.mark.parametrize(("collection", "name", "parameters"), CHOICES)
async def test_declared_queries_are_allowed(
    client: AsyncMemoryClient, collection: str, name: str, parameters: frozenset[str]
) -> None:
    asked = declared_query(client, collection, name, parameters)
    assert await asked.list() == []
    assert await asked.limit(1).list() == []
    assert await asked.first() is None
    assert await asked.count() == 0
    assert [page async for page in asked.pages(5)] == []
    assert await asked.delete() == 0


@pytest.mark.parametrize(("collection", "name", "parameters"), CHOICES)
async def test_they_need_what_is_declared(
    client: AsyncMemoryClient, declare: Declare, collection: str, name: str, parameters: frozenset[str]
) -> None:
    declare()
    asked = declared_query(client, collection, name, parameters)
    needed = asked.required_index()
    if needed is None:
        assert await asked.list() == []
        return
    with fails(MissingIndexError, json.dumps(needed.as_json()), operation="list") as caught:
        await asked.list()
    assert caught.value.index == needed
    declare(needed)
    assert await asked.list() == []


async def test_searches_of_the_schema(client: AsyncMemoryClient) -> None:
    everything = client.memory_items.all()
    ada = everything.where(F.user_id == "ada")
    vector = [1.0] + [0.0] * 767
    for allowed in (everything, ada, ada.where(F.persona_active == "bard")):
        assert await allowed.find_nearest(F.embedding, vector, limit=3) == []
    with fails(MissingIndexError, '"dimension": 768', operation="find_nearest") as caught:
        await everything.where(F.session_id == "s").find_nearest(F.embedding, vector, limit=3)
    assert caught.value.index == Index("memories", (IndexField("session_id"), IndexField("embedding", "VECTOR", 768)))
    assert "firestore.indexes.json of firestore_memory does not declare" in str(caught.value), "whose file was read"


def test_what_is_read_from_the_declarations() -> None:
    """All of the file, and of each field what it is to have."""
    indexes = DeclaredIndexes.of_package("firestore_memory")
    found = indexes.by_collection_id
    assert found["memories"].unindexed == {"text_content"}
    assert found["memories"].time_to_live == ("expiration",)
    assert found["turns"] == Declared((Index("turns", fields_of("role", "created_at")),), frozenset({"content"}))
    assert Index("records", fields_of("persona", "timestamp")) in found["records"].indexes
    assert Index("memories", (IndexField("embedding", "VECTOR", 768),)) in found["memories"].indexes
    assert indexes.of("unknown") == Declared()


GROUPED = {
    "indexes": [
        {
            "collectionGroup": "c",
            "queryScope": "COLLECTION_GROUP",
            "fields": [{"fieldPath": "t", "arrayConfig": "CONTAINS"}, {"fieldPath": "d", "order": "DESCENDING"}],
        }
    ],
    "fieldOverrides": [
        Index("c", fields_of("a"), group=True).as_json(),
        {"collectionGroup": "c", "fieldPath": "x", "indexes": []},
        {"collectionGroup": "other", "fieldPath": "y", "indexes": [{"order": "ASCENDING", "queryScope": "COLLECTION"}]},
    ],
}


def test_groups_and_single_fields() -> None:
    """An override of a field replaces what it had; as `as_json` has it, nothing is lost."""
    indexes = DeclaredIndexes(lambda: json.dumps(GROUPED))
    found = indexes.by_collection_id
    assert found["c"].unindexed == {"x"}
    assert Index("c", fields_of("t contains", "d desc"), group=True) in found["c"].indexes
    assert Index("c", fields_of("a"), group=True) in found["c"].indexes
    assert found["other"] == Declared((Index("other", fields_of("y")),), frozenset({"y"}))
    backend = EmbeddedBackend(indexes=indexes)
    for allowed in (query("c", where=A), query("c", "a desc"), query("c", where=A, group=True)):
        assert answer(backend, allowed) == []
    assert answer(backend, query("c", "d desc", where=HAS, group=True)) == []
    for refused in (query("c", "d desc", where=HAS), query("c", "x"), query("c", "a desc", group=True)):
        with pytest.raises(MissingIndexError):
            answer(backend, refused)
    backend.close()


# Single queries


A, B, C, X = (where(path, "==", 1) for path in "abcx")
HAS = where("t", "array-contains", "x")


def both(*parts: wire.Filter) -> wire.Filter:
    return combined("and", parts)


def either(*parts: wire.Filter) -> wire.Filter:
    return combined("or", parts)


def nearest(filters: wire.Filter | None = None, *, group: bool = False) -> wire.RunQueryRequest:
    """A search by a vector of two elements."""
    request = query("c", where=filters, group=group)
    search = request.structured_query.find_nearest
    search.vector_field.field_path = "v"
    search.query_vector.CopyFrom(value_of(Vector((1.0, 2.0))))
    search.distance_measure, search.limit.value = 2, 3
    return request


FREE = [
    query("c"),
    query("c", group=True),
    query("c", where=A),
    query("c", "a desc"),
    query("c", "a", where=where("a", ">", 1)),
    query("c", "a desc", where=where("a", "!=", 1)),
    query("c", where=where("a", "not-in", [1, 2])),
    query("c", where=both(where("a", ">", 1), where("a", "<", 5))),
    query("c", where=both(A, B, C)),
    query("c", where=both(A, where("b", "in", [1, 2]), HAS)),
    query("c", where=both(A, where("t", "array-contains-any", ["x", "y"]))),
    query("c", where=both(having("a", "is-null"), having("b", "is-nan"))),
    query("c", where=either(A, both(B, C))),
    query("c", "a", where=both(A, B)),
    query("c", "a desc", "__name__ desc"),
    query("c", "__name__", where=A),
    query("c", where=where("__name__", ">", Reference("c/1"))),
    query("c", "d", where=where("__name__", "==", Reference("c/1"))),
    query("c", "__name__", start=cursor(Reference("c/1"), before=True), limit=3),
    query("", parent=f"{ROOT}/c/1"),
    query("", group=True),
]
"""Queries that the automatic indexes serve, alone or merged."""


@pytest.fixture
def backend() -> Iterator[EmbeddedBackend]:
    backend = EmbeddedBackend()
    each: dict[str, Any] = {"a": 1, "b": 1, "c": 1, "x": 1, "n": 2, "t": ["x"], "v": Vector((1.0, 2.0)), "m": {"k": 1}}
    put(backend, {f"c/{number}": {**each, "d": number, "e": -number} for number in range(3)})
    put(backend, {"other/1/c/1": {**each, "d": 9, "e": 0}})
    yield backend
    backend.close()


@pytest.mark.parametrize("request_", FREE)
def test_no_index_is_needed(backend: EmbeddedBackend, declare: Declare, request_: wire.RunQueryRequest) -> None:
    declare()
    if request_.structured_query.from_[0].collection_id:
        assert answer(backend, request_) == plain_answer(backend, request_)
    else:
        assert answer(backend, request_) != "refused"


NEEDING: list[tuple[wire.RunQueryRequest, Index]] = [
    (query("c", "d", where=A), Index("c", fields_of("a", "d"))),
    (query("c", "d desc", where=A), Index("c", fields_of("a", "d desc"))),
    (query("c", where=both(A, where("d", ">", 0))), Index("c", fields_of("a", "d"))),
    (query("c", where=both(B, A, where("d", "!=", 0))), Index("c", fields_of("a", "b", "d"))),
    (query("c", "d", where=where("a", "in", [1, 2])), Index("c", fields_of("a", "d"))),
    (query("c", "d", where=HAS), Index("c", fields_of("t contains", "d"))),
    (query("c", "d", "e desc"), Index("c", fields_of("d", "e desc"))),
    (query("c", where=both(where("d", ">", 0), where("e", "<", 0))), Index("c", fields_of("d", "e"))),
    (query("c", "e desc", where=where("d", ">", 0)), Index("c", fields_of("e desc", "d desc"))),
    (query("c", "a", "d", where=A), Index("c", fields_of("a", "d"))),
    (query("c", "__name__ desc"), Index("c", fields_of("__name__ desc"))),
    (query("c", "d", "__name__ desc"), Index("c", fields_of("d", "__name__ desc"))),
    (query("c", "d desc", "__name__"), Index("c", fields_of("d desc", "__name__"))),
    (query("c", "d", where=either(A, where("d", ">", 1))), Index("c", fields_of("a", "d"))),
    (query("c", where=A, group=True), Index("c", fields_of("a"), group=True)),
    (query("c", "d desc", group=True), Index("c", fields_of("d desc"), group=True)),
    (query("c", where=HAS, group=True), Index("c", fields_of("t contains"), group=True)),
    (query("c", "d", where=A, group=True), Index("c", fields_of("a", "d"), group=True)),
    (query("c", where=X), Index("c", fields_of("x"))),
    (query("c", where=both(A, X)), Index("c", fields_of("a", "x"))),
    (query("c", where=where("m.k", "==", 1)), Index("c", fields_of("m.k"))),
    (nearest(), Index("c", (VECTOR,))),
    (nearest(A), Index("c", (*fields_of("a"), VECTOR))),
    (nearest(both(B, A)), Index("c", (*fields_of("a", "b"), VECTOR))),
    (nearest(A, group=True), Index("c", (*fields_of("a"), VECTOR), group=True)),
]
"""Queries, with `x` and `m` unindexed, and the index that each needs."""


@pytest.mark.parametrize(("request_", "index"), NEEDING)
def test_an_index_is_needed(
    backend: EmbeddedBackend, declare: Declare, request_: wire.RunQueryRequest, index: Index
) -> None:
    others = [other for _, other in NEEDING if other != index and other.group != index.group]
    declare(*others, unindexed=("x", "m"))
    with pytest.raises(MissingIndexError) as caught:
        answer(backend, request_)
    assert caught.value.index == index
    assert not caught.value.retryable
    message = caught.value.message
    assert json.JSONDecoder().raw_decode(message[message.index("{") :])[0] == index.as_json()
    assert "collections.json" in message
    assert "strict_indexes=false" in message
    declare(index, unindexed=("x", "m"))
    found = answer(backend, request_)
    assert found
    if not request_.structured_query.HasField("find_nearest"):
        assert found == plain_answer(backend, request_)


@pytest.mark.parametrize(
    ("request_", "declared", "missing"),
    [
        (query("c", "d", where=both(A, B)), ["a d", "b d"], ""),
        (query("c", "d", where=both(A, B, C)), ["a d", "b d"], "a b c d"),
        (query("c", "d", where=both(A, B, C)), ["a b d", "c d"], ""),
        (query("c", "d", where=both(A, B)), ["b d", "a e"], "a b d"),
        (query("c", "d desc", where=A), ["a d"], "a d/desc"),
        (query("c", "d", where=A), ["a d/desc"], "a d"),
        (query("c", "d", where=A), ["a d e"], "a d"),
        (query("c", "d", where=A), ["d a"], "a d"),
        (query("c", "d", where=A), ["a/desc d"], ""),
        (query("c", "d", where=both(A, HAS)), ["a d", "t/contains d"], ""),
        (query("c", "d", where=either(A, B)), ["a d"], "b d"),
        (query("c", "d", where=either(A, B)), ["a d", "b d"], ""),
    ],
)
def test_declared_indexes_that_are_merged(
    backend: EmbeddedBackend, declare: Declare, request_: wire.RunQueryRequest, declared: list[str], missing: str
) -> None:
    declare(*(Index("c", spelled(text)) for text in declared))
    if not missing:
        assert answer(backend, request_) == plain_answer(backend, request_)
        return
    with pytest.raises(MissingIndexError) as caught:
        answer(backend, request_)
    assert caught.value.index == Index("c", spelled(missing))


def spelled(text: str) -> tuple[IndexField, ...]:
    return fields_of(*(part.replace("/", " ") for part in text.split()))


@pytest.mark.parametrize(
    ("filters", "operators", "missing"),
    [
        (None, ["sum"], ""),
        (A, ["count"], ""),
        (A, ["sum"], "a n"),
        (A, ["avg"], "a n"),
        (A, ["count", "avg"], "a n"),
        (where("d", ">", 0), ["sum"], "d n"),
        (where("n", ">", 0), ["sum", "avg"], ""),
    ],
)
def test_aggregations(
    backend: EmbeddedBackend, declare: Declare, filters: wire.Filter | None, operators: list[str], missing: str
) -> None:
    request = wire.RunAggregationQueryRequest(parent=ROOT)
    message = request.structured_aggregation_query
    message.structured_query.CopyFrom(query("c", where=filters).structured_query)
    for operator in operators:
        aggregation = message.aggregations.add()
        if operator == "count":
            aggregation.count.SetInParent()
        else:
            getattr(aggregation, operator).field.field_path = "n"
    declare()
    if missing:
        with pytest.raises(MissingIndexError) as caught:
            list(backend.run_aggregation(request, CALL))
        assert caught.value.index == Index("c", spelled(missing))
        assert caught.value.operation == CALL.operation
        declare(caught.value.index)
    assert len(list(backend.run_aggregation(request, CALL))) == 1


@settings(max_examples=40, deadline=None, database=None, derandomize=True)
@given(histories())
def test_declaring_what_is_missing(history: History) -> None:
    """Each error names another index, and in the end the query is allowed."""
    declared: list[Index] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DeclaredIndexes, "of", lambda self, collection_id: Declared(tuple(declared)))
        backend = EmbeddedBackend()
        put(backend, history.steps[0].written)
        for request in history.steps[0].requests:
            declared.clear()
            while (missing := missing_index(backend, request)) is not None:
                assert missing not in declared
                declared.append(missing)
            assert answer(backend, request) == plain_answer(backend, request)
        backend.close()


def missing_index(backend: EmbeddedBackend, request: wire.RunQueryRequest) -> Index | None:
    try:
        answer(backend, request)
    except MissingIndexError as error:
        return error.index
    return None


# By the SDK, and by the URL


async def test_the_last_of_an_order_need_its_reverse(client: AsyncMemoryClient) -> None:
    records = client.memory_records.in_context(context="c")
    assert await records.list() == []
    with fails(MissingIndexError, "DESCENDING", operation="list") as caught:
        await records.limit_to_last(3).list()
    assert caught.value.index == Index("records", fields_of("context", "timestamp desc"))
    assert await client.memory_records.order_by(R.timestamp.asc()).limit_to_last(3).list() == []
    last = client.session_turns(session_id="s").order_by(T.document_id.asc()).limit_to_last(1)
    with fails(MissingIndexError) as caught:
        await last.list()
    assert caught.value.index == Index("turns", fields_of("__name__ desc"))


async def test_every_way_to_ask(client: AsyncMemoryClient) -> None:
    await client.memory_items.create(an_item(), id="a")
    asked = client.memory_items.where(F.session_id == "s").order_by(F.timestamp.desc())

    async def inside(tx: AsyncMemoryClient) -> Any:
        return await tx.memory_items.where(F.session_id == "s").order_by(F.timestamp.desc()).list()

    async def pages() -> Any:
        return [page async for page in asked.pages(3)]

    ways: list[Callable[[], Any]] = [asked.list, asked.first, asked.count, asked.delete, pages]
    ways.append(asked.start_at(NOON).list)
    ways.append(lambda: asked.explain(analyze=True))
    for way in ways:
        with fails(MissingIndexError, "session_id") as caught:
            await way()
        assert caught.value.index == asked.required_index()
    with pytest.raises(MissingIndexError, match="session_id"):
        await client.run_transaction(inside)
    assert await client.memory_items.all().count() == 1


async def test_a_group(client: AsyncMemoryClient) -> None:
    turns = client.session_turns.group
    assert await turns.list() == []
    with fails(MissingIndexError, "COLLECTION_GROUP", operation="list") as caught:
        await turns.where(T.role == TurnRole.USER).list()
    assert caught.value.index == Index("turns", fields_of("role"), group=True)


@pytest.mark.parametrize("form", ["memory:{}", "sqlite:///{path}{}"])
@pytest.mark.parametrize("parameters", ["", "?strict_indexes=true", "?strict_indexes=false"])
async def test_urls(driver: Driver, tmp_path: Path, form: str, parameters: str) -> None:
    client = driver.connect(form.format(parameters, path=tmp_path / "store.db"))
    for number in range(3):
        await client.memory_items.create(an_item(session_id="s", timestamp=NOON + timedelta(number)), id=f"{number}")
    asked = client.memory_items.where(F.session_id == "s").order_by(F.timestamp.desc())
    if parameters.endswith("false"):
        assert [item.id async for item in asked] == ["2", "1", "0"]
        await asked.delete()
        assert await client.memory_items.all().count() == 0
    else:
        with fails(MissingIndexError, "session_id", operation="list"):
            await asked.list()
