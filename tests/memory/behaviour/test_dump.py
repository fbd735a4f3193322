"""Documents in files: written by `dump`, read by `load`, with nothing lost on the way."""

from __future__ import annotations

import asyncio
import io
import json
import math
import os
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from firestore_memory import (
    AsyncMemoryClient,
    BulkWriteError,
    Call,
    CorruptDocumentError,
    DocumentPath,
    FirestoreBackend,
    GeoPoint,
    MemoryClient,
    PersonaConfig,
    SessionTurn,
    StorageConnectionError,
    TurnRole,
    ValidationError,
    Vector,
)
from firestore_runtime.limits import MAX_BATCH_WRITES
from firestore_runtime.wire import BatchWriteRequest, BatchWriteResponse
from tests.helpers.failures import fails, refused
from tests.helpers.flavours import Driver
from tests.helpers.items import an_item
from tests.helpers.stored import look, put, put_all
from tests.helpers.stores import sends_nothing

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty directory; a store may lie beside it."""
    path = tmp_path / "folder"
    path.mkdir()
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def dumped(client: AsyncMemoryClient, *collections: str) -> list[str]:
    """Dump, and return the lines."""
    file = io.StringIO()
    count = await client.dump(file, collections=collections or None)
    lines = file.getvalue().splitlines()
    assert len(lines) == count
    return lines


async def loaded(client: AsyncMemoryClient, *lines: str) -> int:
    """Load lines."""
    return await client.load(io.StringIO("\n".join(lines)))


def a_line(path: str, **fields: Any) -> str:
    return json.dumps({"path": path, "fields": fields})


# There and back


async def test_every_type_of_value(client: AsyncMemoryClient, driver: Driver) -> None:
    values = {
        "integer": 2**53 + 1,
        "double": 3.0,
        "negative zero": -0.0,
        "nan": math.nan,
        "infinity": [math.inf, -math.inf],
        "null": None,
        "boolean": True,
        "string": "Zoë\n\x85\u2028\u2029😀",
        "bytes": b"\x00\xff",
        "timestamp": datetime(1969, 7, 20, 20, 17, 40, 123456, tzinfo=UTC),
        "geopoint": GeoPoint(52.5, -13.4),
        "reference": client.personas.path("sage"),
        "vector": Vector([0.1, -0.0, 1e300]),
        "array": [1, "two", {"three": []}],
        "map": {"$bytes": 1},
        "map of a map": {"$map": {"$map": {}}},
        "empty": {},
    }
    await client.memory_items.set(an_item(id="a", timestamp=NOON, metadata=values))
    other = driver.connect(namespace="other")
    [line] = await dumped(client)
    assert await loaded(other, line) == 1
    assert await dumped(other) == [line]
    found = (await other.memory_items.require("a")).metadata
    expected = {**values, "reference": other.personas.path("sage")}
    assert {key: repr(item) for key, item in found.items()} == {key: repr(item) for key, item in expected.items()}


async def test_how_a_document_is_written(client: AsyncMemoryClient) -> None:
    await put(client, "personas/sage", name="sage", description="Calm.", traits={"b": 1, "a": 1.0}, since=NOON)
    [line] = await dumped(client)
    assert line == (
        '{"path": "personas/sage", "fields": {"description": "Calm.", "name": "sage", '
        '"since": {"$timestamp": "2024-01-01T12:00:00Z"}, "traits": {"a": 1.0, "b": 1}}}'
    )


WRITTEN_BY_HAND = """
{"path": "memories/m1", "fields": {"user_id": "ada", "item_type": "fact", "embedding": {"$vector": [1, 0]},\
 "timestamp": {"$timestamp": "2024-01-01T13:00:00+01:00"}}}

   {"fields": {"role": "user", "content": "Hello!"}, "path": "sessions/s1/turns/t1"}"""


async def test_what_a_person_writes(client: AsyncMemoryClient, folder: Path) -> None:
    seed = folder / "seed.ndjson"
    seed.write_text(WRITTEN_BY_HAND)
    assert await client.load(seed) == 2
    item = await client.memory_items.require("m1")
    assert (item.timestamp, item.embedding, item.id) == (NOON, [1.0, 0.0], "m1")
    assert (await client.session_turns(session_id="s1").require("t1")).content == "Hello!"


async def test_documents_are_replaced_whole_and_others_stay(client: AsyncMemoryClient) -> None:
    await put_all(client, {"memories/a": {"user_id": "old", "mood": "fine"}, "memories/b": {"user_id": "b"}})
    await loaded(client, a_line("memories/a", user_id="new"), a_line("memories/a", user_id="newer"))
    assert await look(client, "memories/a") == {"user_id": "newer"}
    assert await look(client, "memories/b") == {"user_id": "b"}


async def test_the_server_sets_nothing(client: AsyncMemoryClient) -> None:
    """Not even what it sets in other writes: what is loaded is what was dumped."""
    await client.session_turns(session_id="s").create(SessionTurn(role=TurnRole.USER, content="hi"), id="t")
    lines = await dumped(client)
    await loaded(client, *lines, a_line("sessions/s/turns/u", role="user", content="ho"))
    turns = client.session_turns(session_id="s")
    assert await dumped(client) == [*lines, a_line("sessions/s/turns/u", content="ho", role="user")]
    assert (await turns.require("u")).created_at is None


async def test_documents_that_fit_no_model(client: AsyncMemoryClient, driver: Driver) -> None:
    await put(client, "memories/a", user_id=5, mood="fine")
    lines = await dumped(client)
    other = driver.connect(namespace="other")
    await loaded(other, *lines)
    assert await look(other, "namespaces/other/memories/a") == {"user_id": 5, "mood": "fine"}
    with fails(CorruptDocumentError):
        await other.memory_items.get("a")


async def test_an_empty_store(client: AsyncMemoryClient) -> None:
    assert await dumped(client) == []
    assert await loaded(client) == 0
    assert await loaded(client, " [ ] ") == 0


# Collections and namespaces


async def some_documents(client: AsyncMemoryClient) -> list[str]:
    """Store documents in three collections, whose paths it returns, and others around them."""
    namespace = "" if client.namespace is None else f"namespaces/{client.namespace}/"
    paths = ["memories/a", "personas/sage", "sessions/r/turns/z", "sessions/s/turns/a", "sessions/s/turns/b"]
    beside = ["turns/a", "sessions/s/turns/b/turns/c", "others/s/turns/a", "unknown/a"]
    await put_all(client, {f"{namespace}{path}": {"n": 1} for path in [*reversed(paths), *beside]})
    return paths


def paths_of(lines: Iterable[str]) -> list[str]:
    return [json.loads(line)["path"] for line in lines]


async def test_all_collections_and_nothing_else(client: AsyncMemoryClient, driver: Driver) -> None:
    await some_documents(driver.connect(namespace="other"))
    assert await dumped(client) == []
    paths = await some_documents(client)
    assert paths_of(await dumped(client)) == paths


async def test_some_collections(client: AsyncMemoryClient) -> None:
    await some_documents(client)
    assert paths_of(await dumped(client, "session_turns", "memory_items")) == [
        "memories/a",
        "sessions/r/turns/z",
        "sessions/s/turns/a",
        "sessions/s/turns/b",
    ]
    assert paths_of(await dumped(client, "personas")) == ["personas/sage"]
    with refused(ValidationError, "dump: there is no collection 'memories', only memory_items, "):
        await dumped(client, "memories")


@sends_nothing
async def test_no_index_is_needed(driver: Driver) -> None:
    strict = driver.connect("memory:")
    paths = await some_documents(strict)
    assert paths_of(await dumped(strict)) == paths


async def test_from_one_namespace_into_another(driver: Driver) -> None:
    one, two, none = driver.connect(namespace="one"), driver.connect(namespace="two"), driver.connect()
    paths = await some_documents(one)
    lines = await dumped(one)
    assert paths_of(lines) == paths
    for client in (two, none):
        assert await loaded(client, *lines) == len(paths)
        assert await dumped(client) == lines


async def test_references_lead_to_the_namespace_and_database_that_they_are_loaded_into(driver: Driver) -> None:
    one, two, none = driver.connect(namespace="one"), driver.connect(namespace="two"), driver.connect()
    root = f"{one.backend.database}/documents"
    elsewhere = DocumentPath("projects/elsewhere/databases/d/documents/a/b")
    references = {"inside": one.personas.path("sage"), "outside": none.personas.path("sage"), "elsewhere": elsewhere}
    await one.memory_items.set(an_item(id="a", metadata=references))
    lines = await dumped(one)
    assert json.loads(lines[0])["fields"]["metadata"] == {
        "elsewhere": {"$reference": elsewhere},
        "inside": {"$reference": "personas/sage"},
        "outside": {"$reference": "/personas/sage"},
    }
    await loaded(two, *lines)
    assert (await two.memory_items.require("a")).metadata == {**references, "inside": two.personas.path("sage")}
    assert await look(two, "namespaces/two/memories/a") is not None
    await loaded(none, *lines)
    assert (await none.memory_items.require("a")).metadata == {**references, "inside": none.personas.path("sage")}
    stored = await look(none, "memories/a")
    assert stored is not None
    assert stored["metadata"]["outside"] == f"{root}/personas/sage"


async def test_two_dumps_of_the_same_documents_are_the_same(client: AsyncMemoryClient, driver: Driver) -> None:
    other = driver.connect(namespace="other")
    fields = [("a", 1), ("ä", 2), ("B", {"y": 1, "x": 2})]
    ids = ["b", "a", "ä", "B", "10", "9", "😀", "\ue000"]
    for key in ids:
        await put(client, f"memories/{key}", **dict(fields))
    for key in reversed(ids):
        await put(other, f"namespaces/other/memories/{key}", **dict(reversed(fields)))
    lines = await dumped(client)
    assert lines == await dumped(other)
    assert paths_of(lines) == [f"memories/{key}" for key in sorted(ids, key=str.encode)]


# Transactions


async def test_a_dump_of_one_moment(client: AsyncMemoryClient) -> None:
    await client.memory_items.set(an_item(id="a"))
    file = io.StringIO()

    async def dump(tx: AsyncMemoryClient) -> int:
        await client.personas.set(PersonaConfig(name="sage", description="Calm."))
        return await tx.dump(file)

    assert await client.run_transaction(dump, read_only=True) in (1, 2)  # where the moment is, the server decides
    assert await client.personas.exists("sage")


async def test_all_or_nothing(client: AsyncMemoryClient) -> None:
    async def load(tx: AsyncMemoryClient) -> None:
        assert await loaded(tx, a_line("memories/a"), a_line("personas/sage")) == 2
        raise LookupError("changed our mind")

    with pytest.raises(LookupError):
        await client.run_transaction(load)
    assert await dumped(client) == []
    await client.run_transaction(lambda tx: loaded(tx, a_line("memories/a"), a_line("personas/sage")))
    assert paths_of(await dumped(client)) == ["memories/a", "personas/sage"]


# Many


async def test_more_than_one_request_takes(client: AsyncMemoryClient, driver: Driver, folder: Path) -> None:
    lines = [a_line(f"memories/{number:04}", n=number) for number in range(2 * MAX_BATCH_WRITES + 7)]
    assert await loaded(client, *lines) == len(lines)
    path = folder / "dump.ndjson"
    assert await client.dump(path) == len(lines)
    assert path.read_text().splitlines() == lines


async def test_large_documents(client: AsyncMemoryClient) -> None:
    """More bytes than the emulator takes in a request."""
    lines = [a_line(f"memories/{number:02}", text="x" * 900_000) for number in range(12)]
    assert await loaded(client, *lines) == 12
    assert await dumped(client) == lines


# Files


async def test_a_path(client: AsyncMemoryClient, folder: Path) -> None:
    await put(client, "memories/ä", text="Zoë")
    path = folder / "dump.ndjson"
    assert await client.dump(path) == 1
    assert path.read_bytes() == '{"path": "memories/ä", "fields": {"text": "Zoë"}}\n'.encode()
    assert await client.load(str(path)) == 1
    assert await client.dump(str(path)) == 1
    assert names(folder) == ["dump.ndjson"]


@pytest.mark.parametrize(
    "text",
    [
        '\n [\n {"path": "memories/a", "fields": {}},\n\n {"path": "memories/b",\n "fields": {}} ]\n\n',
        '[{"path": "memories/a", "fields": {}},{"path": "memories/b", "fields": {}}]',
        '\ufeff{"path": "memories/a", "fields": {}}\r\n\r\n{"path": "memories/b", "fields": {}}',
    ],
    ids=["an array", "an array in one line", "as written on Windows"],
)
async def test_other_forms(client: AsyncMemoryClient, folder: Path, text: str) -> None:
    path = folder / "seed.json"
    path.write_bytes(text.encode())
    assert await client.load(path) == 2
    assert paths_of(await dumped(client)) == ["memories/a", "memories/b"]


async def test_a_dump_that_fails_leaves_the_old_file(client: AsyncMemoryClient, folder: Path) -> None:
    path = folder / "dump.ndjson"
    path.write_text("old")
    await client.close()
    with fails(StorageConnectionError, "closed", operation="dump") as caught:
        await client.dump(path)
    assert caught.value.collection == "memory_items"
    assert path.read_text() == "old"
    assert names(folder) == ["dump.ndjson"]


async def test_a_link_stays_one(client: AsyncMemoryClient, folder: Path) -> None:
    (folder / "data").mkdir()
    link = folder / "dump.ndjson"
    link.symlink_to(folder / "data" / "real.ndjson")
    await put(client, "memories/a", n=1)
    assert await client.dump(link) == 1
    assert link.is_symlink()
    assert (folder / "data" / "real.ndjson").read_text() == a_line("memories/a", n=1) + "\n"


async def test_a_pipe_is_written_and_not_replaced(client: AsyncMemoryClient, folder: Path) -> None:
    """The same holds for devices, but a test of that could replace one of the machine's."""
    await put(client, "memories/a", n=1)
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert await client.dump(pipe) == 1
        assert os.read(reader, 1_000).decode() == a_line("memories/a", n=1) + "\n"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert names(folder) == ["pipe"]


