"""Types for values that Python has no class for, and the one representation of times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator
from pydantic_core import core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

__all__ = ["DocumentPath", "GeoPoint", "UtcDatetime", "Vector", "as_utc", "now"]


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def as_utc(moment: datetime) -> datetime:
    """Return the same instant in UTC.

    Raises:
        ValueError: The time has no offset, so that nobody can tell which instant it means, or it is outside the
            range of `datetime`.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no offset from UTC: pass an aware datetime, such as datetime.now(UTC)")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{moment!r} is outside of the years 1 to 9999 in UTC") from error


UtcDatetime = Annotated[datetime, AfterValidator(as_utc)]
"""A `datetime` that a model keeps in UTC, with microseconds, which is what Firestore stores."""


@dataclass(frozen=True, slots=True)
class GeoPoint:
    """A point on Earth.

    Attributes:
        latitude: Degrees, from -90 to 90.
        longitude: Degrees, from -180 to 180.
    """

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        """Refuse degrees that Firestore would refuse."""
        if not -90 <= self.latitude <= 90:
            raise ValueError(f"latitude {self.latitude} is not between -90 and 90 degrees")
        if not -180 <= self.longitude <= 180:
            raise ValueError(f"longitude {self.longitude} is not between -180 and 180 degrees")


class DocumentPath(str):
    """The path of a document below the root of its database, such as `"sessions/s1/turns/t1"`.

    It is stored as a reference. The path of a document in another database is its full name:
    `"projects/P/databases/D/documents/sessions/s1"`.
    """

    __slots__ = ()

    def __new__(cls, path: str) -> DocumentPath:
        """Check that `path` names a document: an even number of segments, none of them empty."""
        segments = path.split("/")
        if path.startswith("projects/") and len(segments) > 5 and segments[4] == "documents":
            segments = segments[5:]
        if len(segments) % 2 or not all(segments):
            raise ValueError(f"{path!r} is not the path of a document, such as 'books/b1'")
        return super().__new__(cls, path)

    @property
    def id(self) -> str:
        """The id of the document."""
        return self.rsplit("/", 1)[1]

    @property
    def collection_id(self) -> str:
        """The id of the collection that contains the document."""
        return self.rsplit("/", 2)[-2]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Make models turn any string that is a document path into a `DocumentPath`."""
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())


class Vector(list[float]):
    """An embedding in a field without a declared type, where a plain list would be stored as an array."""

    __slots__ = ()
