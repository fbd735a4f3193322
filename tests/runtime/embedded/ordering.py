"""Firestore's order of values once more, without bytes: what `keys.py` is compared with."""

from __future__ import annotations

import math
from typing import Any

from tests.runtime.embedded.messages import Point, Reference, Timestamp, Vector


def sort_key(item: Any) -> tuple[Any, ...]:
    """Make what orders values of all types: the number of the type, then what orders its values."""
    match item:
        case None:
            return (0,)
        case bool():
            return (1, item)
        case float() if math.isnan(item):
            return (2,)
        case int() | float():
            return (3, item)  # Python compares integers and floating-point numbers by their exact values
        case Timestamp(seconds, nanos):
            return (4, seconds, nanos)
        case str():
            return (5, item.encode())
        case bytes():
            return (6, item)
        case Reference(path):
            return (7, *(segment.encode() for segment in path.split("/")))
        case Point(latitude, longitude):
            return (8, _signed(latitude), _signed(longitude))
        case list():
            return (9, *map(sort_key, item))
        case Vector(elements):
            return (10, len(elements), *map(_signed, elements))
        case dict():
            return (11, *sorted((key.encode(), sort_key(part)) for key, part in item.items()))
        case _:
            raise TypeError(repr(item))


def _signed(number: float) -> tuple[float, float]:
    """In points and vectors -0.0 comes before 0.0."""
    return number, math.copysign(1.0, number)
