"""Indexes: what they save, that they are kept up, and that nothing else can be seen of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings

from firestore_memory import Index
from firestore_runtime import wire
from firestore_runtime.embedded import DeclaredIndexes, EmbeddedBackend, candidates, documents, entries, reader
from firestore_runtime.embedded.declared import Declared
from firestore_runtime.embedded.semantics.queries import read_query
from firestore_runtime.errors import StorageError
from tests.runtime.embedded import asking
from tests.runtime.embedded.asking import (
    answer,
    cursor,
    fields_of,
    paths,
    plain_answer,
    put,
    query,
    rebuilt_entries,
    remove,
)
from tests.runtime.embedded.differential_writes.observing import Observer
from tests.runtime.embedded.differential_writes.plans import Commit
from tests.runtime.embedded.differential_writes.strategies import DOCUMENTS, HISTORIES
from tests.runtime.embedded.histories import History, histories
from tests.runtime.embedded.messages import CALL, DATABASE, ROOT, Reference, combined, document_of, having, where

SOME = settings(max_examples=60, deadline=None, database=None, derandomize=True)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexes are made of the first document on."""
    monkeypatch.setattr(candidates, "_FEW", 1)


def check(backend: EmbeddedBackend, *requests: wire.RunQueryRequest) -> None:
    """See that a store finds what is found by looking through all documents."""
    for request in requests:
        assert answer(backend, request) == plain_answer(backend, request), request
    assert asking.entries(backend) == rebuilt_entries(backend)


def used(backend: EmbeddedBackend, request: wire.RunQueryRequest) -> list[Any]:
    return backend.engine.indexes_used(request)


# Whatever happens


def test_random_histories() -> None:
    """What is found does not depend on the indexes, which are made before, between and after the writes."""
    made: dict[str, int] = {"found": 0, "by several alternatives": 0, "by a declared index": 0}

    @SOME
    @given(histories())
    def find(history: History) -> None:
        declared = {index.fields for index in history.declared.indexes}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(candidates, "_FEW", 1)
            patch.setattr(DeclaredIndexes, "of", lambda self, collection_id: history.declared)
            backend = EmbeddedBackend(strict_indexes=False)
            for step in history.steps:
                put(backend, step.written)
                remove(backend, step.deleted)
                check(backend, *step.requests)
                for request in step.requests:
                    if answer(backend, request) != "refused":
                        check_plan(backend, request)
                        made["found"] += bool(paths(backend, request))
                        made["by several alternatives"] += len(used(backend, request)) > 1
                        made["by a declared index"] += not declared.isdisjoint(used(backend, request))
            backend.close()

    find()
    assert min(made.values()) > 30, made


def check_plan(backend: EmbeddedBackend, request: wire.RunQueryRequest) -> None:
    """See that an index is used where one can be."""
    asked = read_query(request.parent, request.structured_query)
    has_documents = bool(paths(backend, query("c", group=asked.all_descendants, parent=asked.parent)))
    is_ordered = len(asked.orders) > 1
    can_be = is_ordered or all(part.equalities or part.contains for part in asked.alternatives)
    if has_documents and asked.alternatives:
        assert bool(used(backend, request)) == can_be


# Which entries of which index


ANY = {"p": 1, "q": 2, "t": ["x", "y"]}
A, B, C = where("a", "==", 1), where("b", "==", 2), where("c", "==", 3)
T = where("t", "array-contains", "x")

