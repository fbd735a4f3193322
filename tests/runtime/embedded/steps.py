"""What a process writes, step by step, and what is stored after so many steps.

Each document holds the number of the step that wrote it last, and a text that belongs to the number.
"""

from __future__ import annotations

from typing import Any

from firestore_memory import AsyncMemoryClient
from firestore_memory import MemoryItemFields as F
from firestore_runtime import wire
from firestore_runtime.embedded import EmbeddedBackend
from firestore_runtime.embedded.entries import build_index
from tests.helpers.items import an_item
from tests.runtime.embedded.asking import all_documents, fields_of, path_of
from tests.runtime.embedded.messages import CALL, DATABASE, document_of

INDEXES = [fields_of("session_id"), fields_of("metadata.n desc"), fields_of("metadata.tags contains", "session_id")]
SEVERAL = ("a", "b", "c", "d")


async def step(client: AsyncMemoryClient, owner: str, number: int) -> None:
    """Write something, all of it or nothing.

    Args:
        client: Where to.
        owner: Whose documents they are.
        number: The number of the step, from 0.
    """
    items = client.memory_items

    async def replace(tx: AsyncMemoryClient) -> None:
        await tx.memory_items.require(f"{owner}-set")
        await tx.memory_items.delete(f"{owner}-new-{number - 3}")
        await tx.memory_items.set(_item(f"{owner}-left", number))
        await tx.memory_items.set(_item(f"{owner}-right", number))
        await tx.memory_items.create(_item(f"{owner}-tx-{number}", number))

    match number % 7:
        case 0:
            await items.create(_item(f"{owner}-new-{number}", number))
        case 1:
            await items.set(_item(f"{owner}-set", number))
        case 2:
            change = F.metadata["n"].increment(1)
            await items.update(f"{owner}-set", change, text_content=_text(number), session_id=_session(number))
        case 3:
            await client.run_transaction(replace)
        case 4:
            await client.backend.commit(_commit(owner, number), CALL)
        case 5:
            report = await items.set_many([_item(f"{owner}-{name}", number) for name in SEVERAL])
            assert not report.failures
        case 6:
            await items.delete(f"{owner}-left")


def expected(owner: str, steps: int) -> dict[str, int]:
    """Return the numbers of an owner's documents by their paths, after so many steps."""
    found: dict[str, int] = {}
    for number in range(steps):
        match number % 7:
            case 0:
                written = [f"memories/{owner}-new-{number}"]
            case 1 | 2:
                written = [f"memories/{owner}-set"]
            case 3:
                del found[f"memories/{owner}-new-{number - 3}"]
                written = [f"memories/{owner}-{name}" for name in ("left", "right", f"tx-{number}")]
            case 4:
                written = [f"raw/{owner}-{name}" for name in SEVERAL]
            case 5:
                written = [f"memories/{owner}-{name}" for name in SEVERAL]
            case _:
                del found[f"memories/{owner}-left"]
                written = []
        found.update(dict.fromkeys(written, number))
    return found


def stored(backend: EmbeddedBackend, owner: str) -> dict[str, int]:
    """Return the numbers of an owner's documents by their paths, as they are stored."""
    found = {path_of(document): _number(document) for document in all_documents(backend)}
    return {path: number for path, number in found.items() if f"/{owner}-" in path}


def make_indexes(backend: EmbeddedBackend) -> None:
    """Make the indexes that the documents have entries in, unless there are any."""
    with backend.engine.store.writing(60.0) as connection:
        for fields in INDEXES:
            build_index(connection, "memories", fields)


def _item(name: str, number: int) -> Any:
    metadata = {"n": number, "tags": [f"t{number % 5}", f"t{number % 3}", "all"]}
    return an_item(id=name, session_id=_session(number), text_content=_text(number), metadata=metadata)


def _session(number: int) -> str:
    return f"s{number % 4}"


def _text(number: int) -> str:
    return f"{number} " * 600


def _commit(owner: str, number: int) -> wire.CommitRequest:
    fields = {"metadata": {"n": number}, "text_content": _text(number)}
    documents = (document_of(f"raw/{owner}-{name}", fields) for name in SEVERAL)
    return wire.CommitRequest(database=DATABASE, writes=[wire.Write(update=document) for document in documents])


def _number(document: wire.Document) -> int:
    number = document.fields["metadata"].map_value.fields["n"].integer_value
    assert document.fields["text_content"].string_value == _text(number)
    return number