@sends_nothing
async def test_files_that_cannot_be_opened(client: AsyncMemoryClient, folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing\.ndjson"):
        await client.load(folder / "missing.ndjson")
    with pytest.raises(FileNotFoundError):
        await client.dump(folder / "missing" / "dump.ndjson")
    with pytest.raises(IsADirectoryError):
        await client.dump(folder)


async def test_files_that_are_open(client: AsyncMemoryClient, folder: Path) -> None:
    await put(client, "memories/a", n=1)
    path = folder / "dump.ndjson"
    with path.open("w+") as file:
        file.write("\n")
        assert await client.dump(file) == 1
        file.seek(0)
        assert await client.load(file) == 1
        assert not file.closed


@sends_nothing
@pytest.mark.parametrize("operation", ["dump", "load"])
async def test_files_that_are_open_as_bytes(client: AsyncMemoryClient, folder: Path, operation: str) -> None:
    with (folder / "dump.ndjson").open("wb+") as file, refused(ValidationError, f"{operation}: ", "open it as text"):
        await getattr(client, operation)(file)


# Mistakes

GOOD = a_line("memories/a")
BAD_LINES: dict[str, tuple[str, list[str]]] = {
    "an unknown collection": (a_line("memores/a"), ["'memores/a'", "memories", "sessions/{session_id}/turns"]),
    "a collection": (a_line("memories"), ["'memories'"]),
    "a path from the root": (a_line("/memories/a"), ["'/memories/a'"]),
    "another database": (a_line("projects/p/databases/d/documents/memories/a"), ["no document of this client's"]),
    "a reserved id": (a_line("memories/__a__"), ["'__a__' is reserved"]),
    "an empty id": (a_line("sessions//turns/a"), ["empty"]),
    "a long id": (a_line("/".join(["sessions", "s" * 1400, "turns", "t" * 1600])), ["1,600 bytes"]),
    "no fields": ('{"path": "memories/a"}', ['{"path": "COLLECTION/ID", "fields": {…}}']),
    "a key more": ('{"path": "memories/a", "fields": {}, "id": "a"}', ['{"path": "COLLECTION/ID"']),
    "no object": ("null", ['{"path": "COLLECTION/ID"']),
    "a path that is none": ('{"path": 1, "fields": {}}', ['{"path": "COLLECTION/ID"']),
    "fields that are none": ('{"path": "memories/a", "fields": []}', ['{"path": "COLLECTION/ID"']),
    "no JSON": ('{"path": memories}', ["no JSON", "column 10", '{"path": "COLLECTION/ID"']),
    "an object in several lines": ('{\n"path": "memories/a", "fields": {}}', ["column 2", "in one line"]),
    "two documents": (f"{GOOD} {GOOD}", ["something follows", "one in each line"]),
    "a constant": ('{"path": "memories/a", "fields": {"n": NaN}}', ['{"$double": "NaN"}']),
    "a key twice": ('{"path": "memories/a", "fields": {"n": 1, "n": 2}}', ["'n' comes twice"]),
    "a type that is none": (
        a_line("memories/a", at={"$time": "now"}),
        ["field 'at'", "$time is no type", "$timestamp"],
    ),
    "a bad value": (
        a_line("memories/a", at={"$timestamp": "now"}),
        ["field 'at'", '{"$timestamp": "2024-01-01T12:00:00Z"}'],
    ),
    "a reserved key": (a_line("memories/a", __a__=1), ["field '__a__'", "reserved"]),
    "too large": (a_line("memories/a", text="x" * 1_100_000), ["1,100,", "1,048,576"]),
    "too deep": (a_line("memories/a", n=json.loads('{"a":' * 30 + "1" + "}" * 30)), ["field 'n'", "20 levels"]),
    "far too deep": (f'{{"path": "memories/a", "fields": {{"n": {"[" * 9_999}', ["recursion"]),
}


@sends_nothing
@pytest.mark.parametrize(("line", "mentions"), BAD_LINES.values(), ids=BAD_LINES)
async def test_bad_lines(client: AsyncMemoryClient, folder: Path, line: str, mentions: list[str]) -> None:
    path = folder / "seed.ndjson"
    path.write_text(f"{GOOD}\n\n{line}\n{GOOD}\n")
    with refused(ValidationError, f"load: {path}, line 3: ", *mentions, "(nothing was loaded)"):
        await client.load(path)
    assert await dumped(client) == []
    if "\n" not in line and "no JSON" not in mentions and "recursion" not in mentions and not line.startswith(GOOD):
        with refused(ValidationError, "load: line 4: ", *mentions):
            await loaded(client, "", f"[{GOOD},", "", f"{line}]")


@sends_nothing
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[", 1),
        (f"\n[{GOOD}\n{GOOD}]", 3),
        (f"[{GOOD},\n\n]", 3),
        (f"[{GOOD}\n]\n{GOOD}", 2),
        (f"[\n{GOOD},\n{{", 3),
        (f'[\n{GOOD},\n{{"path":\n\noops}}]', 5),
    ],
)
async def test_bad_arrays(client: AsyncMemoryClient, text: str, line: int) -> None:
    with refused(ValidationError, f"load: line {line}: "):
        await client.load(io.StringIO(text))
    assert await dumped(client) == []


