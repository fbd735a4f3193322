"""Options of calls, such as time limits and retries, and the description of a call for errors and interceptors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from firestore_runtime.errors import StorageError, ValidationError

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    from firestore_runtime.embedders import AnyEmbedder

_YEAR = 31_536_000
"""Seconds. gRPC never starts a call whose limit it cannot represent, such as infinity."""


@dataclass(frozen=True, slots=True)
class Retry:
    """The growth of the wait between attempts: exponential, with jitter.

    Attributes:
        initial: Seconds before the second attempt.
        maximum: The longest wait, in seconds.
        multiplier: The factor from one wait to the next.
    """

    initial: float = 0.1
    maximum: float = 8.0
    multiplier: float = 2.0


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the calls of a client or of a collection.

    Attributes:
        timeout: Total seconds for a call, retries and the waits between them included. For a stream of results, it
            restarts with each wait for one, so that a long read is not cut off while its consumer works.
        attempt_timeout: Seconds for one attempt, or for the next result of a stream.
        retry: How transient failures are retried, or None for a single attempt.
        if_updated_at: Write only if this is the time of the document's last update (`Snapshot.update_time`).
        embedder: The embedder for texts.
    """

    timeout: float = 60.0
    attempt_timeout: float = 10.0
    retry: Retry | None = Retry()
    if_updated_at: datetime | None = None
    embedder: AnyEmbedder | None = None

    def __post_init__(self) -> None:
        """Refuse limits that no call could meet.

        Raises:
            ValidationError: A limit is not a positive number of seconds, or longer than a year.
        """
        _check_limit("timeout", self.timeout)
        _check_limit("attempt_timeout", self.attempt_timeout)

    def merged(
        self,
        timeout: float | None = None,
        attempt_timeout: float | None = None,
        retry: Retry | bool | None = None,
        if_updated_at: datetime | None = None,
        embedder: AnyEmbedder | None = None,
    ) -> Options:
        """Return these options with the given ones replaced."""
        if retry is not None and not isinstance(retry, Retry):
            options = replace(self, retry=Retry() if retry else None)
            return options.merged(timeout, attempt_timeout, None, if_updated_at, embedder)
        return replace(
            self,
            timeout=self.timeout if timeout is None else timeout,
            attempt_timeout=self.attempt_timeout if attempt_timeout is None else attempt_timeout,
            retry=self.retry if retry is None else retry,
            if_updated_at=self.if_updated_at if if_updated_at is None else if_updated_at,
            embedder=self.embedder if embedder is None else embedder,
        )


def _check_limit(name: str, seconds: object) -> None:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds <= _YEAR:
        raise ValidationError(f"{name} must be a positive number of seconds, at most a year, not {seconds!r}")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method, as errors and interceptors see it.

    `with call:` adds the call to errors raised inside that do not name one yet, such as those before anything is sent.
    """

    operation: str
    collection: str | None
    document_id: str | None
    options: Options

    def about(self, document_id: str) -> Call:
        """Return the same call for a document whose id was determined along the way."""
        return Call(self.operation, self.collection, document_id, self.options)

    def __enter__(self) -> Self:
        """Start adding the call to errors."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Add the call to an error that does not name one yet."""
        if isinstance(error, StorageError) and error.operation is None:
            error.operation, error.collection, error.document_id = self.operation, self.collection, self.document_id