PLANS = [
    (query("c"), []),
    (query("c", "__name__"), []),
    (query("c", where=where("__name__", "==", Reference("c/1"))), []),
    (query("c", where=where("__name__", ">", Reference("c/1"))), []),
    (query("c", where=A), [("a",)]),
    (query("c", where=T), [("t contains",)]),
    (query("c", where=where("a", "in", [1, 2])), [("a",), ("a",)]),
    (query("c", where=where("t", "array-contains-any", ["x", "z"])), [("t contains",), ("t contains",)]),
    (query("c", where=having("a", "is-null")), [("a",)]),
    (query("c", where=where("a", "<", 1)), [("a",)]),
    (query("c", where=where("a", "!=", 1)), [("a",)]),
    (query("c", "a"), [("a",)]),
    (query("c", "a desc"), [("a",)]),
    (query("c", "a desc", "__name__"), [("a desc",)]),
    (query("c", "a", "b desc"), [("a desc", "b")]),
    (query("c", "a desc", "b desc"), [("a", "b")]),
    (query("c", "d", where=combined("and", [B, A])), [("a", "b", "d")]),
    (query("c", "d desc", where=combined("and", [B, T, A])), [("a", "b", "t contains", "d")]),
    (query("c", "a", where=A), [("a",)]),
    (query("c", "a", "d", where=A), [("a", "d")]),
    (query("c", "d", where=combined("or", [A, B])), [("a", "d"), ("b", "d")]),
    (query("c", where=combined("or", [where("__name__", "==", Reference("c/1")), A])), [("a",)]),
    (query("c", where=combined("and", [where("__name__", "==", Reference("c/1")), A])), []),
]
"""Queries, and the indexes that they are run by."""


@pytest.mark.parametrize(("request_", "fields"), PLANS)
def test_plans(backend: EmbeddedBackend, request_: wire.RunQueryRequest, fields: list[tuple[str, ...]]) -> None:
    put(backend, {f"c/{number}": {"a": 1, "b": 2, "d": number, "t": ["x"]} for number in range(3)})
    check(backend, request_)
    assert used(backend, request_) == [fields_of(*texts) for texts in fields]


DECLARED = Declared(
    (
        Index("c", fields_of("a", "d desc")),
        Index("c", fields_of("a", "b", "d desc")),
        Index("c", fields_of("a", "t contains", "d desc")),
        Index("c", fields_of("a", "d", "e desc")),
    )
)


@pytest.mark.parametrize(
    ("orders", "filters", "fields"),
    [
        (["d desc"], [A], ("a", "d")),
        (["d"], [A], ("a", "d")),
        (["d"], [A, B, C], ("a", "b", "d")),
        (["d"], [A, C], ("a", "d")),
        (["d"], [A, T], ("a", "t contains", "d")),
        (["d"], [C], ("c", "d")),
        (["d", "e desc"], [A, B], ("a", "d desc", "e")),
        (["d desc", "e"], [A, B], ("a", "d desc", "e")),
        (["d", "e"], [A, B], ("a", "b", "d", "e")),
    ],
)
def test_declared_indexes(
    backend: EmbeddedBackend,
    monkeypatch: pytest.MonkeyPatch,
    orders: list[str],
    filters: list[wire.Filter],
    fields: tuple[str, ...],
) -> None:
    """The one that knows most of the filter is used; what it does not know is looked at in the documents."""
    monkeypatch.setattr(DeclaredIndexes, "of", lambda self, collection_id: DECLARED)
    for number, (a, b, d) in enumerate(product((0, 1), (2, 3), (1, 2))):
        put(backend, {f"c/{number}": {"a": a, "b": b, "c": 3, "d": d, "e": d % 2, "t": ["x"][:a]}})
    request = query("c", *orders, where=combined("and", filters))
    check(backend, request)
    assert paths(backend, request)
    assert used(backend, request) == [fields_of(*fields)]


def test_the_index_with_fewer_entries_is_used(backend: EmbeddedBackend) -> None:
    put(backend, {f"c/{number}": {"a": 1, "b": number % 10} for number in range(30)})
    request = query("c", where=combined("and", [A, B]))
    check(backend, request)
    assert used(backend, request) == [fields_of("b")]
    put(backend, {f"c/{number}": {"a": 9, "b": 2} for number in range(29)})
    check(backend, request)
    assert used(backend, request) == [fields_of("a")]


