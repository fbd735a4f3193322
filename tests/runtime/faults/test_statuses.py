"""Whatever status a call ends with, the caller sees one of our errors."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from firestore_memory import (
    AlreadyExistsError,
    AsyncMemoryClient,
    ConfigurationError,
    ConflictError,
    MissingIndexError,
    NotFoundError,
    OperationError,
    QuotaExceededError,
    Retry,
    StorageConnectionError,
    StorageError,
    StoragePermissionError,
    StorageTimeoutError,
    ValidationError,
)
from tests.emulator import VARIABLE
from tests.helpers.failures import fails
from tests.helpers.flavours import Driver
from tests.runtime.faults.operations import OPERATIONS, Operation, each_operation
from tests.runtime.faults.server import Server, serving

STATUSES: dict[str, type[StorageError]] = {
    "ABORTED": ConflictError,
    "ALREADY_EXISTS": AlreadyExistsError,
    "CANCELLED": StorageConnectionError,
    "DATA_LOSS": OperationError,
    "DEADLINE_EXCEEDED": StorageTimeoutError,
    "FAILED_PRECONDITION": ConflictError,
    "INTERNAL": OperationError,
    "INVALID_ARGUMENT": ValidationError,
    "NOT_FOUND": NotFoundError,
    "OUT_OF_RANGE": ValidationError,
    "PERMISSION_DENIED": StoragePermissionError,
    "RESOURCE_EXHAUSTED": QuotaExceededError,
    "UNAUTHENTICATED": StoragePermissionError,
    "UNAVAILABLE": StorageConnectionError,
    "UNIMPLEMENTED": OperationError,
    "UNKNOWN": OperationError,
}
PASSING = {"ABORTED", "DEADLINE_EXCEEDED", "INTERNAL", "RESOURCE_EXHAUSTED", "UNAVAILABLE"}
"""The statuses of failures that may pass."""
REFUSING = {"ABORTED", "RESOURCE_EXHAUSTED"}
"""Those that prove that nothing was done, so that even an increment may be sent again."""
NO_FAILURES = {("NOT_FOUND", name) for name in ("get", "exists", "get_snapshot")}
"""There is no such document."""

INDEX = "The query requires an index. You can create it here: https://console.firebase.google.com/…"
DATABASE = (
    "The database (default) does not exist for project my-project. Please visit https://console.cloud.google.com/…"
)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving() as server:
        monkeypatch.setenv(VARIABLE, server.host)
        yield server


@pytest.fixture
def client(driver: Driver, server: Server) -> AsyncMemoryClient:
    return driver.connect("firestore://my-project")


@pytest.mark.parametrize(
    ("name", "status"),
    [(name, status) for name, status in product(OPERATIONS, STATUSES) if (status, name) not in NO_FAILURES],
)
async def test_every_status(client: AsyncMemoryClient, server: Server, name: str, status: str) -> None:
    server.status = status
    once = client.memory_items.with_options(retry=False)
    with fails(STATUSES[status], f"memory_items.{name}", operation=name) as caught:
        await OPERATIONS[name](once)
    assert caught.value.retryable == (status in PASSING)
    assert caught.value.__cause__ is not None or (status, name) == ("NOT_FOUND", "require")
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(("name", "is_repeatable"), [("list", True), ("set", True), ("update", False)])
async def test_what_is_tried_again(
    client: AsyncMemoryClient, server: Server, status: str, name: str, is_repeatable: bool
) -> None:
    server.status, server.failures = status, 2
    impatient = client.memory_items.with_options(retry=Retry(initial=0.01))
    if status in (PASSING if is_repeatable else REFUSING):
        await OPERATIONS[name](impatient)
        assert len(server.requests) == 3
    else:
        with fails(STATUSES[status], operation=name):
            await OPERATIONS[name](impatient)
        assert len(server.requests) == 1


@each_operation
async def test_a_missing_database(client: AsyncMemoryClient, server: Server, name: str, operation: Operation) -> None:
    """It is not a missing document."""
    server.status, server.details = "NOT_FOUND", DATABASE
    with fails(ConfigurationError, "my-project", operation=name):
        await operation(client.memory_items)


async def test_a_missing_index(client: AsyncMemoryClient, server: Server) -> None:
    server.status, server.details = "FAILED_PRECONDITION", INDEX
    with fails(MissingIndexError, INDEX, operation="list"):
        await client.memory_items.all().list()


async def test_health(client: AsyncMemoryClient, server: Server) -> None:
    assert await client.health()
    for status, kind in STATUSES.items():
        server.status = status
        health = await client.health()
        assert health.healthy == (status == "NOT_FOUND")  # which is an answer
        assert type(health.error) is (type(None) if health.healthy else kind)
