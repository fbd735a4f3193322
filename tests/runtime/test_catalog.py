"""Which collection of a client a document lies in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from firestore_memory import ValidationError
from firestore_memory.schema import MEMORY_ITEMS
from firestore_runtime.collections.schema import CollectionSchema
from firestore_runtime.dumps.catalog import Catalog


def a_spec(name: str, path: str) -> CollectionSchema[Any]:
    return replace(MEMORY_ITEMS, name=name, path=tuple(path.split("/")))


CATALOG = Catalog(
    [a_spec("any_parts", "kits/{kit}/parts"), a_spec("kits", "kits"), a_spec("spare_parts", "kits/spare/parts")],
    "projects/p/databases/d",
    "tests",
)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("kits/k1", "kits"),
        ("kits/k1/parts/p1", "any_parts"),
        ("kits/spare/parts/p1", "spare_parts"),
        ("parts/p1", None),
        ("kits/k1/parts/p1/parts/p2", None),
        ("kits", None),
        ("", None),
        ("/kits/k1", None),
        ("kits/k1/parts", None),
    ],
)
def test_the_collection_of_a_document(path: str, name: str | None) -> None:
    spec = CATALOG.schema_at(path)
    assert (spec and spec.name) == name


def test_places() -> None:
    places = CATALOG.references(None)
    assert [reference.schema.name for reference in places] == ["any_parts", "kits", "spare_parts"]
    root = "projects/p/databases/d/documents/namespaces/tests"
    assert [(reference.parent, reference.collection_id) for reference in places] == [
        (root, "parts"),
        (root, "kits"),
        (f"{root}/kits/spare", "parts"),
    ]
    assert [reference.context.is_group for reference in places] == [True, False, False]


@pytest.mark.parametrize("names", [["spare_parts", "kits"], ("kits", "spare_parts"), ["kits", "kits", "spare_parts"]])
def test_chosen_places_are_in_the_order_of_the_schema(names: list[str]) -> None:
    assert [reference.schema.name for reference in CATALOG.references(names)] == ["kits", "spare_parts"]


def test_a_single_name() -> None:
    assert [reference.schema.name for reference in CATALOG.references("kits")] == ["kits"]


def test_no_names() -> None:
    assert CATALOG.references([]) == []


@pytest.mark.parametrize("names", [["kits", "kit"], "kit"])
def test_a_name_that_is_none(names: list[str] | str) -> None:
    with pytest.raises(ValidationError, match="no collection 'kit', only any_parts, kits, spare_parts"):
        CATALOG.references(names)
