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
INSTALL = (
    "apt-get install google-cloud-cli-firestore-emulator (or gcloud components install cloud-firestore-emulator) "
    f"with Java 17 or later, or set {VARIABLE}=host:port to one that runs"
)
"""How to get an emulator."""


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
    executable = _executable()
    if executable is None:
        raise EmulatorError(f"The Firestore emulator is not installed: {INSTALL}.")
    port = port or free_port()
    host = f"127.0.0.1:{port}"
    command = [executable, "--host=127.0.0.1", f"--port={port}"]
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


def is_available() -> bool:
    """Whether there is an emulator, or one could be started."""
    return bool(os.environ.get(VARIABLE)) or _executable() is not None


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _executable() -> str | None:
    """The emulator's own script, on PATH or where the Google Cloud CLI keeps it: `gcloud` takes longer to start it."""
    name = "cloud_firestore_emulator"
    found = shutil.which(name)
    gcloud = shutil.which("gcloud")
    if found is None and gcloud is not None:
        found = shutil.which(Path(gcloud).resolve().parents[1] / "platform" / "cloud-firestore-emulator" / name)
    return found if shutil.which("java") else None


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


def end_on_termination() -> None:
    """Leave in good order when told to end, so that an emulator ends with its user."""
    signal.signal(signal.SIGTERM, _exit)


def _exit(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main() -> int:
    """Run the command that the arguments spell, with an emulator."""
    end_on_termination()
    try:
        with emulator() as host:
            return subprocess.run(sys.argv[1:], env={**os.environ, VARIABLE: host}, check=False).returncode
    except EmulatorError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
