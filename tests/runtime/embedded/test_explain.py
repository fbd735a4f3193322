"""Explanations: which indexes a query is run by, and what that took."""

from __future__ import annotations

import pytest

from firestore_memory import AsyncMemoryClient, SessionTurn, TurnRole
from firestore_memory import MemoryItemFields as F
from firestore_memory import SessionTurnFields as T
from firestore_runtime import wire
from firestore_runtime.embedded import EmbeddedBackend, candidates
from firestore_runtime.errors import ValidationError
from firestore_runtime.queries.explain import Explanation
from tests.helpers.items import an_item
from tests.runtime.embedded.asking import put, query
from tests.runtime.embedded.messages import CALL, ROOT, Reference, combined, where

Used = list[tuple[str, str]]
"""Scopes and properties."""


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexes are made of the third document on."""
    monkeypatch.setattr(candidates, "_FEW", 3)


def explained(backend: EmbeddedBackend, request: wire.RunQueryRequest, *, analyze: bool = True) -> wire.ExplainMetrics:
    request.explain_options.analyze = analyze
    (response,) = backend.run_query(request, CALL)
    assert not response.HasField("document")
    return response.explain_metrics


def used(metrics: wire.ExplainMetrics) -> Used:
    indexes = metrics.plan_summary.indexes_used
    assert all({*index.fields} == {"query_scope", "properties"} for index in indexes)
    return [(index.fields["query_scope"].string_value, index.fields["properties"].string_value) for index in indexes]


async def test_the_plan_alone(client: AsyncMemoryClient) -> None:
    """Nothing is run, and so no index is made either: there is none before somebody needs one."""
    await client.memory_items.create_many([an_item(id=f"{number}", session_id="s") for number in range(5)])
    asked = client.memory_items.where(F.session_id == "s").order_by(F.timestamp.desc())
    whole = ({"query_scope": "Collection", "properties": "(__name__ ASC)"},)
    for _ in range(2):
        assert await asked.explain() == Explanation(whole, None, None, None)
    assert len(await asked.list()) == 5
    index = ({"query_scope": "Collection", "properties": "(session_id ASC, timestamp ASC, __name__ ASC)"},)
    assert await asked.explain() == Explanation(index, None, None, None)


async def test_what_it_took(client: AsyncMemoryClient) -> None:
    await client.memory_items.create_many([an_item(id=f"{number}", session_id="s") for number in range(5)])
    asked = client.memory_items.where(F.session_id == "s").order_by(F.timestamp.desc())
    for limit, found in ((3, 3), (9, 5)):
        explanation = await asked.limit(limit).explain(analyze=True)
        assert explanation.indexes_used[0]["properties"] == "(session_id ASC, timestamp ASC, __name__ ASC)"
        assert explanation.results_returned == explanation.read_operations == found
        assert explanation.duration is not None
        assert 0 < explanation.duration < 10


async def test_a_collection_group(client: AsyncMemoryClient) -> None:
    for session in ("a", "b"):
        turns = client.session_turns(session_id=session)
        await turns.create_many([SessionTurn(role=TurnRole.USER, content="hi") for _ in range(2)])
    everywhere = await client.session_turns.group.where(T.role == TurnRole.USER).explain(analyze=True)
    assert everywhere.indexes_used == ({"query_scope": "Collection Group", "properties": "(role ASC, __name__ ASC)"},)
    assert everywhere.results_returned == 4
    here = await client.session_turns(session_id="a").where(T.role == TurnRole.USER).explain(analyze=True)
    assert here.indexes_used == ({"query_scope": "Collection", "properties": "(role ASC, __name__ ASC)"},)
    assert here.results_returned == 2


A, TAGGED = where("a", "==", 1), where("t", "array-contains", "x")


@pytest.mark.parametrize(
    ("request_", "properties"),
    [
        (query("c"), ["(__name__ ASC)"]),
        (query("c", where=where("__name__", "==", Reference("c/1"))), ["(__name__ ASC)"]),
        (query("c", where=A), ["(a ASC, __name__ ASC)"]),
        (query("c", "d", "e desc"), ["(d DESC, e ASC, __name__ ASC)"]),
        (query("c", "d", where=combined("and", [A, TAGGED])), ["(a ASC, t CONTAINS, d ASC, __name__ ASC)"]),
        (query("c", where=combined("or", [A, TAGGED])), ["(a ASC, __name__ ASC)", "(t CONTAINS, __name__ ASC)"]),
        (query("c", where=where("`a b`", "==", 1)), ["(`a b` ASC, __name__ ASC)"]),
    ],
)
def test_properties(backend: EmbeddedBackend, request_: wire.RunQueryRequest, properties: list[str]) -> None:
    put(backend, {f"c/{number}": {"a": 1, "d": number, "e": 1, "t": ["x"], "a b": 1} for number in range(4)})
    metrics = explained(backend, request_)
    assert used(metrics) == [("Collection", text) for text in properties]
    assert metrics.execution_stats.results_returned == len(found(backend, request_)) > 0


def found(backend: EmbeddedBackend, request: wire.RunQueryRequest) -> list[wire.RunQueryResponse]:
    request.ClearField("explain_options")
    return list(backend.run_query(request, CALL))


def test_few_documents(backend: EmbeddedBackend) -> None:
    """They are looked through, which is as fast as an index."""
    put(backend, {"c/1": {"a": 1}, "c/2": {"a": 1}})
    assert used(explained(backend, query("c", where=A))) == [("Collection", "(__name__ ASC)")]


def test_queries_of_all_collections(backend: EmbeddedBackend) -> None:
    put(backend, {"c/1/d/1": {}, "c/1/e/2": {}, "c/1/e/2/f/3": {}})
    below = wire.RunQueryRequest(parent=f"{ROOT}/c/1")
    below.structured_query.SetInParent()
    metrics = explained(backend, below)
    assert used(metrics) == [("Collection", "(__name__ ASC)")]
    assert metrics.execution_stats.results_returned == 2
    below.structured_query.from_.add().all_descendants = True
    metrics = explained(backend, below)
    assert used(metrics) == [("Collection Group", "(__name__ ASC)")]
    assert metrics.execution_stats.results_returned == 3


@pytest.mark.parametrize("analyze", [False, True])
def test_what_is_no_query(backend: EmbeddedBackend, analyze: bool) -> None:
    with pytest.raises(ValidationError, match="twice") as caught:
        explained(backend, query("c", "a", "a"), analyze=analyze)
    assert caught.value.operation == CALL.operation
