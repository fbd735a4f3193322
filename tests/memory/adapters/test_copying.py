"""Copies of documents that are changed while they are copied: whenever, a copy is what its document is then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from firestore_memory import Backend, MemoryClient
from firestore_memory.adapters._bindings import ROLLOUT
from firestore_runtime._sync.untyped import UntypedCollection
from firestore_runtime.options import Options
from firestore_runtime.rollout._sync.copying import Copier
from firestore_runtime.rollout.copies import Outcome, Route
from tests.memory.adapters.rollouts import a_record, stored, watched

pytestmark = pytest.mark.parametrize("store", ["firestore", "embedded"], indirect=True)
"""Indexes make no difference here."""

ITEMS, RECORDS = ROLLOUT.layouts["items"], ROLLOUT.layouts["records"]
FORWARD = Route(RECORDS, "forward", "memory_records", "records")
BACK = Route(RECORDS, "back", "records", "memory_records")
CALLS = 12
"""At most so many procedures are called for a copy that is disturbed once."""

Happening = Callable[["Pair"], None]


class Pair:
    """A document and its copy, in one store or in two."""

    def __init__(self, source: Backend, target: Backend, route: Route = FORWARD) -> None:
        self.source, self.target, self.route = source, target, route
        self.calls = 0
        self.happening: tuple[int, Happening] | None = None

    def copy(self, *, always: bool) -> Outcome:
        """Copy the document; what is to happen happens before the call of that number."""
        _, source = watched(self.source, self._before)
        _, target = watched(self.target, self._before)
        return Copier(self.route, source, target, Options(), always=always).copy(["x"])["x"]

    def write(self, backend: Backend, path: str, content: str | None) -> None:
        """Write or delete one of both."""
        collection = UntypedCollection(backend, path, Options())
        if content is None:
            collection.delete("x")
        else:
            collection.set("x", a_record(content=content).model_dump())

    def write_source(self, content: str | None) -> None:
        self.write(self.source, self.route.source, content)

    def write_target(self, content: str | None) -> None:
        self.write(self.target, self.route.target, content)

    def contents(self) -> tuple[str | None, str | None]:
        """What both say."""
        both = (stored(self.source, self.route.source), stored(self.target, self.route.target))
        first, second = (found["x"]["content"] if "x" in found else None for found in both)
        return first, second

    def _before(self, name: str, request: Any) -> None:
        self.calls += 1
        if self.happening and self.happening[0] == self.calls:
            self.happening[1](self)


def changed(pair: Pair) -> None:
    """A program that writes one shape only changes the document."""
    pair.write_source("changed")


def deleted(pair: Pair) -> None:
    pair.write_source(None)


def both_changed(pair: Pair) -> None:
    """A program that writes both changes both."""
    pair.write_source("changed")
    pair.write_target("changed")


def both_deleted(pair: Pair) -> None:
    pair.write_source(None)
    pair.write_target(None)


def both_made_again(pair: Pair) -> None:
    both_deleted(pair)
    both_changed(pair)


HAPPENINGS = [changed, deleted, both_changed, both_deleted, both_made_again]
each_route = pytest.mark.parametrize("route", [FORWARD, BACK], ids=["forward", "back"])


@pytest.fixture
def other() -> Iterator[MemoryClient]:
    with MemoryClient.connect("memory:") as client:
        yield client


@each_route
@pytest.mark.parametrize("always", [False, True])
@pytest.mark.parametrize("happening", HAPPENINGS)
@pytest.mark.parametrize("is_there", [False, True])
def test_at_whatever_moment(
    is_there: bool, happening: Happening, always: bool, route: Route, client: MemoryClient, other: MemoryClient
) -> None:
    for number in range(1, CALLS):
        pair = Pair(client.backend, other.backend, route)
        pair.write_target("before" if is_there else None)
        pair.write_source("document")
        pair.happening = (number, happening)
        outcome = pair.copy(always=always)
        document, copy = pair.contents()
        if pair.calls < number:
            assert (document, copy) == ("document", "document"), "nothing has happened"
            return
        kept = is_there and not always and happening is deleted  # a program may have written it, and it alone
        assert copy == document or (kept and copy in ("before", "document")), (number, outcome)
        assert outcome.fate != "failed"
    raise AssertionError("it never ends")


@each_route
def test_in_one_store(route: Route, client: MemoryClient) -> None:
    for number in range(1, CALLS):
        pair = Pair(client.backend, client.backend, route)
        both_deleted(pair)
        pair.write_source("document")
        pair.happening = (number, both_changed)
        pair.copy(always=False)
        assert pair.contents() == (("changed", "changed") if pair.calls >= number else ("document", "document"))


def test_a_copy_that_somebody_else_writes_meanwhile_stays(client: MemoryClient, other: MemoryClient) -> None:
    for number in range(1, CALLS):
        pair = Pair(client.backend, other.backend)
        pair.write_target(None)
        pair.write_source("document")
        pair.happening = (number, lambda pair: pair.write_target("theirs"))
        pair.copy(always=False)
        assert pair.contents() == ("document", "theirs" if pair.calls >= number else "document")


def test_a_newer_copy_stays(client: MemoryClient, other: MemoryClient) -> None:
    pair = Pair(client.backend, other.backend)
    pair.write_source("document")
    pair.write_target("newer")
    assert pair.copy(always=False) == Outcome("newer", ("content",))
    assert pair.contents() == ("document", "newer")
    assert pair.copy(always=True).fate == "replaced"
    assert pair.contents() == ("document", "document")


def test_an_older_one_does_not(client: MemoryClient, other: MemoryClient) -> None:
    pair = Pair(client.backend, other.backend)
    pair.write_target("older")
    pair.write_source("document")
    assert pair.copy(always=False) == Outcome("replaced", ("content",))
    assert pair.copy(always=False).fate == "equal"


def test_a_copy_of_nothing(client: MemoryClient, other: MemoryClient) -> None:
    """It may have been written by somebody else, unless copies always follow."""
    pair = Pair(client.backend, other.backend)
    pair.write_target("of nothing")
    assert pair.copy(always=False).fate == "absent"
    assert pair.copy(always=True).fate == "deleted"
    assert pair.copy(always=True).fate == "absent"


def test_one_that_is_changed_all_the_time(client: MemoryClient, other: MemoryClient) -> None:
    pair = Pair(client.backend, other.backend)
    numbers = iter(range(1_000))
    pair.write_source("document")

    def change(name: str, request: Any) -> None:
        if name == "batch_write":
            pair.write_source(f"changed {next(numbers)}")

    _, target = watched(pair.target, change)
    outcome = Copier(FORWARD, pair.source, target, Options(), always=True).copy(["x"])["x"]
    assert outcome == Outcome("failed", reason="it is changed all the time")


@pytest.mark.parametrize("outdated", [{"x"}, set[str]()])
def test_what_is_being_copied_the_other_way_stays(
    outdated: set[str], client: MemoryClient, other: MemoryClient
) -> None:
    pair = Pair(client.backend, other.backend)
    pair.write_source("document")
    pair.write_target("later")
    copier = Copier(FORWARD, pair.source, pair.target, Options(), always=True, outdated=lambda document_ids: outdated)
    assert copier.copy(["x"])["x"].fate == ("newer" if outdated else "replaced")
    assert pair.contents() == ("document", "later" if outdated else "document")


def test_what_cannot_be_converted(client: MemoryClient) -> None:
    items = UntypedCollection(client.backend, "memory_items", Options())
    items.set("late", {"user_id": "ada", "item_type": "note", "timestamp": "soon"})
    items.set("whose", {"item_type": "note"})
    items.set("good", {"user_id": "ada", "item_type": "note"})
    copier = Copier(
        Route(ITEMS, "forward", "memory_items", "memories"), client.backend, client.backend, Options(), always=False
    )
    outcomes = copier.copy(["late", "whose", "good"])
    assert {each: outcome.fate for each, outcome in outcomes.items()} == {
        "late": "failed",
        "whose": "failed",
        "good": "created",
    }
    assert "timestamp: a text that is no time" in outcomes["late"].reason
    assert "user_id" in outcomes["whose"].reason
