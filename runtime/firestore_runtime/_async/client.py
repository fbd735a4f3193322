"""The client of a store. A generated package derives one with an attribute for each collection."""

from __future__ import annotations

from abc import ABC, abstractmethod
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from firestore_runtime import wire
from firestore_runtime._async.bulk_writer import AsyncBulkWriter
from firestore_runtime._async.transaction import run_transaction
from firestore_runtime.bulk.batches import CONCURRENCY
from firestore_runtime.collections.reference import CollectionReference, namespace_segments
from firestore_runtime.embedding.texts import check_embedder
from firestore_runtime.errors import StorageError
from firestore_runtime.health import Health
from firestore_runtime.options import Call, Options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import Self

    import pydantic
    from google.auth.credentials import Credentials

    from firestore_runtime._async.backend import AsyncBackend
    from firestore_runtime._async.collection import AsyncCollection
    from firestore_runtime._async.collections import AsyncCollectionsByPath
    from firestore_runtime.bulk.outcomes import OnError, WriteOutcome, WriteProgress
    from firestore_runtime.collections.schema import CollectionSchema, PackageSchema
    from firestore_runtime.dumps import catalog, text_files
    from firestore_runtime.embedders import AnyEmbedder
    from firestore_runtime.options import Retry
    from firestore_runtime.settings import ClientSettings
    from firestore_runtime.transactions.functions import AsyncTransactionFunction

CollectionT = TypeVar("CollectionT", bound="AsyncCollection[Any]")  # of any model
CollectionsT = TypeVar("CollectionsT", bound="AsyncCollectionsByPath[Any]")
SettingsT = TypeVar("SettingsT", bound="ClientSettings")
T = TypeVar("T")


