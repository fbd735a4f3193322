"""From where to where documents are copied into the other shape, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from firestore_runtime.documents.untyped import UntypedDocument
    from firestore_runtime.rollout.conversions import Data
    from firestore_runtime.rollout.layouts import Layout
    from firestore_runtime.wire import Write

MAX_WRITES = 400
"""In one commit; Firestore would take 500, and more than one shape of a document may be written."""

Direction: TypeAlias = Literal["forward", "back"]
Fate: TypeAlias = Literal["created", "replaced", "deleted", "equal", "newer", "absent", "failed"]
"""What became of a copy: a `newer` one has been changed since its document was, an `absent` one is not wanted."""


@dataclass(frozen=True, slots=True)
class Route:
    """From where to where documents are copied.

    Attributes:
        layout: The older shape.
        direction: Whether they become current ones, or older ones again.
        source: The path of the collection that they are in.
        target: The path of the collection that they come into.
    """

    layout: Layout
    direction: Direction
    source: str
    target: str

    def takes(self, source: UntypedDocument) -> bool:
        """Whether a document belongs on this route: some collections hold more than one shape."""
        return self.direction == "back" or self.layout.is_one(source.data)

    def converted(self, source: UntypedDocument) -> Data:
        """Return the fields of the copy.

        Raises:
            ValueError: The document cannot be converted.
        """
        convert = self.layout.to_current if self.direction == "forward" else self.layout.to_old
        return convert(source.data)

    def to_data(self) -> dict[str, object]:
        """Return what `Rollout.route` makes the same route of."""
        return {"layout": self.layout.name, "direction": self.direction, "source": self.source, "target": self.target}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a copy.

    Attributes:
        fate: What became of it.
        fields: The fields that were written, or would be, as far as they differ from those of the copy before.
        reason: Why it failed.
    """

    fate: Fate
    fields: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Staged:
    """The write of one document: in one shape, or in both.

    Attributes:
        layout: What the older document looks like; None if it stays where it is.
        document_id: Its id.
        old: The write of the older document.
        current: The write of the current one.
        leads: Which of the two must succeed if they lie in two stores: that of the older one if copies go forward.
    """

    layout: Layout | None
    document_id: str
    old: Write | None
    current: Write | None
    leads: Direction

    @property
    def writes(self) -> list[Write]:
        """Both, or the one that there is."""
        return [write for write in (self.old, self.current) if write is not None]

    @property
    def leading(self) -> Write:
        """The one that must succeed."""
        writes = self.writes
        return writes[0] if self.leads == "forward" else writes[-1]
