"""Fields are found by their paths."""

from __future__ import annotations

from typing import Any

import pytest

from firestore_runtime.embedded.semantics.lookup import read_path, value_at
from tests.runtime.embedded.messages import ROOT, Vector, document_of, value_of

DOCUMENT = document_of(
    "c/x", {"a": {"b": {"c": 1}, "b.c": 2, "`": 3, "\\": 4}, "n": None, "t": [{"a": 1}], "v": Vector((1.0,)), "": 5}
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.b.c", 1),
        ("a.`b.c`", 2),
        ("`a`.`\\``", 3),
        ("a.`\\\\`", 4),
        ("a.b", {"c": 1}),
        ("n", None),
        ("v", Vector((1.0,))),
    ],
)
def test_fields_that_are_there(path: str, expected: Any) -> None:
    assert value_at(DOCUMENT, read_path(path)) == value_of(expected)


@pytest.mark.parametrize("path", ["b", "a.c", "a.b.c.d", "n.a", "t.a", "v.value", "v.value.x"])
def test_fields_that_are_not_there(path: str) -> None:
    before = DOCUMENT.SerializeToString(deterministic=True)

    assert value_at(DOCUMENT, read_path(path)) is None
    assert DOCUMENT.SerializeToString(deterministic=True) == before


def test_the_name() -> None:
    found = value_at(DOCUMENT, read_path("__name__"))

    assert found is not None
    assert found.reference_value == f"{ROOT}/c/x"