class AsyncClient(ABC, Generic[SettingsT]):
    """An asynchronous client of a store, made by `connect`, or directly on a backend of your own.

    It may be shared by all tasks, and used from several event loops.

    Args:
        backend: The store; the client leaves it open.
        namespace: The namespace of all collections.
        options: The options of all calls.
        embedder: The embedder for `search` and for fields that are filled from a text.

    Raises:
        ConfigurationError: The embedder's vectors do not fit into a field that is filled from a text.
        ValidationError: The namespace is not valid as a document id.
    """

    _schema: ClassVar[PackageSchema]

    def __init__(
        self,
        backend: AsyncBackend,
        *,
        namespace: str | None = None,
        options: Options | None = None,
        embedder: AnyEmbedder | None = None,
    ) -> None:
        options = (options or Options()).merged(embedder=embedder)
        self.backend = backend
        """The store, for operations that the client has no method for."""
        self.namespace = namespace
        """The namespace of all collections."""
        self._options = options
        self._owns_backend = False
        namespace_segments(namespace)
        for schema in self._schema.collections:
            check_embedder(schema, options.embedder)

    @classmethod
    @abstractmethod
    def _load_settings(cls) -> SettingsT:
        """Read the package's settings from the environment."""

    @classmethod
    def connect(
        cls,
        url: str | None = None,
        *,
        namespace: str | None = None,
        settings: SettingsT | None = None,
        credentials: Credentials | None = None,
        embedder: AnyEmbedder | None = None,
    ) -> Self:
        """Make a client with its own connection; the connection, or the file, opens at the first call.

        Args:
            url: `firestore://PROJECT/DATABASE`, `sqlite:///FILE` or `memory:`; defaults to the settings' URL. If the
                environment variable `FIRESTORE_EMULATOR_HOST` names an emulator, it is used instead of Google Cloud.
            namespace: The namespace of all collections; defaults to the settings'.
            settings: Settings to use instead of those in the environment.
            credentials: Google Cloud credentials; default to the settings' file or the application-default credentials.
            embedder: The embedder for `search` and for fields that are filled from a text.

        Raises:
            ConfigurationError: The URL, a setting or the credentials are missing or wrong, or the embedder's vectors do
                not fit into a field that is filled from a text.
        """
        settings = settings or cls._load_settings()
        from firestore_runtime._async.opening import open_backend  # like the settings, only where they are needed

        backend = open_backend(url, cls._schema.package, settings, credentials)
        namespace = settings.namespace if namespace is None else namespace
        client = cls(backend, namespace=namespace, options=settings.options(), embedder=embedder)
        client._owns_backend = True
        return client

    def with_options(
        self,
        *,
        timeout: float | None = None,
        attempt_timeout: float | None = None,
        retry: Retry | bool | None = None,
        if_updated_at: datetime | None = None,
        embedder: AnyEmbedder | None = None,
    ) -> Self:
        """Return a client on the same connection with other options; closing it leaves the connection open.

        Args:
            timeout: Total seconds for a call, retries included; for a stream, for each wait for a result.
            attempt_timeout: Seconds for one attempt, or for the next result of a stream.
            retry: How to retry, or False for a single attempt.
            if_updated_at: See `AsyncCollection.with_options`, which is the more usual place for it.
            embedder: The embedder for `search` and for fields that are filled from a text.
        """
        options = self._options.merged(timeout, attempt_timeout, retry, if_updated_at, embedder)
        return type(self)(self.backend, namespace=self.namespace, options=options)

    def bulk_writer(
        self,
        *,
        throttle: bool = True,
        max_concurrency: int = CONCURRENCY,
        on_error: OnError = "raise",
        on_outcome: Callable[[WriteOutcome[pydantic.BaseModel]], None] | None = None,
        on_progress: Callable[[WriteProgress], None] | None = None,
    ) -> AsyncBulkWriter:
        """Return a writer for any number of independent writes to any collections; use it in a `with` block.

        It sends batches while it accepts more writes, and makes its caller wait rather than queue many, so that memory
        does not grow. Callbacks run inside the methods that you call.

        Args:
            throttle: Whether to keep to Firestore's ramp-up: 500 writes per second, and half as many again every 5
                minutes.
            max_concurrency: The most requests in flight at once.
            on_error: Whether `flush` and the end of the block raise a `BulkWriteError` if writes failed.
            on_outcome: Called with the outcome of each write.
            on_progress: Called after each request with the number of writes that have an outcome.

        Raises:
            ValidationError: `max_concurrency` is not a positive integer.
        """
        return AsyncBulkWriter(
            self.backend,
            self._options,
            throttle=throttle,
            max_concurrency=max_concurrency,
            on_error=on_error,
            on_outcome=on_outcome,
            on_progress=on_progress,
        )

    async def run_transaction(
        self, fn: AsyncTransactionFunction[Self, T], *, read_only: bool = False, max_attempts: int = 5
    ) -> T:
        """Run a function in a transaction, and return its result.

        Documents that the function reads through its client do not change until the end, when its writes are applied
        all together. If it raises an exception, none are. It must read before it writes.

        If other transactions get in the way, the function is run again, with a new client. So it should have no effects
        beyond those on its client.

        Args:
            fn: The asynchronous function. It receives a client whose calls belong to the transaction.
            read_only: Whether to refuse writes; then nobody else has to wait for the transaction.
            max_attempts: The most times to run the function.

        Raises:
            ConflictError: Other transactions got in the way every time, or `if_updated_at` does not hold.
            ValidationError: It is called within a transaction, or `max_attempts` is not a positive integer.
            StorageError: A call failed. `retryable` is false if the transaction may have been committed all the same.
        """
        call = Call("run_transaction", None, None, self._options)
        return await run_transaction(
            self.backend,
            lambda backend: fn(type(self)(backend, namespace=self.namespace, options=self._options)),
            call,
            read_only=read_only,
            max_attempts=max_attempts,
        )

    async def dump(self, target: text_files.PathOrFile, *, collections: Sequence[str] | None = None) -> int:
        """Write all documents to a file, one per line, with the exact types of their values.

        Documents are ordered by path, and their keys sorted, so that two dumps can be compared. Memory use stays
        constant, whatever the number of documents.

        Args:
            target: The path of a file, which is replaced once everything is written; or a file opened as text.
            collections: The collections to dump, by their names in the client; defaults to all.

        Returns:
            The number of documents.

        Raises:
            OSError: The file cannot be written.
            ValidationError: There is no collection of such a name, or the file is open as bytes.
        """
        from firestore_runtime._async.dump import dump_documents  # few programs need it

        call = Call("dump", None, None, self._options)
        return await dump_documents(self.backend, self._catalog(), call, target, collections)

    async def load(self, source: text_files.PathOrFile) -> int:
        """Create or replace the documents in a file made by `dump`, or in a JSON array of such documents.

        Their paths are relative to the client's namespace. Documents that are not in the file stay as they are.

        Args:
            source: The path of a file, or a file opened as text.

        Returns:
            The number of documents.

        Raises:
            BulkWriteError: Some could not be written.
            OSError: The file cannot be read.
            ValidationError: A line is not a document in a collection of this client; earlier ones may have been loaded.
        """
        from firestore_runtime._async.dump import load_documents  # few programs need it

        call = Call("load", None, None, self._options)
        return await load_documents(self.backend, self._catalog(), call, source)

    async def health(self, *, timeout: float = 2.0) -> Health:
        """Check whether the store answers. It never raises.

        Args:
            timeout: Seconds to wait for the answer.
        """
        options = Options(timeout=timeout, attempt_timeout=timeout, retry=None)
        request = wire.GetDocumentRequest(
            name="/".join([f"{self.backend.database}/documents", *namespace_segments(self.namespace), "health/check"])
        )
        started = monotonic()
        try:
            await self.backend.get_document(request, Call("health", None, None, options))
        except StorageError as error:
            return Health(healthy=False, latency=monotonic() - started, error=error)
        return Health(healthy=True, latency=monotonic() - started)

    async def close(self) -> None:
        """Close the connection, if the client opened it. Calling it again does nothing."""
        if self._owns_backend:
            await self.backend.close()

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the client."""
        await self.close()

    def _collection(self, kind: type[CollectionT], schema: CollectionSchema[Any]) -> CollectionT:
        """Make a collection at a path without parameters."""
        return kind(self.backend, CollectionReference(schema, self.backend.database, self.namespace, {}), self._options)

    def _collections(self, kind: type[CollectionsT]) -> CollectionsT:
        """Make the callable that returns the collections at a path with parameters."""
        return kind(self.backend, self.namespace, self._options)

    def _catalog(self) -> catalog.Catalog:
        from firestore_runtime.dumps import catalog

        return catalog.Catalog(self._schema.collections, self.backend.database, self.namespace)
