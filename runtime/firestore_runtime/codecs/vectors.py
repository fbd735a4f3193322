"""Vectors as bytes: one `struct` call for a whole embedding instead of a message object per element.

An `ArrayValue` of doubles is, element for element, the same three bytes and a little-endian double: tag and length of
`ArrayValue.values` (`0a 09`), tag of `Value.double_value` (`19`). So the array can be packed and unpacked in C.
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firestore_runtime.codecs.context import Context, Encoder
    from firestore_runtime.wire import ArrayValue, Value

VECTOR_TAG = "__vector__"
"""The value under the key `__type__` that marks a stored map as a vector."""

_HEAD_BYTES = 3
_ELEMENT_BYTES = _HEAD_BYTES + 8


@lru_cache(maxsize=64)
def _layout(length: int) -> Struct:
    """So many doubles, each behind room for its head."""
    return Struct("<" + f"{_HEAD_BYTES}xd" * length)


@lru_cache(maxsize=64)
def _heads(length: int) -> tuple[bytes, bytes, bytes]:
    """The first, second and third byte of each element of a vector."""
    return b"\x0a" * length, b"\x09" * length, b"\x19" * length


def write_doubles(array: ArrayValue, vector: Sequence[float]) -> None:
    """Append the elements of `vector` to `array` as doubles.

    Raises:
        struct.error: An element is not a number.
    """
    length = len(vector)
    data = bytearray(_layout(length).pack(*vector))
    data[0::_ELEMENT_BYTES], data[1::_ELEMENT_BYTES], data[2::_ELEMENT_BYTES] = _heads(length)
    array.MergeFromString(bytes(data))


def read_doubles(array: ArrayValue) -> list[float] | None:
    """Return the elements of `array`, or None if they are not all doubles."""
    data = array.SerializeToString()
    length, rest = divmod(len(data), _ELEMENT_BYTES)
    heads = data[0::_ELEMENT_BYTES], data[1::_ELEMENT_BYTES], data[2::_ELEMENT_BYTES]
    if rest or heads != _heads(length):
        return None
    return list(_layout(length).unpack(data))


def encode_vector(value: Value, vector: Sequence[float], context: Context) -> None:
    """Write an embedding of any dimension. Firestore has no empty vectors: an empty list becomes an empty array."""
    if not vector:
        value.array_value.SetInParent()
        return
    fields = value.map_value.fields
    fields["__type__"].string_value = VECTOR_TAG
    write_doubles(fields["value"].array_value, vector)


def vector_of(dimension: int) -> Encoder[Sequence[float]]:
    """Make an encoder for embeddings with `dimension` elements."""

    def encode(value: Value, vector: Sequence[float], context: Context) -> None:
        if len(vector) != dimension:
            raise ValueError(f"a vector of {len(vector)} elements, where the schema declares {dimension}")
        encode_vector(value, vector, context)

    return encode
