"""The result of `set` and `update`: the time of the write, once it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime.codecs.decoding import read_timestamp
from firestore_runtime.errors import ValidationError

if TYPE_CHECKING:
    from datetime import datetime

    from firestore_runtime.wire import WriteResult


class Written:
    """A write that was made, or in a transaction, one that will be made at its end.

    Args:
        result: The server's answer. In a transaction, it is filled in by the commit.
    """

    __slots__ = ("_result",)

    def __init__(self, result: WriteResult) -> None:
        self._result = result

    @property
    def update_time(self) -> datetime:
        """The time of the write, as in `Snapshot.update_time`.

        Raises:
            ValidationError: The write belongs to a transaction that has not been committed.
        """
        if not self._result.HasField("update_time"):
            raise ValidationError("the time of a write in a transaction is known only when that has been committed")
        return read_timestamp(self._result.update_time)

    def __repr__(self) -> str:
        """Return the time of the write, if it is known."""
        time = self.update_time if self._result.HasField("update_time") else None
        return f"{type(self).__name__}(update_time={time!r})"
