"""Packages that were generated run on the emulator, and on an embedded store that insists on declared indexes."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.codegen.golden.documents")


@pytest.fixture(params=["firestore", "strict"])
def store(request: pytest.FixtureRequest) -> str:
    """Which kind of store is tested."""
    return str(request.param)
