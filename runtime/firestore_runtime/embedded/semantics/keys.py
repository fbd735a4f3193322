r"""Values as bytes whose order is Firestore's.

    null < boolean < NaN < number < timestamp < string < bytes < reference < geopoint < array < vector < map

A key is a byte for its type, ascending in this order, and what orders the values of the type. No key is a prefix of
another one, so that keys can be joined: the key of an array is made of those of its elements. What has no fixed size
ends with a byte that is less than any that could follow instead.
"""

from __future__ import annotations

from struct import Struct, pack, unpack
from typing import TYPE_CHECKING

from firestore_runtime.codecs.vectors import read_doubles

if TYPE_CHECKING:
    from collections.abc import Callable

    from firestore_runtime.wire import Value

_NULL = b"\x10"
_BOOLEAN = b"\x18"
_NAN = b"\x20"
_NUMBER = b"\x28"
_TIMESTAMP = b"\x30"
_STRING = b"\x38"
_BYTES = b"\x40"
_REFERENCE = b"\x48"
_GEO_POINT = b"\x50"
_ARRAY = b"\x58"
_VECTOR = b"\x60"
_MAP = b"\x68"

NULL_KEY = _NULL
"""The key of null."""
NAN_KEY = _NAN
"""The key of NaN."""

_END = b"\x00"
"""Ends an array or a map; their parts begin with greater bytes."""
_ENTRY = b"\x01"
"""Begins an entry of a map."""
_TEXT_END = b"\x00\x00"
_SLASH = b"\x00\x01"
"""Separates the segments of a name. It is less than any text, so that `a/b` comes before `a-c` and `a!`."""
_ZERO = b"\x00\xff"
"""A zero byte of a text, which would end it."""

_INVERTED = bytes(range(255, -1, -1))
_SIGN = 1 << 63
_MAX_EXACT = 1 << 53
"""Integers up to this size are floating-point numbers, too."""
_DOUBLE = Struct(">d")
_INT64 = Struct(">q")
_NUMBERS = Struct(">QH")
_TIMES = Struct(">QI")
_POINTS = Struct(">QQ")


def value_key(value: Value) -> bytes:
    """Return the key of a value: keys compare as Firestore compares the values.

    Equal values have the same key, also when one is an integer and the other a floating-point number. A value without
    a type counts as null.
    """
    return _KEYS[value.WhichOneof("value_type")](value)


def name_key(name: str) -> bytes:
    """Return the key of a reference to the document of this name: the segments of names compare one by one."""
    return _REFERENCE + name.encode().replace(b"\x00", _ZERO).replace(b"/", _SLASH) + _TEXT_END


def name_of(key: bytes) -> str:
    """Undo `name_key`."""
    return key[1:-2].replace(_SLASH, b"/").replace(_ZERO, b"\x00").decode()


def least_id(collection: str, low: bytes) -> str:
    """Return the least id that a document of a collection can have if the key of its name is not less than `low`.

    Args:
        collection: The full name of the collection.
        low: The key of a name, or what follows one.
    """
    prefix = name_key(collection).removesuffix(_TEXT_END) + _SLASH
    if not low.startswith(prefix):
        return ""
    escaped, _, _ = low[len(prefix) :].partition(_TEXT_END)
    return escaped.partition(_SLASH)[0].replace(_ZERO, b"\x00").decode()


def inverted(key: bytes) -> bytes:
    """Return a key that orders the other way round: of two keys, the greater one's comes first."""
    return key.translate(_INVERTED)


def successor(prefix: bytes) -> bytes:
    """Return the least bytes that are greater than all keys, or joined keys, that start with `prefix`."""
    kept = prefix.rstrip(b"\xff")
    return kept[:-1] + bytes((kept[-1] + 1,)) if kept else b"\xff"


def type_range(key: bytes) -> tuple[bytes, bytes]:
    """Return the range of the keys that are of the same type as `key`: the first bound belongs to it, the other not.

    NaN is a type of its own.
    """
    return key[:1], successor(key[:1])


def _text(text: bytes) -> bytes:
    return text.replace(b"\x00", _ZERO) + _TEXT_END


def _ordered_bits(number: float) -> int:
    """The number as 64 bits that order as numbers do; -0.0 comes before 0.0."""
    bits: int = _INT64.unpack(_DOUBLE.pack(number))[0]
    return bits + _SIGN if bits >= 0 else ~bits


def _boolean(value: Value) -> bytes:
    return _BOOLEAN + (b"\x02" if value.boolean_value else b"\x01")


def _integer(value: Value) -> bytes:
    """The greatest floating-point number that is not above it, and what is missing: at most ten bits."""
    number = value.integer_value
    if -_MAX_EXACT <= number <= _MAX_EXACT:
        return _NUMBER + _NUMBERS.pack(_ordered_bits(float(number)), 0)
    below = _ordered_bits(float(number))
    if int(float(number)) > number:
        below -= 1
    return _NUMBER + _NUMBERS.pack(below, number - int(_number_of(below)))


def _number_of(bits: int) -> float:
    """Undo `_ordered_bits`."""
    number: float = _DOUBLE.unpack(_INT64.pack(bits - _SIGN if bits >= _SIGN else ~bits))[0]
    return number


def _double(value: Value) -> bytes:
    number = value.double_value + 0.0  # which makes 0.0 of -0.0
    return _NUMBER + _NUMBERS.pack(_ordered_bits(number), 0) if number == number else _NAN


def _timestamp(value: Value) -> bytes:
    time = value.timestamp_value
    return _TIMESTAMP + _TIMES.pack(time.seconds + _SIGN, time.nanos)


def _geo_point(value: Value) -> bytes:
    """By latitude, then by longitude. Unlike as numbers of their own, -0.0 and 0.0 differ here and in vectors."""
    point = value.geo_point_value
    return _GEO_POINT + _POINTS.pack(_ordered_bits(point.latitude), _ordered_bits(point.longitude))


def _array(value: Value) -> bytes:
    return b"".join((_ARRAY, *map(value_key, value.array_value.values), _END))


def _map(value: Value) -> bytes:
    """Maps compare entry by entry, in the order of their keys: first the keys, then the values."""
    fields = value.map_value.fields
    if is_vector(value):
        return _vector(value)
    entries = sorted((_text(key.encode()), value_key(item)) for key, item in fields.items())
    return b"".join((_MAP, *(_ENTRY + key + item for key, item in entries), _END))


def is_vector(value: Value) -> bool:
    """Whether a value is a vector, which is stored as a map with a reserved key."""
    return "__type__" in value.map_value.fields


def _vector(value: Value) -> bytes:
    """By the number of elements, then by these, which are floating-point numbers and never NaN."""
    numbers = read_doubles(value.map_value.fields["value"].array_value) or ()
    length = len(numbers)
    signed = unpack(f">{length}q", pack(f">{length}d", *numbers))
    return _VECTOR + pack(f">I{length}Q", length, *(bits + _SIGN if bits >= 0 else ~bits for bits in signed))


_KEYS: dict[str | None, Callable[[Value], bytes]] = {
    None: lambda _: _NULL,
    "null_value": lambda _: _NULL,
    "boolean_value": _boolean,
    "integer_value": _integer,
    "double_value": _double,
    "timestamp_value": _timestamp,
    "string_value": lambda value: _STRING + _text(value.string_value.encode()),
    "bytes_value": lambda value: _BYTES + _text(value.bytes_value),
    "reference_value": lambda value: name_key(value.reference_value),
    "geo_point_value": _geo_point,
    "array_value": _array,
    "map_value": _map,
}