@sends_nothing
async def test_what_is_no_text(client: AsyncMemoryClient, folder: Path) -> None:
    path = folder / "seed.ndjson"
    path.write_bytes(b"\xff\xfe")
    with refused(ValidationError, f"load: {path}, line 0", "utf-8"):
        await client.load(path)


async def test_what_was_loaded_before_a_bad_line(client: AsyncMemoryClient) -> None:
    lines = [a_line(f"memories/{number:04}") for number in range(2 * MAX_BATCH_WRITES + 7)]
    with refused(ValidationError, f"load: line {len(lines) + 1}: ", "(1,000 documents before it were loaded)"):
        await loaded(client, *lines, "oops")
    assert await client.memory_items.all().count() == 2 * MAX_BATCH_WRITES


async def test_documents_that_the_server_refuses(client: AsyncMemoryClient) -> None:
    refusable = a_line("personas/sage", to={"$reference": "personas/__sage__"})
    with pytest.raises(BulkWriteError, match=r"load: 1 of 3 writes failed; .* personas\.load\('sage'\)") as caught:
        await loaded(client, a_line("memories/a"), refusable, a_line("memories/b"))
    assert caught.value.operation == "load"
    [outcome] = caught.value.report.failed
    assert (outcome.collection, outcome.document_id, outcome.operation) == ("personas", "sage", "load")
    assert paths_of(await dumped(client)) == ["memories/a", "memories/b"]


