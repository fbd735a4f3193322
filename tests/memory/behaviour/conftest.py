"""What the tests of the SDK's behaviour can ask for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from firestore_codegen.emit.tree import write_tree
from firestore_codegen.pipeline import generate_files
from tests.helpers.flavours import Driver

GADGETS = Path(__file__).parents[2] / "schemas" / "gadgets"


@pytest.fixture(scope="session")
def gadgets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A package with what the memory schema does not use; nobody knows its types before it is made."""
    package = generate_files(GADGETS)
    out = tmp_path_factory.mktemp("generated")
    write_tree(out / package.name, package.files)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(out)
        yield import_module(package.name)
    for name in [name for name in sys.modules if name.partition(".")[0] == package.name]:
        del sys.modules[name]


@pytest.fixture
def gadgets_client(driver: Driver, gadgets: Any) -> Any:
    """A client of the package of gadgets."""
    return driver.client_of(gadgets, "GadgetsClient")
