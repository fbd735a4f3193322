"""What a store makes of commits, in a form in which two stores can be compared."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TypeAlias

from firestore_memory import Backend
from firestore_runtime import wire
from firestore_runtime.errors import StorageError
from tests.runtime.embedded.differential_writes.plans import Commit, Version, message_of, name_of
from tests.runtime.embedded.messages import CALL, DATABASE

Item: TypeAlias = "str | list[Item] | dict[str, Item]"
"""A value. Its type is part of the text, and so is the sign of a zero."""

_NOW_SECONDS = 1_500_000_000
"""Later times are not from the tests: the store has set them."""


@dataclass(frozen=True)
class Stored:
    """A document; its times are the numbers of the commits that set them."""

    fields: dict[str, Item]
    created: str
    updated: str


@dataclass(frozen=True)
class Made:
    """The result of a write."""

    updated: str
    transformed: list[Item]


@dataclass(frozen=True)
class Observed:
    """What became of a commit.

    Attributes:
        answer: The results, or the name of the error; of a batch, one of them for each write.
        documents: What is stored afterwards.
    """

    answer: str | list[Made | int]
    documents: dict[str, Stored | None]


@dataclass
class Observer:
    """Sends commits to a store, and remembers what times it gave.

    Attributes:
        backend: The store.
        run: The collection, which is empty.
        documents: The documents that are looked at.
    """

    backend: Backend
    run: str
    documents: list[str]
    _times: dict[tuple[int, int], str] = field(default_factory=dict)
    _versions: dict[str, list[wire.Timestamp]] = field(default_factory=lambda: defaultdict(list))
    _count: int = 0

    def send(self, commit: Commit) -> Observed:
        """Send a commit, and look at the documents."""
        writes = [message_of(planned, self.run, self._version) for planned in commit.writes]
        self._count += 1
        try:
            answer: str | list[Made | int] = self._batch(writes) if commit.is_batch else self._commit(writes)
        except StorageError as error:
            answer = type(error).__name__
        return Observed(answer, {document: self._look(document) for document in self.documents})

    def _commit(self, writes: list[wire.Write]) -> list[Made | int]:
        response = self.backend.commit(wire.CommitRequest(database=DATABASE, writes=writes), CALL)
        self._name(response.commit_time)
        return [self._made(result) for result in response.write_results]

    def _batch(self, writes: list[wire.Write]) -> list[Made | int]:
        request = wire.BatchWriteRequest(database=DATABASE)
        request.writes.extend(writes)
        response = self.backend.batch_write(request, CALL)
        for result in response.write_results:
            if result.HasField("update_time"):
                self._name(result.update_time)  # a batch has no time of its own
        pairs = zip(response.status, response.write_results, strict=True)
        return [status.code or self._made(result) for status, result in pairs]

    def _made(self, result: wire.WriteResult) -> Made:
        updated = self._time(result.update_time) if result.HasField("update_time") else "-"
        return Made(updated, [_item(value) for value in result.transform_results])

    def _look(self, document: str) -> Stored | None:
        found = self.backend.get_document(wire.GetDocumentRequest(name=name_of(self.run, document)), CALL)
        if found is None:
            return None
        versions = self._versions[document]
        if not versions or versions[-1] != found.update_time:
            versions.append(found.update_time)
        fields = {key: _item(value) for key, value in found.fields.items()}
        return Stored(fields, self._time(found.create_time), self._time(found.update_time))

    def _version(self, document: str, version: Version) -> wire.Timestamp:
        times = self._versions[document]
        wanted = 1 if version == "current" else 2
        return times[-wanted] if len(times) >= wanted else _some_time()

    def _name(self, time: wire.Timestamp) -> None:
        self._times.setdefault((time.seconds, time.nanos), f"commit {self._count}")

    def _time(self, time: wire.Timestamp) -> str:
        return self._times[time.seconds, time.nanos]


def _some_time() -> wire.Timestamp:
    time = wire.CommitResponse().commit_time
    time.seconds = 5
    return time


def _item(value: wire.Value) -> Item:
    match value.WhichOneof("value_type"):
        case "array_value":
            return [_item(element) for element in value.array_value.values]
        case "map_value":
            return {key: _item(part) for key, part in value.map_value.fields.items()}
        case "double_value":
            return f"double_value: {value.double_value!r}"
        case "timestamp_value" if value.timestamp_value.seconds > _NOW_SECONDS:
            assert value.timestamp_value.nanos % 1_000 == 0
            return "the time of the request"
        case "geo_point_value":
            return f"geo_point_value: {value.geo_point_value.latitude!r} {value.geo_point_value.longitude!r}"
        case _:
            return str(value)
