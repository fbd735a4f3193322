"""Credentials, gRPC channels to Firestore, and the remote procedures on them.

Google's gapic client spends as much time per call on proto-plus and on copying as gRPC does on the call itself, so the
procedures are called on the bare channel with raw messages. `transport.pyi` types this module: gRPC ships no types,
and Google's libraries some.
"""

import asyncio
import threading
import warnings

import google.auth
import google.auth.exceptions
import grpc
import grpc.aio
from google.api_core.gapic_v1.routing_header import to_grpc_metadata
from google.cloud.firestore_v1.services.firestore.transports import (
    FirestoreGrpcAsyncIOTransport,
    FirestoreGrpcTransport,
)

from firestore_runtime import wire
from firestore_runtime.errors import ConfigurationError

RpcError = grpc.RpcError

# What a call raises: a status, or one of the others if somebody else has closed the channel.
FAILURES = (RpcError, ValueError, grpc.aio.UsageError)
ASYNC_FAILURES = (*FAILURES, asyncio.CancelledError)  # which is also what closing an asyncio channel does to its calls

_SERVICE = "/google.firestore.v1.Firestore/"
_HOST = "firestore.googleapis.com"
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/datastore")
_OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.keepalive_time_ms", 30_000),
)
# Read streams in the caller's thread: a third of the client CPU of a thread of their own per stream.
_SYNC_OPTIONS = (*_OPTIONS, (grpc.experimental.ChannelOptions.SingleThreadedUnaryStream, 1))


class Rpcs:
    """The remote procedures on one channel, synchronous or asynchronous."""

    def __init__(self, channel):
        def unary(name, request, response):
            return channel.unary_unary(
                _SERVICE + name, request_serializer=request.SerializeToString, response_deserializer=response.FromString
            )

        def stream(name, request, response):
            return channel.unary_stream(
                _SERVICE + name, request_serializer=request.SerializeToString, response_deserializer=response.FromString
            )

        self.channel = channel
        self.get_document = unary("GetDocument", wire.GetDocumentRequest, wire.Document)
        self.commit = unary("Commit", wire.CommitRequest, wire.CommitResponse)
        self.batch_write = unary("BatchWrite", wire.BatchWriteRequest, wire.BatchWriteResponse)
        self.begin = unary("BeginTransaction", wire.BeginTransactionRequest, wire.BeginTransactionResponse)
        self.rollback = unary("Rollback", wire.RollbackRequest, wire.RollbackResponse)
        self.batch_get = stream("BatchGetDocuments", wire.BatchGetDocumentsRequest, wire.BatchGetDocumentsResponse)
        self.run_query = stream("RunQuery", wire.RunQueryRequest, wire.RunQueryResponse)
        self.run_aggregation = stream(
            "RunAggregationQuery", wire.RunAggregationQueryRequest, wire.RunAggregationQueryResponse
        )


class Channels:
    """One channel, opened at the first call and shared by all threads."""

    def __init__(self, open_channel, *, owned):
        self._open_channel = open_channel
        self._owned = owned
        self._lock = threading.Lock()
        self._rpcs = None
        self._closed = False

    def rpcs(self):
        """Give the procedures on the channel, which opens if it was not."""
        if self._rpcs is None or self._closed:
            with self._lock:
                _refuse_if(self._closed)
                self._rpcs = self._rpcs or Rpcs(self._open_channel())
        return self._rpcs

    def close(self):
        """Close the channel, if it is our own, and open none any more."""
        with self._lock:
            self._closed = True
            rpcs, self._rpcs = self._rpcs, None
        if rpcs and self._owned:
            rpcs.channel.close()


class AsyncChannels:
    """One channel per event loop, opened at its first call: an asyncio channel belongs to the loop that made it."""

    def __init__(self, open_channel, *, owned):
        self._open_channel = open_channel
        self._owned = owned
        self._by_loop = {}
        self._closed = False

    def rpcs(self):
        """Give the procedures on the running loop's channel, which opens if it was not."""
        _refuse_if(self._closed)
        loop = asyncio.get_running_loop()
        rpcs = self._by_loop.get(loop)
        if rpcs is None:
            self._drop_closed_loops()
            rpcs = self._by_loop[loop] = Rpcs(self._open_channel())
        return rpcs

    async def close(self):
        """Close the channels, if they are our own, and open none any more."""
        self._closed = True
        rpcs = self._by_loop.pop(asyncio.get_running_loop(), None)
        self._by_loop.clear()
        if rpcs and self._owned:
            await rpcs.channel.close()

    def _drop_closed_loops(self):
        """Let the channels of loops go that have ended.

        The latest one stays: gRPC shares connections between channels, so the next loop's goes on with it.
        """
        for loop in [loop for loop in list(self._by_loop) if loop.is_closed()][:-1]:
            self._by_loop.pop(loop, None)  # unless another thread was first


class ClosedError(Exception):
    """The channels have been closed."""


def _refuse_if(closed):
    if closed:
        raise ClosedError


def open_channel(emulator_host, credentials):
    """Open a channel to the emulator, or to Firestore with credentials."""
    if emulator_host:
        return grpc.insecure_channel(emulator_host, options=_SYNC_OPTIONS)
    return FirestoreGrpcTransport.create_channel(_HOST, credentials=credentials, options=_SYNC_OPTIONS)


def open_async_channel(emulator_host, credentials):
    """Open an asyncio channel to the emulator, or to Firestore with credentials."""
    if emulator_host:
        return grpc.aio.insecure_channel(emulator_host, options=_OPTIONS)
    return FirestoreGrpcAsyncIOTransport.create_channel(_HOST, credentials=credentials, options=_OPTIONS)


def routing_header(parameter, value):
    """The header by which Google's front end routes a call: a field of the request, and its value."""
    return to_grpc_metadata(((parameter, value),))


def load_credentials(file):
    """Load credentials from a file, or the application-default ones.

    Raises:
        ConfigurationError: There are none, or they are not usable.
    """
    try:
        if file is None:
            return google.auth.default(scopes=_SCOPES)[0]
        with warnings.catch_warnings():
            # Google warns of files from untrusted sources; this one is named in the application's own settings.
            warnings.simplefilter("ignore", DeprecationWarning)
            return google.auth.load_credentials_from_file(str(file), scopes=_SCOPES)[0]
    except (google.auth.exceptions.GoogleAuthError, OSError, ValueError, AttributeError) as error:  # of a JSON list
        raise ConfigurationError(f"no usable Google Cloud credentials: {error}") from error
