"""Times without an offset, taken as UTC: for packages whose schema says `"naive_datetimes": "utc"`.

Such a package imports from here what others import from `values`, `codecs` and `fields`, under the same names.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import AfterValidator

from firestore_runtime import values
from firestore_runtime.codecs import scalars, untyped
from firestore_runtime.fields import fields

if TYPE_CHECKING:
    from firestore_runtime.codecs.context import Context
    from firestore_runtime.paths import FieldPath
    from firestore_runtime.wire import Value

__all__ = ["AnyField", "TimestampField", "UtcDatetime", "as_utc", "encode_any", "encode_timestamp"]

ModelT = TypeVar("ModelT")


def as_utc(moment: datetime) -> datetime:
    """Return the same instant in UTC; a time without an offset is taken as UTC.

    Raises:
        ValueError: The time is outside of the years that a `datetime` can have.
    """
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else values.as_utc(moment)


UtcDatetime = Annotated[datetime, AfterValidator(as_utc)]
"""A `datetime` that a model keeps in UTC, with microseconds, which is what Firestore stores."""


def encode_timestamp(value: Value, moment: datetime, context: Context) -> None:
    """Write an instant."""
    if not isinstance(moment, datetime):
        raise scalars.wrong_type("a datetime", moment)
    scalars.encode_timestamp(value, as_utc(moment), context)


encode_any = untyped.any_encoder(encode_timestamp)
"""Writes a value by its Python type."""


class TimestampField(fields.TimestampField[ModelT]):
    """An instant."""

    __slots__ = ()

    def __init__(self, path: FieldPath) -> None:
        super().__init__(path, encode_timestamp)


class AnyField(fields.AnyField[ModelT]):
    """A field without a declared type."""

    __slots__ = ()

    def __init__(self, path: FieldPath) -> None:
        super().__init__(path, encode_any)
