"""The headers that Firestore's front end routes by, and the emulator's credentials."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google.cloud.firestore import AsyncClient, Client

from firestore_memory import AsyncMemoryClient
from firestore_runtime.wire import BatchWriteRequest, BeginTransactionRequest, RollbackRequest
from tests.emulator import VARIABLE
from tests.helpers.flavours import Driver
from tests.helpers.stored import CALL
from tests.runtime.faults.operations import OPERATIONS
from tests.runtime.faults.server import Request, Server, serving

DATABASE = "projects/my-project/databases/(default)"

_DATABASE = "projects/my-project/databases/%28default%29"
_NAMESPACE = f"{_DATABASE}/documents/namespaces/%C3%BC"
PARAMETERS = {
    "GetDocument": f"name={_NAMESPACE}/memories/a",
    "RunQuery": f"parent={_NAMESPACE}",
    "RunAggregationQuery": f"parent={_NAMESPACE}",
    "BatchGetDocuments": f"database={_DATABASE}",
    "Commit": f"database={_DATABASE}",
    "BatchWrite": f"database={_DATABASE}",
    "BeginTransaction": f"database={_DATABASE}",
    "Rollback": f"database={_DATABASE}",
}
"""https://github.com/googleapis/googleapis/blob/master/google/firestore/v1/firestore.proto (google.api.http)"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving() as server:
        monkeypatch.setenv(VARIABLE, server.host)
        yield server


async def call_everything(client: AsyncMemoryClient) -> None:
    """Call every remote procedure."""
    for operation in OPERATIONS.values():
        await operation(client.memory_items)
    backend, batch, begin, rollback = client.backend, BatchWriteRequest(), BeginTransactionRequest(), RollbackRequest()
    batch.database = begin.database = rollback.database = backend.database
    await backend.batch_write(batch, CALL)
    await backend.begin(begin, CALL)
    await backend.rollback(rollback, CALL)


def check(request: Request) -> None:
    parameters = request.headers["x-goog-request-params"]
    assert parameters == PARAMETERS[request.procedure], request.procedure
    assert request.headers["google-cloud-resource-prefix"] == DATABASE
    assert request.headers["authorization"] == "Bearer owner"


async def test_every_procedure_sends_the_headers(flavour: str, server: Server) -> None:
    driver = Driver("sync" if flavour == "sync" else "async", "firestore://my-project")
    client = driver.connect(namespace="ü")
    await call_everything(client)
    for request in server.requests:
        check(request)
    assert {request.procedure for request in server.requests} == set(PARAMETERS)
    await driver.close()


async def test_a_shared_channel_sends_them_too(flavour: str, server: Server) -> None:
    google_client = Client(project="my-project") if flavour == "sync" else AsyncClient(project="my-project")
    driver = Driver("sync" if flavour == "sync" else "async", "firestore://my-project")
    client = driver.client_on(driver.backend_from(google_client), namespace="ü")
    await call_everything(client)
    for request in server.requests:
        check(request)
    closing = google_client._firestore_api.transport.close()
    if flavour == "async":
        await closing
