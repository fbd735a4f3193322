"""Whose document is it? What to make of a create that was sent again and found its document existing."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from firestore_runtime import wire
from firestore_runtime.errors import AlreadyExistsError, ConflictError
from firestore_runtime.paths import field_path

if TYPE_CHECKING:
    from firestore_runtime.wire import CommitResponse, Document, Value, Write


class Author(Enum):
    """The creator of a document."""

    OURS = auto()
    """It is the document that we sent: an earlier attempt was applied although its answer was lost."""
    ANOTHER = auto()
    """It differs from ours, and has not been changed since it was created."""
    UNKNOWN = auto()
    """It differs from ours, but has been changed since, so that nobody can tell."""


def author_of(stored: Document, write: Write) -> Author:
    """Compare a stored document with the write that wanted to create it."""
    server_set = {transform.field_path for transform in write.update_transforms}
    sent = write.update.fields
    kept = {key: value for key, value in stored.fields.items() if field_path((key,)) not in server_set}
    same = len(kept) == len(sent) and all(key in sent and _equal(sent[key], value) for key, value in kept.items())
    if same:
        return Author.OURS
    return Author.ANOTHER if stored.create_time == stored.update_time else Author.UNKNOWN


def _equal(one: Value, other: Value) -> bool:
    """Compare byte by byte: as a message, NaN would not equal itself."""
    return one.SerializeToString(deterministic=True) == other.SerializeToString(deterministic=True)


def lost_create_response(stored: Document | None, write: Write, error: AlreadyExistsError) -> CommitResponse:
    """Return the response that got lost, if the document is the one that the write created.

    Args:
        stored: The document as it is now.
        write: The write that wanted to create it.
        error: The answer to a later attempt.

    Raises:
        AlreadyExistsError: `error`, because somebody else created the document.
        ConflictError: Nobody can tell who did.
    """
    author = Author.UNKNOWN if stored is None else author_of(stored, write)
    if author is Author.ANOTHER:
        raise error
    if stored is None or author is Author.UNKNOWN:
        raise ConflictError(
            "the connection broke while the document was created, and somebody has changed it since: "
            "whether this call or another one created it cannot be known",
            operation=error.operation,
            collection=error.collection,
            document_id=error.document_id,
            retryable=False,
        ) from error
    return _response_for(stored, write)


def _response_for(stored: Document, write: Write) -> CommitResponse:
    response = wire.CommitResponse()
    response.commit_time.CopyFrom(stored.create_time)
    result = response.write_results.add()
    result.update_time.CopyFrom(stored.update_time)
    by_path = {field_path((key,)): value for key, value in stored.fields.items()}
    for transform in write.update_transforms:
        result.transform_results.add().CopyFrom(by_path[transform.field_path])
    return response
