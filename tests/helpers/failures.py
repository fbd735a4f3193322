"""What every failed call of a client must look like."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from firestore_memory import StorageError

ErrorT = TypeVar("ErrorT", bound=StorageError)


@contextmanager
def fails(kind: type[ErrorT], *mentions: str, operation: str | None = None) -> Iterator[pytest.ExceptionInfo[ErrorT]]:
    """Expect exactly this error: no exception of Google's or of gRPC, and one that says which call failed.

    Args:
        kind: The class of the error.
        mentions: What its text must mention, such as the name of a field.
        operation: The method that failed; by default any.
    """
    with pytest.raises(StorageError) as caught:
        yield caught  # type: ignore[misc]  # of the class below
    error = caught.value
    assert type(error) is kind, repr(error)
    assert error.operation, "which method failed?"
    assert error.collection, "on which collection?"
    assert operation in (None, error.operation)
    for text in mentions:
        assert text in str(error)


@contextmanager
def refused(kind: type[ErrorT], *mentions: str) -> Iterator[pytest.ExceptionInfo[ErrorT]]:
    """Expect exactly this error, which is about no single collection, and mentions this."""
    with pytest.raises(StorageError) as caught:
        yield caught  # type: ignore[misc]  # of the class below
    assert type(caught.value) is kind, repr(caught.value)
    for text in mentions:
        assert text in str(caught.value)
