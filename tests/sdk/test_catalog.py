"""Which collection of a client a document lies in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from firestore_memory import ValidationError
from firestore_memory.dumps.catalog import Catalog
from firestore_memory.spec import CollectionSpec
from firestore_memory.specs import MEMORY_ITEMS


def a_spec(name: str, path: str) -> CollectionSpec[Any]:
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
    spec = CATALOG.spec_at(path)
    assert (spec and spec.name) == name


def test_places() -> None:
    places = CATALOG.places(None)
    assert [place.spec.name for place in places] == ["any_parts", "kits", "spare_parts"]
    root = "projects/p/databases/d/documents/namespaces/tests"
    assert [(place.parent, place.collection_id) for place in places] == [
        (root, "parts"),
        (root, "kits"),
        (f"{root}/kits/spare", "parts"),
    ]
    assert [place.context.is_group for place in places] == [True, False, False]


@pytest.mark.parametrize("names", [["spare_parts", "kits"], ("kits", "spare_parts"), ["kits", "kits", "spare_parts"]])
def test_chosen_places_are_in_the_order_of_the_schema(names: list[str]) -> None:
    assert [place.spec.name for place in CATALOG.places(names)] == ["kits", "spare_parts"]


def test_a_single_name() -> None:
    assert [place.spec.name for place in CATALOG.places("kits")] == ["kits"]


def test_no_names() -> None:
    assert CATALOG.places([]) == []


@pytest.mark.parametrize("names", [["kits", "kit"], "kit"])
def test_a_name_that_is_none(names: list[str] | str) -> None:
    with pytest.raises(ValidationError, match="no collection 'kit', only any_parts, kits, spare_parts"):
        CATALOG.places(names)
