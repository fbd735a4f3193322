"""A gRPC server that answers every remote procedure of Firestore with a status, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf

import grpc  # type: ignore[import-untyped]  # wrong on purpose

from firestore_runtime.wire import BeginTransactionResponse, CommitResponse, Document, RunAggregationQueryResponse

_SERVICE = "/google.firestore.v1.Firestore/"
_STREAMS = {"RunQuery", "BatchGetDocuments", "RunAggregationQuery"}


def _answers() -> dict[str, bytes]:
    document, response = Document(name="projects/p/databases/d/documents/memories/a"), CommitResponse()
    for required in ("user_id", "item_type"):
        document.fields[required].string_value = "ada"
    response.write_results.add()
    begun = BeginTransactionResponse(transaction=b"t")
    counted = RunAggregationQueryResponse()
    counted.result.aggregate_fields["result"].integer_value = 0
    answers = {
        "GetDocument": document,
        "Commit": response,
        "BeginTransaction": begun,
        "RunAggregationQuery": counted,
    }
    return {procedure: answer.SerializeToString() for procedure, answer in answers.items()}


_ANSWERS = _answers()
"""As little as a success needs; nothing is enough for the others."""


@dataclass
class Request:
    """One call: the procedure and the headers."""

    procedure: str
    headers: dict[str, str]


@dataclass
class Server(grpc.GenericRpcHandler):  # type: ignore[misc]  # gRPC has no types
    """Answers with `status`, or with success if there is none.

    Attributes:
        status: The name of a gRPC status.
        details: Its text.
        failures: How many calls end with it, before the others succeed.
        procedure: The only procedure that fails, if not all of them do.
        host: The host:port of the server.
        requests: The calls so far.
    """

    status: str | None = None
    details: str = "because the test says so"
    failures: float = inf
    procedure: str | None = None
    host: str = ""
    requests: list[Request] = field(default_factory=list)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        """Choose the handler of a call."""
        procedure = handler_call_details.method.removeprefix(_SERVICE)
        self.requests.append(Request(procedure, dict(handler_call_details.invocation_metadata)))
        if procedure in _STREAMS:
            return grpc.unary_stream_rpc_method_handler(lambda _, context: self._stream(context, procedure))
        return grpc.unary_unary_rpc_method_handler(lambda _, context: self._unary(context, procedure))

    def _unary(self, context: grpc.ServicerContext, procedure: str) -> bytes:
        self._fail(context, procedure)
        return _ANSWERS.get(procedure, b"")

    def _stream(self, context: grpc.ServicerContext, procedure: str) -> Iterator[bytes]:
        self._fail(context, procedure)
        if procedure in _ANSWERS:
            yield _ANSWERS[procedure]

    def _fail(self, context: grpc.ServicerContext, procedure: str) -> None:
        calls = [call for call in self.requests if self.procedure in (None, call.procedure)]
        if self.status and self.procedure in (None, procedure) and len(calls) <= self.failures:
            context.abort(grpc.StatusCode[self.status], self.details)


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server on a free port of this machine."""
    server = Server()
    grpc_server = grpc.server(ThreadPoolExecutor(4), handlers=[server])
    server.host = f"127.0.0.1:{grpc_server.add_insecure_port('127.0.0.1:0')}"
    grpc_server.start()
    try:
        yield server
    finally:
        grpc_server.stop(None).wait()
