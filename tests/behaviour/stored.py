"""Documents as the store has them, beneath the SDK's models and codecs: what older code left there, and what ours left.

It goes through the client's `Backend`, so that it works on any of them, but builds and reads the messages on its own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from firestore_memory import AsyncMemoryClient
from firestore_memory.options import Call, Options
from firestore_memory.wire import CommitRequest, Document, GetDocumentRequest, Value, Write

_CALL = Call("test", "test", "test", Options())


def value_of(item: Any) -> Value:
    """Make the message of a value. Lists become arrays, also those that the SDK would store as vectors."""
    match item:
        case Value():
            return item
        case None:
            return Value(null_value=0)
        case bool():
            return Value(boolean_value=item)
        case int():
            return Value(integer_value=item)
        case float():
            return Value(double_value=item)
        case str():
            return Value(string_value=item)
        case bytes():
            return Value(bytes_value=item)
        case datetime():
            value = Value()
            value.timestamp_value.FromDatetime(item)
            return value
        case dict():
            value = Value()
            value.map_value.SetInParent()
            for key, part in item.items():
                value.map_value.fields[key].CopyFrom(value_of(part))
            return value
        case list():
            value = Value()
            value.array_value.SetInParent()
            value.array_value.values.extend(value_of(part) for part in item)
            return value
        case _:
            raise TypeError(repr(item))


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
            return value.timestamp_value.ToDatetime(UTC)
        case "geo_point_value":
            return (value.geo_point_value.latitude, value.geo_point_value.longitude)
        case _:
            return getattr(value, kind or "")


def _name(client: AsyncMemoryClient, path: str) -> str:
    return f"{client.backend.database}/documents/{path}"


async def put(client: AsyncMemoryClient, path: str, /, **fields: Any) -> None:
    """Store a document as it is."""
    write = Write(update=Document(name=_name(client, path)))
    for key, item in fields.items():
        write.update.fields[key].CopyFrom(value_of(item))
    await client.backend.commit(CommitRequest(database=client.backend.database, writes=[write]), _CALL)


async def look(client: AsyncMemoryClient, path: str) -> dict[str, Any] | None:
    """Return the fields of a stored document as plain data, or None if there is none."""
    document = await client.backend.get_document(GetDocumentRequest(name=_name(client, path)), _CALL)
    return None if document is None else {key: item_of(value) for key, value in document.fields.items()}
