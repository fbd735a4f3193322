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

    from ..wire import ArrayValue

_PREFIX = b"\x0a\x09\x19"
_ELEMENT_BYTES = len(_PREFIX) + 8


@lru_cache(maxsize=64)
def _packer(length: int) -> Struct:
    return Struct("<" + "3sd" * length)


@lru_cache(maxsize=64)
def _unpacker(length: int) -> Struct:
    return Struct("<" + "3xd" * length)


def _heads(data: bytes) -> tuple[bytes, bytes, bytes]:
    """The first, second and third byte of each element."""
    return data[0::_ELEMENT_BYTES], data[1::_ELEMENT_BYTES], data[2::_ELEMENT_BYTES]


@lru_cache(maxsize=64)
def _expected_heads(length: int) -> tuple[bytes, bytes, bytes]:
    return _heads(_packer(length).pack(*[_PREFIX, 0.0] * length))


def write_doubles(array: ArrayValue, vector: Sequence[float]) -> None:
    """Append the elements of `vector` to `array` as doubles.

    Raises:
        struct.error: An element is not a number.
    """
    arguments: list[bytes | float] = [_PREFIX] * (2 * len(vector))
    arguments[1::2] = vector
    array.MergeFromString(_packer(len(vector)).pack(*arguments))


def read_doubles(array: ArrayValue) -> tuple[float, ...] | None:
    """Return the elements of `array`, or None if they are not all doubles."""
    data = array.SerializeToString()
    length, rest = divmod(len(data), _ELEMENT_BYTES)
    if rest or _heads(data) != _expected_heads(length):
        return None
    return _unpacker(length).unpack(data)
