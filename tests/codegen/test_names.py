"""Python names: valid, safe, and the same for each spelling of a word."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from firestore_codegen.names import BASE_MODEL_ATTRIBUTES, PROTECTED_PREFIXES, class_name, field_name, member_name


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("user_id", "user_id"),
        ("class", "class_"),
        ("from", "from_"),
        ("pen-names", "pen_names"),
        ("ratings by country", "ratings_by_country"),
        ("1st", "field_1st"),
        ("_private", "private"),
        ("__dunder", "dunder"),
        ("camelCase", "camel_case"),
        ("userID", "user_id"),
        ("HTTPServer", "http_server"),
        ("copy", "copy_"),
        ("json", "json_"),
        ("schema", "schema_"),
        ("model_fields", "model_fields_"),
        ("model_dump", "field_model_dump"),
        ("model_name", "model_name"),
        ("date", "date_"),
        ("list", "list_"),
        ("self", "self_"),
        ("document_id", "document_id_"),
        ("ключ", "ключ"),
        ("ﬁeld", "field"),
        ("x²", "x2"),
        ("a.b", "a_b"),
        ("--", "field"),
        ("None", "none"),
    ],
)
def test_field_name(key: str, name: str) -> None:
    assert field_name(key) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("MemoryItem", "MemoryItem"),
        ("memory_item", "MemoryItem"),
        ("memory item", "MemoryItem"),
        ("HTTPLog", "HTTPLog"),
        ("wellNamed", "WellNamed"),
        ("3d", "Model3d"),
        ("none", "ModelNone"),
        ("--", "Model"),
        ("été", "Été"),
    ],
)
def test_class_name(text: str, name: str) -> None:
    assert class_name(text) == name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("red-ish", "RED_ISH"),
        ("redIsh", "RED_ISH"),
        ("class", "CLASS"),
        ("1st", "VALUE_1ST"),
        ("", "EMPTY"),
        ("+", "VALUE"),
        (1, "VALUE_1"),
        (-1, "VALUE_MINUS_1"),
    ],
)
def test_member_name(value: str | int, name: str) -> None:
    assert member_name(value) == name


@given(st.text())
def test_every_text_has_valid_names(text: str) -> None:
    name = field_name(text)
    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    assert not name.startswith("_")
    assert name not in BASE_MODEL_ATTRIBUTES
    assert field_name(name) in (name, f"{name}_")
    assert class_name(text).isidentifier()
    assert member_name(text).isidentifier()


def test_all_attributes_of_a_model_are_known() -> None:
    """A newer pydantic that adds an attribute makes this fail."""
    public = {name for name in dir(BaseModel) if not name.startswith("_")}
    assert {name for name in public if not name.startswith(PROTECTED_PREFIXES)} <= BASE_MODEL_ATTRIBUTES
