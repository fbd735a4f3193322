"""Finds or starts the Firestore emulator, for whatever needs one: the tests, the demo, the benchmarks.

As a command it runs another one with FIRESTORE_EMULATOR_HOST set, and gives back its exit code:

    python -m tests.emulator python examples/quickstart.py
"""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

VARIABLE = "FIRESTORE_EMULATOR_HOST"
_START_SECONDS = 60.0
_STOP_SECONDS = 5.0
_INSTALL = """\
The Firestore emulator is not installed. Install it, and Java 17 or later, with one of:
  apt-get install google-cloud-cli-firestore-emulator
  gcloud components install cloud-firestore-emulator
or point FIRESTORE_EMULATOR_HOST at one that runs (host:port)."""


class EmulatorError(RuntimeError):
    """There is no emulator: it is not installed, or it did not start."""


@contextmanager
def emulator() -> Iterator[str]:
    """Give the host:port of the emulator that FIRESTORE_EMULATOR_HOST names, or of one that lives as long as the block.

    Raises:
        EmulatorError: It is not installed, or does not start.
    """
    host = os.environ.get(VARIABLE)
    if host:
        yield host
        return
    with started_emulator() as host:
        yield host


@contextmanager
def started_emulator(port: int | None = None) -> Iterator[str]:
    """Start an emulator of one's own, on a free port unless told otherwise; its data ends with the block.

    Raises:
        EmulatorError: It is not installed, or does not start.
    """
    port = port or free_port()
    host = f"127.0.0.1:{port}"
    command = [_executable(), "--host=127.0.0.1", f"--port={port}"]
    with tempfile.TemporaryFile() as log:
        # A process group of its own: the command is a shell script, and Java is its child.
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            _wait_until(lambda: _answers(host) or process.poll() is not None, _START_SECONDS)
            if process.poll() is not None or not _answers(host):
                log.seek(0)
                raise EmulatorError(f"the emulator did not start:\n{log.read().decode(errors='replace')}")
            yield host
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # it keeps nothing, so there is nothing to end in good order
            process.wait()
            _wait_until(lambda: not is_open(port), _STOP_SECONDS)  # Java, unlike the script, is not ours to wait for


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _executable() -> str:
    """The emulator's own script, on PATH or where the Google Cloud CLI keeps it: `gcloud` takes longer to start it."""
    name = "cloud_firestore_emulator"
    found = shutil.which(name)
    gcloud = shutil.which("gcloud")
    if found is None and gcloud is not None:
        found = shutil.which(Path(gcloud).resolve().parents[1] / "platform" / "cloud-firestore-emulator" / name)
    if found is None or shutil.which("java") is None:
        raise EmulatorError(_INSTALL)
    return found


def is_open(port: int) -> bool:
    """Whether something listens on the port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(host: str) -> bool:
    connection = http.client.HTTPConnection(host, timeout=1)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)


def _exit(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main() -> int:
    """Run the command that the arguments spell, with an emulator."""
    signal.signal(signal.SIGTERM, _exit)  # so that the emulator ends with us
    try:
        with emulator() as host:
            return subprocess.run(sys.argv[1:], env={**os.environ, VARIABLE: host}, check=False).returncode
    except EmulatorError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
