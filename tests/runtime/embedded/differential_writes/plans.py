"""Writes as plain data, from which the messages for each store are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from firestore_runtime import wire
from tests.runtime.embedded.messages import ROOT, value_of

Path: TypeAlias = tuple[str, ...]
Version = Literal["current", "former"]
"""An update time of the document: of its state before the commit, or of the one before that."""
Condition: TypeAlias = bool | Version | None
"""Whether the document must exist, or when it must have been updated."""
Versions: TypeAlias = "Callable[[str, Version], wire.Timestamp]"


@dataclass(frozen=True)
class Transform:
    """A transformation; the operand of `set_to_server_value` is a number of the enumeration."""

    path: str
    kind: str | None
    operand: Any


@dataclass(frozen=True)
class Update:
    """A write of fields."""

    document: str
    fields: Mapping[str, Any]
    mask: tuple[str, ...] | None
    transforms: tuple[Transform, ...]
    condition: Condition


@dataclass(frozen=True)
class Delete:
    """A deletion."""

    document: str
    mask: tuple[str, ...] | None
    condition: Condition


Planned = Update | Delete


@dataclass(frozen=True)
class Commit:
    """Writes that are sent together, and whether each is applied for itself."""

    writes: tuple[Planned, ...]
    is_batch: bool = False


def name_of(run: str, document: str) -> str:
    """Return the name of a document; each run has a collection of its own."""
    return f"{ROOT}/{run}/{document}"


def message_of(planned: Planned, run: str, versions: Versions) -> wire.Write:
    """Make the message.

    Args:
        planned: The write.
        run: The collection.
        versions: Gives the update times that the store has had for a document.
    """
    write = wire.Write()
    if isinstance(planned, Update):
        write.update.name = name_of(run, planned.document)
        for key, item in planned.fields.items():
            write.update.fields[key].CopyFrom(value_of(item))
        for transform in planned.transforms:
            _add(transform, write)
    else:
        write.delete = name_of(run, planned.document)
    if planned.mask is not None:
        write.update_mask.SetInParent()
        write.update_mask.field_paths.extend(planned.mask)
    match planned.condition:
        case bool() as exists:
            write.current_document.exists = exists
        case str() as version:
            write.current_document.update_time.CopyFrom(versions(planned.document, version))
    return write


def _add(transform: Transform, write: wire.Write) -> None:
    message = write.update_transforms.add()
    message.field_path = transform.path
    match transform.kind:
        case "set_to_server_value":
            message.set_to_server_value = transform.operand
        case "append_missing_elements" | "remove_all_from_array":
            array = getattr(message, transform.kind)
            array.SetInParent()
            array.values.extend(map(value_of, transform.operand))
        case str(kind):
            getattr(message, kind).CopyFrom(value_of(transform.operand))
