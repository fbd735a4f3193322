"""Sums of the values of a field, as Firestore adds them up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firestore_runtime.wire import Value

_INTEGERS = range(-(2**63), 2**63)


class Sum:
    """The sum of the numbers among values. Integers and floating-point numbers are added up apart.

    Attributes:
        count: How many numbers there are.
    """

    def __init__(self) -> None:
        self.count = 0
        self._integers = 0
        self._has_floats = False
        self._floats = 0.0
        self._compensated = 0.0
        self._error = 0.0

    def add(self, value: Value | None) -> None:
        """Add a value if it is a number."""
        kind = None if value is None else value.WhichOneof("value_type")
        if value is None or kind not in ("integer_value", "double_value"):
            return
        self.count += 1
        if kind == "integer_value":
            self._integers += value.integer_value
        else:
            self._has_floats = True
            self._add_float(value.double_value)

    def total(self) -> int | float:
        """Return the sum: an integer if it is one of 64 bits, and all numbers are."""
        if not self._has_floats:
            return self._integers if self._integers in _INTEGERS else float(self._integers)
        is_lost = self._compensated != self._compensated  # an infinity minus itself is NaN
        return self._integers + (self._floats if is_lost else self._compensated)

    def _add_float(self, number: float) -> None:
        """Add with Kahan's algorithm, which makes up for rounding, and without it, in case there are infinities."""
        self._floats += number
        corrected = number - self._error
        total = self._compensated + corrected
        self._error = (total - self._compensated) - corrected
        self._compensated = total
