"""What a store answers to a request, in a form in which the answers of two can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from firestore_runtime import wire
from firestore_runtime.errors import StorageError
from firestore_runtime.options import Call
from tests.runtime.embedded.differential.requests import Request
from tests.runtime.embedded.messages import CALL, DATABASE

Item: TypeAlias = "str | list[Item] | dict[str, Item]"
"""A value. Its type is part of the text, and so is the sign of a zero."""


@dataclass(frozen=True)
class Found:
    """The documents that a query found, in their order."""

    documents: list[tuple[str, dict[str, Item]]]


@dataclass(frozen=True)
class Aggregated:
    """The aggregates, by their aliases."""

    values: dict[str, Item]


@dataclass(frozen=True)
class Refused:
    """The class of the error that was raised."""

    error: type[StorageError]


class Store(Protocol):
    """The part of a backend that is compared."""

    def batch_write(self, request: wire.BatchWriteRequest, call: Call) -> wire.BatchWriteResponse:
        """See `Backend`."""

    def run_query(self, request: wire.RunQueryRequest, call: Call) -> Iterator[wire.RunQueryResponse]:
        """See `Backend`."""

    def run_aggregation(
        self, request: wire.RunAggregationQueryRequest, call: Call
    ) -> Iterator[wire.RunAggregationQueryResponse]:
        """See `Backend`."""


Outcome: TypeAlias = Found | Aggregated | Refused


def store(backend: Store, documents: list[wire.Document]) -> None:
    """Write documents as they are."""
    request = wire.BatchWriteRequest(database=DATABASE)
    for document in documents:
        request.writes.add().update.CopyFrom(document)
    response = backend.batch_write(request, CALL)
    assert [status.message for status in response.status if status.code] == []


def outcome(backend: Store, request: Request) -> Outcome:
    """Ask for something."""
    try:
        if isinstance(request, wire.RunQueryRequest):
            distance = request.structured_query.find_nearest.distance_result_field
            responses = backend.run_query(request, CALL)
            return Found(
                [_found(response.document, distance) for response in responses if response.HasField("document")]
            )
        (aggregated,) = backend.run_aggregation(request, CALL)
        return Aggregated({key: _rounded(value) for key, value in aggregated.result.aggregate_fields.items()})
    except StorageError as error:
        return Refused(type(error))


def _found(document: wire.Document, distance: str) -> tuple[str, dict[str, Item]]:
    fields = {key: _rounded(value) if key == distance else _item(value) for key, value in document.fields.items()}
    return document.name, fields


def _rounded(value: wire.Value) -> Item:
    """A result, whose last bits depend on the order in which numbers were added."""
    if value.HasField("double_value"):
        return f"double_value: {round(value.double_value, 12):.12g}"
    return _item(value)


def _item(value: wire.Value) -> Item:
    match value.WhichOneof("value_type"):
        case "array_value":
            return [_item(element) for element in value.array_value.values]
        case "map_value":
            return {key: _item(part) for key, part in value.map_value.fields.items()}
        case "double_value":
            return f"double_value: {value.double_value!r}"
        case _:
            return str(value)
