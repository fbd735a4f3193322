"""Documents as the store has them, beneath the SDK's models and codecs: what older code left there, and what ours left.

It goes through the client's `Backend`, so that it works on any of them, but builds and reads the messages on its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from firestore_memory import AsyncMemoryClient
from firestore_runtime.options import Call, Options
from firestore_runtime.wire import BatchWriteRequest, GetDocumentRequest, Value

CALL = Call("test", "test", None, Options())
"""What a test does beneath the SDK's own operations."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCALARS = {
    bool: "boolean_value",
    int: "integer_value",
    float: "double_value",
    str: "string_value",
    bytes: "bytes_value",
}


def value_of(item: Any) -> Value:
    """Make the message of a value. Lists become arrays, also those that the SDK would store as vectors."""
    value = Value()
    match item:
        case None:
            value.null_value = 0
        case datetime():
            since = item - _EPOCH
            value.timestamp_value.seconds = since // timedelta(seconds=1)
            value.timestamp_value.nanos = since.microseconds * 1_000
        case dict():
            value.map_value.SetInParent()
            for key, part in item.items():
                value.map_value.fields[key].CopyFrom(value_of(part))
        case list():
            value.array_value.SetInParent()
            value.array_value.values.extend(value_of(part) for part in item)
        case _:
            setattr(value, _SCALARS[type(item)], item)
    return value


def item_of(value: Value) -> Any:
    """Read the message of a value, vectors as the maps that they are stored as."""
    kind = value.WhichOneof("value_type")
    match kind:
        case "null_value":
            return None
        case "map_value":
            return {key: item_of(part) for key, part in value.map_value.fields.items()}
        case "array_value":
            return [item_of(part) for part in value.array_value.values]
        case "timestamp_value":
            time = value.timestamp_value
            return _EPOCH + timedelta(seconds=time.seconds, microseconds=time.nanos // 1_000)
        case "geo_point_value":
            return (value.geo_point_value.latitude, value.geo_point_value.longitude)
        case _:
            return getattr(value, str(kind))


def _name(client: AsyncMemoryClient, path: str) -> str:
    return f"{client.backend.database}/documents/{path}"


async def put(client: AsyncMemoryClient, path: str, /, **fields: Any) -> None:
    """Store a document as it is."""
    await put_all(client, {path: fields})


async def put_all(client: AsyncMemoryClient, documents: Mapping[str, Mapping[str, Any]]) -> None:
    """Store documents as they are, by their paths."""
    request = BatchWriteRequest()
    request.database = client.backend.database
    for path, fields in documents.items():
        document = request.writes.add().update
        document.name = _name(client, path)
        for key, item in fields.items():
            document.fields[key].CopyFrom(value_of(item))
    await client.backend.batch_write(request, CALL)


async def look(client: AsyncMemoryClient, path: str) -> dict[str, Any] | None:
    """Return the fields of a stored document as plain data, or None if there is none."""
    document = await client.backend.get_document(GetDocumentRequest(name=_name(client, path)), CALL)
    return None if document is None else {key: item_of(value) for key, value in document.fields.items()}
