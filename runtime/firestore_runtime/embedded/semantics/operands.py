"""Firestore's rules for the values that fields are compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime.embedded.semantics.name_rules import check_document_name
from firestore_runtime.embedded.semantics.value_rules import check_value
from firestore_runtime.errors import ValidationError
from firestore_runtime.paths import DOCUMENT_ID

if TYPE_CHECKING:
    from firestore_runtime.paths import FieldPath
    from firestore_runtime.wire import Value


def check_operand(path: FieldPath, value: Value, database: str) -> None:
    """Refuse a value that a field cannot be compared with.

    Args:
        path: The field.
        value: The value, in a filter or in a cursor.
        database: The database of the query.

    Raises:
        ValidationError: It is no value that could be stored; or the field is `__name__`, and it is no reference to a
            document of the database.
    """
    check_value(value, 0)
    if path != DOCUMENT_ID:
        return
    if not value.HasField("reference_value"):
        kind = value.WhichOneof("value_type")
        raise ValidationError(f"__name__ is compared with references to documents (reference_value), not with a {kind}")
    check_document_name(value.reference_value, database)
