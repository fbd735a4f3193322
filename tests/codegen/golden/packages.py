"""The golden cases: for each feature of the grammar the smallest schema, and the package that it becomes."""

from __future__ import annotations

import atexit
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType

from firestore_codegen.build import build
from firestore_codegen.emit.tree import write_tree
from firestore_codegen.ir import Model, Package
from firestore_codegen.pipeline import GeneratedPackage, generate_files
from firestore_codegen.read.sources import load_sources
from firestore_codegen.schema.normalize import normalize

CASES = Path(__file__).parent / "cases"
NAMES = tuple(sorted(path.name for path in CASES.iterdir()))

VARYING = ("models.py", "codecs.py", "fields.py", "patches.py", "schema.py", "_sync/collections.py")
"""The files that a feature shows in; `_async/collections.py` is held to be like the last by the parity test."""


@dataclass(frozen=True)
class Case:
    """A schema directory, what it means, and what was generated from it."""

    directory: Path
    package: Package
    generated: GeneratedPackage

    @property
    def expected(self) -> Path:
        """The directory of the files that vary, as they should be."""
        return self.directory / "expected"

    def model(self, name: str) -> Model:
        """The model of this name."""
        return next(model for model in self.package.models if model.name == name)

    def module(self) -> ModuleType:
        """The package, imported; it is written to a directory on the import path first."""
        write_tree(_root() / self.package.name, self.generated.files)
        return import_module(self.package.name)


@cache
def load(directory: Path) -> Case:
    """Generate the package of a schema directory, once in a process."""
    return Case(directory, build(normalize(load_sources(directory))), generate_files(directory))


def case(name: str) -> Case:
    """The golden case of this name."""
    return load(CASES / name)


def cases() -> Iterator[Case]:
    """All golden cases."""
    return map(case, NAMES)


@cache
def _root() -> Path:
    """A directory that lives as long as the process: modules may be imported from it at any time."""
    root = mkdtemp(prefix="firestore-codegen-tests-")
    atexit.register(shutil.rmtree, root)
    sys.path.insert(0, root)
    return Path(root)
