"""A TCP proxy between a client and the emulator that can break what passes through it."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Self

_CHUNK = 4_096
_RESET = struct.pack("ii", 1, 0)
"""`SO_LINGER` for zero seconds: closing sends a reset instead of what is left."""


class Proxy:
    """Forwards bytes both ways, and misbehaves on demand. Used as a context.

    Args:
        upstream: The host:port of the emulator.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._port = 0
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._flowing = threading.Event()
        self._flowing.set()
        self._drops_answers = False
        self._delay = 0.0
        self._budgets: list[int] = []
        self.connections = 0
        """How many connections there were."""
        self.resets = 0
        """How often `reset_after` has struck."""
        self.dropped = 0
        """How many bytes `losing_answers` has dropped."""

    @property
    def host(self) -> str:
        """The host:port for the client."""
        return f"127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        """Start to listen."""
        self.listen()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and break what is open."""
        self.refuse()

    # What can go wrong

    def refuse(self) -> None:
        """Break all connections, and refuse new ones until `listen`."""
        if self._listener:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # which wakes up who accepts
            self._listener.close()
            self._listener = None
        self.reset()

    def listen(self) -> None:
        """Accept connections, on the same port as before."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        _start(self._accept, self._listener)

    def reset(self) -> None:
        """Break all connections, whatever is on its way."""
        self._flowing.set()
        for connection in tuple(self._open):
            _break(connection)

    def reset_after(self, *budgets: int) -> None:
        """Break the connection once the server has sent so many bytes more; then again after the next number."""
        self._budgets = list(budgets)

    def stall(self) -> None:
        """Keep connections open, and forward nothing until `resume`."""
        self._flowing.clear()

    def resume(self) -> None:
        """Forward again, what was held back first."""
        self._flowing.set()

    def slow_down(self, seconds: float) -> None:
        """Wait before each 4 KiB that the server sends."""
        self._delay = seconds

    @contextmanager
    def losing_answers(self, until: Callable[[], bool]) -> Iterator[None]:
        """Forward requests, but no answers. Once `until` says so, break the connection, and behave again."""
        self._drops_answers = True
        breaker = _start(self._break_when, until)
        try:
            yield
        finally:
            breaker.join()

    # How it works

    def _break_when(self, condition: Callable[[], bool]) -> None:
        while not condition():
            time.sleep(0.005)
        self.reset()
        self._drops_answers = False

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.create_connection(_address(self._upstream))
            self._open |= {client, server}
            _start(self._pump, client, server, False)
            _start(self._pump, server, client, True)

    def _pump(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        try:
            while data := source.recv(_CHUNK):
                if is_answer and self._delay:
                    time.sleep(self._delay)
                self._flowing.wait()
                if is_answer and self._drops_answers:
                    self.dropped += len(data)
                    continue
                if is_answer and self._is_spent(len(data)):
                    self.resets += 1
                    break
                target.sendall(data)
        except OSError:
            pass  # either side is gone; so are both then
        for connection in (source, target):
            _break(connection)
            self._open.discard(connection)

    def _is_spent(self, size: int) -> bool:
        if not self._budgets:
            return False
        self._budgets[0] -= size
        if self._budgets[0] > 0:
            return False
        self._budgets.pop(0)
        return True


def _start(target: Callable[..., None], *args: object) -> threading.Thread:
    thread = threading.Thread(target=target, args=args, daemon=True)
    thread.start()
    return thread


def _break(connection: socket.socket) -> None:
    """Close with a reset, and wake up whoever reads from it."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def _address(host: str) -> tuple[str, int]:
    name, _, port = host.rpartition(":")
    return name, int(port)
