"""A database in the emulator for one benchmark, filled by one contender for all of them."""

from __future__ import annotations

import http.client
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.documents import Documents
from firestore_memory import MemoryClient

VARIABLE = "FIRESTORE_EMULATOR_HOST"


@contextmanager
def new_project() -> Iterator[str]:
    """Give the id of a project that nobody used, and delete its documents afterwards."""
    project = f"bench-{uuid.uuid4().hex[:12]}"
    try:
        yield project
    finally:
        connection = http.client.HTTPConnection(os.environ[VARIABLE])
        connection.request("DELETE", f"/emulator/v1/projects/{project}/databases/(default)/documents")
        connection.getresponse().read()
        connection.close()


def store(project: str, documents: Documents) -> None:
    """Store the documents in their namespace, one after the other: not measured."""
    with MemoryClient.connect(f"firestore://{project}", namespace=documents.namespace) as client:
        for item in documents.items:
            client.memory_items.set(item)
