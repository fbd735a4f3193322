"""Limits that no collection of the memory schema is deep enough to reach, and those of one write."""

from __future__ import annotations

import pytest

from firestore_memory import MemoryItemFields, ValidationError, schema
from firestore_runtime.collections.reference import CollectionReference
from firestore_runtime.documents.writes import update_write
from firestore_runtime.limits import MAX_DOCUMENT_NAME_BYTES, MAX_FIELD_TRANSFORMS, check_name

PLACE = CollectionReference(schema.MEMORY_ITEMS, "projects/p/databases/d", None, {})


@pytest.mark.parametrize("letter", ["x", "é", "€", "😀"])
def test_the_name_of_a_document(letter: str) -> None:
    longest = letter * (MAX_DOCUMENT_NAME_BYTES // len(letter.encode()))
    assert check_name(longest) == longest
    with pytest.raises(ValidationError, match="6,144"):
        check_name(longest + letter)


def test_the_fields_that_one_update_transforms() -> None:
    changes = [MemoryItemFields.metadata[f"k{number}"].increment(1) for number in range(MAX_FIELD_TRANSFORMS + 1)]
    assert len(update_write(PLACE, "a", changes[1:], {}, None).update_transforms) == MAX_FIELD_TRANSFORMS
    with pytest.raises(ValidationError, match="500"):
        update_write(PLACE, "a", changes, {}, None)