@pytest.mark.parametrize("second", [2, 3])
def test_an_index_that_does_not_know_the_order(backend: EmbeddedBackend, second: int) -> None:
    """The alternatives are found by `a` and by `c`, and what these find has many a `b`, in no order."""
    put(backend, {f"c/{number}": {"b": 2 + number % 2} for number in range(20)})
    put(backend, {"c/u": {"a": 1, "b": 9}, "c/v": {"a": 1}, "c/w": {"a": 1, "c": 3, "b": 2}})
    put(backend, {"c/x": {"a": 1, "c": 3, "b": 3}, "c/y": {"a": 1, "b": 2}, "c/z": {"c": 3, "b": 3}})
    either = combined("or", [combined("and", [A, B]), combined("and", [C, where("b", "==", second)])])
    for order in ("b", "b desc"):
        request = query("c", order, where=either)
        check(backend, request)
        assert used(backend, request) == [fields_of("a"), fields_of("c")]


def test_no_index_of_few_documents(backend: EmbeddedBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "_FEW", 10)
    request = query("c", "d desc", where=A, group=True)
    put(backend, {f"c/{number}": {"a": 1, "d": number} for number in range(5)})
    put(backend, {f"x/1/c/{number}": {"a": 1, "d": number} for number in range(4)})
    check(backend, request)
    assert used(backend, request) == []
    put(backend, {"x/1/c/9": {"a": 1, "d": 9}})
    check(backend, request)
    assert used(backend, request) == [fields_of("a", "d")]
    check(backend, query("c", "d", where=A, parent=f"{ROOT}/nothing/here"))


# What is read


def many() -> dict[str, dict[str, Any]]:
    """5,000 documents in three collections."""
    found = {}
    for number in range(5_000):
        parent = "" if number < 4_000 else f"x/{number % 2}/"
        fields = {"user": number % 4, "time": number, "even": number % 2 == 0, "tags": ["all", f"{number % 100}"]}
        found[f"{parent}c/{number:04}"] = fields | ({"rare": True} if number % 900 == 0 else {})
    return found


