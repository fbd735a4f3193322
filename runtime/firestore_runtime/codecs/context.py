"""The context that encoding depends on besides the value, and the types of encoders and decoders."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from firestore_runtime.wire import MessageMap, Value

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """The place that a document is written to or read from.

    Attributes:
        root: The name of the database's root, `projects/P/databases/D/documents`; references are relative to it.
        collection: The name of the collection, the root included.
        omit_nulls: Whether fields of models that are None are left out, instead of being stored as null.
        is_group: Whether the collection stands for all of its id, below any document.
    """

    root: str
    collection: str
    omit_nulls: bool = False
    is_group: bool = False


Fields: TypeAlias = "MessageMap[Value]"
Encoder: TypeAlias = "Callable[[Value, T, Context], None]"
Decoder: TypeAlias = "Callable[[Value, Context], Any]"  # decoded data is validated by its model afterwards
Decoders: TypeAlias = Mapping[str, Decoder]

ENCODING_ERRORS = (TypeError, ValueError, AttributeError, OverflowError, RecursionError, struct.error)
"""The exceptions of encoders for values of another type, or beyond a limit."""
