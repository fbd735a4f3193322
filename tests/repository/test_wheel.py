"""The wheel, used as a stranger would: installed elsewhere, on another schema, and without the generator's packages."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "tests" / "schemas" / "library"

pytestmark = pytest.mark.slow

USE = """
import sys
from library_store import Book, LibraryClient, AsyncLibraryClient

assert Book(isbn="1", author="Ada").class_ is None
with LibraryClient.connect("firestore://wheel-test") as client:
    assert client.books.require(client.books.create(Book(isbn="1", author="Ada")).isbn).author == "Ada"
unwanted = {"jinja2", "datamodel_code_generator", "typer", "ruff", "jsonschema"} & set(sys.modules)
assert not unwanted, unwanted
"""


def run(*command: object, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PIP_CONSTRAINT": str(ROOT / "constraints.txt"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.pop("PYTHONPATH", None)
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert not check or result.returncode == 0, result.stdout + result.stderr
    return result


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", directory, ROOT, cwd=directory)
    (built,) = directory.glob("firestore_memory-*.whl")
    return built


def environment(directory: Path, *requirements: object) -> Path:
    """Make an empty environment with the requirements, and give the directory of its programs."""
    venv.create(directory, with_pip=False)
    programs = directory / "bin"
    pip = (sys.executable, "-m", "pip", "--python", programs / "python")
    run(*pip, "install", "--quiet", "--no-compile", *requirements, cwd=directory)
    return programs


def test_generates_elsewhere_and_the_package_needs_little(wheel: Path, tmp_path: Path, emulator_host: str) -> None:
    generator = environment(tmp_path / "generator", f"{wheel}[codegen]")
    run(generator / "firestore-codegen", "generate", "--schema", LIBRARY, "--out", "out", cwd=tmp_path)
    run(generator / "firestore-codegen", "check", "--schema", LIBRARY, "--out", "out", cwd=tmp_path)
    run(generator / "python", "-m", "firestore_codegen", "check", "--schema", LIBRARY, "--out", "out", cwd=tmp_path)

    user = environment(tmp_path / "user", "google-cloud-firestore", "pydantic", "pydantic-settings")
    run(user / "python", "-c", USE, cwd=tmp_path / "out")


def test_without_the_extra_the_sdk_works_and_the_command_says_what_to_install(wheel: Path, tmp_path: Path) -> None:
    programs = environment(tmp_path / "user", wheel)

    run(programs / "python", "-c", "from firestore_memory import MemoryClient, MemoryItem", cwd=tmp_path)
    refused = run(programs / "firestore-codegen", "generate", cwd=tmp_path, check=False)

    assert refused.returncode == 2
    assert "pip install 'firestore-memory[codegen]'" in refused.stderr