async def test_loading_after_closing(client: AsyncMemoryClient) -> None:
    await client.close()
    with refused(StorageConnectionError, "load: ", "closed"):
        await loaded(client, GOOD)


# How


class Watched(FirestoreBackend):
    """Notes how many lines have been read when a request is sent."""

    read = 0
    written = 0
    most_ahead = 0

    def lines(self, count: int) -> Iterator[str]:
        for number in range(count):
            self.read += 1
            yield a_line(f"memories/{number:05}") + "\n"

    def batch_write(self, request: BatchWriteRequest, call: Call) -> BatchWriteResponse:
        self.most_ahead = max(self.most_ahead, self.read - self.written)
        self.written += len(request.writes)
        return super().batch_write(request, call)


class Lines(io.TextIOBase):
    """A file that is made while it is read."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def __next__(self) -> str:  # type: ignore[override]  # typeshed says bytes, of any file
        return next(self._lines)


def test_no_more_is_read_than_can_be_on_its_way(project: str) -> None:
    backend = Watched.connect(project)
    client = MemoryClient(backend)
    assert client.load(Lines(backend.lines(5_000))) == 5_000  # type: ignore[arg-type]  # as much as is needed of a file
    assert backend.most_ahead <= 3_000
    backend.close()


def test_nothing_is_read_that_cannot_be_written(project: str) -> None:
    backend = Watched.connect(project)
    backend.close()
    with refused(StorageConnectionError, "load: ", "closed"):
        MemoryClient(backend).load(Lines(backend.lines(20_000)))  # type: ignore[arg-type]  # as above
    assert backend.read < 20_000


class Slow(io.StringIO):
    """A file on a slow disk."""

    def write(self, text: str) -> int:
        time.sleep(0.5)
        return super().write(text)

    def __next__(self) -> str:  # type: ignore[override]  # typeshed says bytes, of any file
        time.sleep(0.5)
        return super().__next__()


async def test_files_do_not_keep_the_event_loop_waiting(project: str) -> None:
    waits: list[float] = []

    async def tick() -> None:
        while True:
            started = time.monotonic()
            await asyncio.sleep(0.01)
            waits.append(time.monotonic() - started)

    async with AsyncMemoryClient.connect(f"firestore://{project}") as client:
        await client.memory_items.create(an_item())
        for work in (client.load(Slow(GOOD)), client.dump(Slow())):
            ticking = asyncio.create_task(tick())
            await work
            ticking.cancel()
    assert len(waits) > 20
    assert max(waits) < 0.4