@pytest.fixture(scope="module")
def large() -> Iterator[EmbeddedBackend]:
    backend = EmbeddedBackend(strict_indexes=False)
    put(backend, many())
    yield backend
    backend.close()


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The messages of documents that are parsed."""
    messages: list[bytes] = []

    def parse(message: bytes) -> wire.Document:
        messages.append(message)
        return wire.Document.FromString(message)

    for module in (candidates, documents):
        monkeypatch.setattr(module, "wire", SimpleNamespace(Document=SimpleNamespace(FromString=parse)))
    return messages


USER, EVEN = where("user", "==", 1), where("even", "==", True)
MID = cursor(2_001, before=False)
NAMED = cursor(2_001, Reference("c/2001"), before=False)


@pytest.mark.parametrize(
    ("request_", "at_most"),
    [
        (query("c", limit=20), 20),
        (query("c", "__name__", start=cursor(Reference("c/3000"), before=False), limit=20), 21),
        (query("c", "__name__ desc", limit=20), 20),
        (query("c", where=USER, limit=20), 20),
        (query("c", "time", limit=20), 20),
        (query("c", "time desc", limit=20, offset=10), 30),
        (query("c", "time", where=USER, limit=20), 20),
        (query("c", "time desc", where=USER, limit=20), 20),
        (query("c", "time desc", where=USER, start=MID, limit=20), 20),
        (query("c", "time", "__name__", where=USER, start=NAMED, limit=20), 20),
        (query("c", "time", where=USER, start=MID, end=cursor(2_020, before=True)), 4),
        (query("c", "user", "time desc", limit=20), 20),
        (query("c", "user desc", "time", start=cursor(2, 1_000, before=True), limit=20), 20),
        (query("c", where=where("time", ">=", 3_990)), 10),
        (query("c", "time desc", where=combined("and", [USER, where("time", "<", 100)])), 25),
        (query("c", "time desc", where=where("time", "!=", 3_999), limit=20), 21),
        (query("c", "time", where=where("user", "in", [1, 2, 3]), limit=20), 22),
        (query("c", "time", where=combined("or", [USER, EVEN]), limit=20), 21),
        (query("c", "time", where=where("tags", "array-contains", "7"), limit=20), 20),
        (query("c", "time", where=where("tags", "array-contains-any", ["7", "8"]), limit=20), 21),
        (query("c", where=combined("and", [where("user", "==", 0), where("rare", "==", True)])), 5),
        (query("c", where=combined("and", [where("rare", "==", True), where("tags", "array-contains", "all")])), 5),
        (query("c", "time", group=True, limit=20), 22),
        (query("c", "time desc", where=USER, group=True, limit=20), 22),
        (query("c", where=USER, parent=f"{ROOT}/x/1", limit=5), 5),
        (query("c", where=where("__name__", "in", [Reference("c/0001"), Reference("c/0002")])), 2),
    ],
)
def test_little_is_read(
    large: EmbeddedBackend, parsed: list[bytes], request_: wire.RunQueryRequest, at_most: int
) -> None:
    found = paths(large, request_)  # which makes the index
    assert found
    parsed.clear()
    assert paths(large, request_) == found
    assert len(parsed) <= at_most, f"{len(parsed)} for {len(found)}"


def test_as_much_is_read_as_is_wanted(large: EmbeddedBackend, parsed: list[bytes]) -> None:
    request = query("c", "time", where=USER)
    paths(large, request)
    parsed.clear()
    responses = large.run_query(request, CALL)
    assert [next(responses).document.fields["time"].integer_value for _ in range(3)] == [1, 5, 9]
    responses.close()
    assert len(parsed) <= 3
    counted = wire.RunAggregationQueryRequest(parent=ROOT)
    first = query("c", "time", where=USER, limit=7)
    counted.structured_aggregation_query.structured_query.CopyFrom(first.structured_query)
    counted.structured_aggregation_query.aggregations.add().count.SetInParent()
    parsed.clear()
    (response,) = large.run_aggregation(counted, CALL)
    assert [value.integer_value for value in response.result.aggregate_fields.values()] == [7]
    assert len(parsed) <= 7


@pytest.mark.parametrize("direction", ["", " desc"])
def test_sqlite_sorts_and_scans_nothing(large: EmbeddedBackend, direction: str) -> None:
    request = query("c", f"time{direction}", where=USER, limit=20)
    paths(large, request)
    run: list[str] = []
    with large.engine.store.reading() as connection:
        connection.set_trace_callback(run.append)
        assert (
            len(list(reader.Reader(DeclaredIndexes()).find(connection, read_query(ROOT, request.structured_query))))
            == 20
        )
        connection.set_trace_callback(None)
        statements = [statement for statement in run if "FROM entries" in statement]
        assert statements
        for statement in statements:
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
            assert all(step.startswith("SEARCH") for step in plan), plan


# Entries that are cut


LONG = [f"{'long' * 800}{end}" for end in ("", "a", "a\0", "b", "é")]


def test_long_values(backend: EmbeddedBackend) -> None:
    each: list[Any] = [*LONG, *[text.encode() for text in LONG], *[{"k": text} for text in LONG], "long", "m"]
    each += [[text, "x"] for text in LONG]
    put(backend, {f"c/{number % 10}{number}": {"v": value} for number, value in enumerate(each)})
    put(backend, {f"c/t{number}": {"t": [text, "x", "y"], "v": number} for number, text in enumerate(LONG)})
    put(backend, {"c/same1": {"v": LONG[0]}, "c/same2": {"v": LONG[0]}, "c/both": {"t": LONG}})
    requests = [query("c", "v"), query("c", "v desc"), query("c", "v desc", "__name__")]
    for value in (LONG[1], LONG[2], LONG[1].encode(), {"k": LONG[1]}, [LONG[1], "x"]):
        requests += [query("c", where=where("v", operator, value)) for operator in ("==", "<", "<=", ">", ">=", "!=")]
        requests.append(query("c", "v desc", start=cursor(value, before=False), limit=3))
        requests.append(query("c", "v", start=cursor(value, before=True), end=cursor("z", before=True), limit=3))
    for text in LONG:
        requests.append(query("c", where=where("t", "array-contains", text)))
        requests.append(query("c", "v", where=where("t", "array-contains", text)))
    requests.append(query("c", where=where("t", "array-contains-any", LONG)))
    check(backend, *requests)
    assert all(used(backend, request) for request in requests)
    with backend.engine.store.reading() as connection:
        (length,) = connection.execute("SELECT max(length(key)) FROM entries").fetchone()
    assert length == entries.MAX_ENTRY_BYTES


def test_an_array_with_an_element_that_is_cut_where_another_ends(backend: EmbeddedBackend) -> None:
    """The entry of the second element is the least one behind all those of the first."""
    for length in range(1_480, 1_500):
        text = "a" * length
        put(backend, {"c/1": {"t": [{"k": text}, {"k": text, "l": 1}]}})
        request = query("c", where=where("t", "array-contains", {"k": text}))
        assert paths(backend, request) == ["c/1"], length
        assert used(backend, request)


def test_long_names(backend: EmbeddedBackend) -> None:
    names = [f"c/{'n' * 1_450}{end}" for end in ("", "a", "b", "é", "\u0001", "z" * 30)]
    put(backend, {name: {"a": 1, "t": ["x" * 60]} for name in names})
    check(
        backend,
        query("c", where=A),
        query("c", "__name__ desc", where=A),
        query("c", where=where("t", "array-contains", "x" * 60), limit=2),
        query("c", "a", "__name__", start=cursor(1, Reference(names[2]), before=False)),
        query("c", "a desc", "__name__ desc", start=cursor(1, Reference(names[2]), before=True)),
    )


# Keeping up


REQUESTS = [
    query("c", "a"),
    query("c", "b desc", where=where("a", ">=", 0)),
    query("c", "a", where=T),
    query("c", where=A),
]


def test_random_writes(backend: EmbeddedBackend) -> None:
    """Updates, masks, transforms, deletions; some of them are refused, and then none of their commit is applied."""
    numbers = iter(range(1_000_000))

    @SOME
    @given(HISTORIES)
    def write(history: list[Commit]) -> None:
        run = f"run{next(numbers)}"
        requests = [query(run, "a"), query(run, "b desc", where=where("a", "==", 1)), query(run, "`a.b`", "a.b")]
        requests.append(query(run, where=where("a", "array-contains", 1)))
        observer = Observer(backend, run, DOCUMENTS)
        for at, commit in enumerate(history):
            if at == len(history) // 2:
                assert all(used(backend, request) for request in requests if paths(backend, request))
            observer.send(commit)
        check(backend, *requests)

    write()
    assert len(asking.entries(backend)) > 50


def test_a_commit_that_fails_changes_no_entry(backend: EmbeddedBackend) -> None:
    put(backend, {"c/1": {"a": 1}})
    check(backend, *REQUESTS)
    before = asking.entries(backend)
    commit = wire.CommitRequest(database=DATABASE)
    commit.writes.add().update.CopyFrom(document_of("c/2", {"a": 2}))
    commit.writes.add().delete = f"{ROOT}/c/1"
    failing = commit.writes.add()
    failing.update.CopyFrom(document_of("c/3", {}))
    failing.current_document.exists = True
    with pytest.raises(StorageError):
        backend.commit(commit, CALL)
    assert asking.entries(backend) == before
    check(backend, *REQUESTS)


def test_an_index_that_cannot_be_made_is_not_there(backend: EmbeddedBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    put(backend, {f"c/{number}": {"a": number} for number in range(3)})
    request = query("c", "a desc")
    with monkeypatch.context() as patch:
        patch.setattr(entries, "name_key", failing_at(3))
        with pytest.raises(ZeroDivisionError):
            paths(backend, request)
    assert used(backend, request) == []
    assert asking.entries(backend) == []
    assert paths(backend, request) == ["c/2", "c/1", "c/0"]
    assert used(backend, request) == [fields_of("a")]


def failing_at(call: int) -> Callable[[str], bytes]:
    calls = iter(range(1, call))
    return lambda name: name.encode() if next(calls, None) else bytes(1 // 0)


# Several clients


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def two(file: Path) -> Iterator[tuple[EmbeddedBackend, EmbeddedBackend]]:
    """Two clients of one file, both of which know that it has no indexes."""
    backends = [EmbeddedBackend(file, strict_indexes=False) for _ in range(2)]
    put(backends[0], {"c/1": {"a": 1}})
    for backend in backends:
        assert used(backend, query("c", "a")) == []
    yield backends[0], backends[1]
    for backend in backends:
        backend.close()


def test_an_index_of_another_client(two: tuple[EmbeddedBackend, EmbeddedBackend]) -> None:
    one, other = two
    for request in REQUESTS:
        paths(one, request)
    put(other, {"c/2": {"a": 2, "b": 1}, "c/3": {"a": 3, "t": ["x"]}, "c/1": {"a": 4}})
    remove(other, ["c/2"])
    check(one, *REQUESTS)
    check(other, *REQUESTS)
    assert used(other, query("c", "a")) == [fields_of("a")]
    put(one, {"c/4": {"a": 0}})
    check(other, *REQUESTS)
    assert paths(other, query("c", "a")) == ["c/4", "c/3", "c/1"]


def test_an_index_that_is_younger_than_a_transaction(two: tuple[EmbeddedBackend, EmbeddedBackend]) -> None:
    """The transaction sees neither the index nor the document; a write that comes in between knows the index."""
    one, other = two
    begun = one.begin(wire.BeginTransactionRequest(), CALL).transaction
    inside = query("c", "a")
    inside.transaction = begun
    assert paths(one, inside) == ["c/1"]
    assert paths(other, query("c", "a")) == ["c/1"]
    put(one, {"c/2": {"a": 0}})
    assert paths(one, inside) == ["c/1"]
    put(one, {"c/3": {"a": 2}})
    assert paths(one, inside) == ["c/1"]
    put(other, {"c/4": {"a": 3}})
    one.rollback(wire.RollbackRequest(transaction=begun), CALL)
    check(one, query("c", "a"))
    assert paths(one, query("c", "a")) == ["c/2", "c/1", "c/3", "c/4"]
    assert used(one, query("c", "a")) == [fields_of("a")]


def test_another_process(two: tuple[EmbeddedBackend, EmbeddedBackend], file: Path) -> None:
    one, _ = two
    check(one, *REQUESTS)
    script = """
import sys
from firestore_runtime.embedded import DeclaredIndexes, EmbeddedBackend
from firestore_runtime.embedded import candidates
from tests.runtime.embedded.asking import paths, put, query, remove
candidates._FEW = 1
backend = EmbeddedBackend(sys.argv[1], strict_indexes=False)
put(backend, {"c/2": {"a": 0, "z": 1}, "c/1": {"a": 5}})
remove(backend, ["c/1"])
assert paths(backend, query("c", "z")) == ["c/2"]
backend.close()
"""
    subprocess.run([sys.executable, "-c", script, str(file)], check=True, timeout=60, cwd=Path(__file__).parents[3])
    put(one, {"c/3": {"a": 1, "z": 0}})
    check(one, *REQUESTS, query("c", "z"))
    assert used(one, query("c", "z")) == [fields_of("z")]
    assert paths(one, query("c", "z")) == ["c/3", "c/2"]
