"""Typed fields, from which filters, orders and changes are built.

`ModelT` is the model of the collection, so that a filter on another model's field is a type error; `ValueT` is the type
of the field's value. The generated `fields` module has one object of these classes for each property.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import isnan
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from firestore_runtime.codecs.containers import array_of
from firestore_runtime.codecs.scalars import encode_timestamp
from firestore_runtime.codecs.untyped import encode_any
from firestore_runtime.errors import ValidationError
from firestore_runtime.fields.changes import (
    ArrayTransform,
    Change,
    DeleteField,
    NumericTransform,
    SetField,
    SetServerTimestamp,
)
from firestore_runtime.fields.filters import Comparison, Filter, ValueTest, checked_values
from firestore_runtime.limits import check_id, check_key
from firestore_runtime.paths import DOCUMENT_ID, FieldPath, field_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from firestore_runtime.codecs.context import Context, Encoder
    from firestore_runtime.wire import Value
    from firestore_runtime.wire.operators import Symbol

ModelT = TypeVar("ModelT")
ValueT = TypeVar("ValueT")
FieldT = TypeVar("FieldT")


@dataclass(frozen=True, slots=True)
class Order(Generic[ModelT]):
    """One key of an order."""

    path: FieldPath
    direction: Literal["asc", "desc"]
    encode: Encoder[Any]  # of the field's own type, which only the field knows


class Field(Generic[ModelT, ValueT]):
    """A field that can be compared for equality, set and deleted.

    Args:
        path: The stored keys from the document's root to the field.
        encode: The encoder of the field's values.
    """

    __slots__ = ("encode", "path")
    __hash__ = None  # type: ignore[assignment]  # `==` makes a filter, so fields cannot be keys

    def __init__(self, path: FieldPath, encode: Encoder[ValueT]) -> None:
        self.path = path
        self.encode = encode

    def __repr__(self) -> str:
        """Return the field with its stored path."""
        return f"{type(self).__name__}({field_path(self.path)})"

    def __eq__(self, value: ValueT | None) -> Filter[ModelT]:  # type: ignore[override]  # a filter, not a truth value
        """Match documents in which the field has this value; None matches a stored null, not an absent field."""
        return self.is_null() if value is None else self._compare("==", value)

    def __ne__(self, value: ValueT | None) -> Filter[ModelT]:  # type: ignore[override]  # a filter, not a truth value
        """Match documents that have the field, with a value that is neither this one nor null."""
        return ValueTest(self.path, "is-not-null") if value is None else self._compare("!=", value)

    def is_null(self) -> Filter[ModelT]:
        """Match documents in which the field is stored as null; an absent field does not match."""
        return ValueTest(self.path, "is-null")

    def in_(self, values: Sequence[ValueT]) -> Filter[ModelT]:
        """Match documents in which the field has one of these values, at most 30."""
        checked = checked_values(self.path, "in", values)
        return Comparison(self.path, "in", checked, array_of(self.encode))

    def not_in(self, values: Sequence[ValueT]) -> Filter[ModelT]:
        """Match documents that have the field, with a value that is neither null nor one of these, at most 10."""
        checked = checked_values(self.path, "not-in", values)
        return Comparison(self.path, "not-in", checked, array_of(self.encode))

    def set(self, value: ValueT | None) -> Change[ModelT]:
        """Set the field, leaving its siblings in a map unchanged."""
        return SetField(self.path, value, self.encode)

    def delete(self) -> Change[ModelT]:
        """Remove the field from the document."""
        return DeleteField(self.path)

    def _compare(self, op: Symbol, value: ValueT) -> Filter[ModelT]:
        if value is None:
            raise ValidationError(f"{field_path(self.path)} {op} None: only == and != compare with None")
        return Comparison(self.path, op, value, self.encode)


class OrderedField(Field[ModelT, ValueT]):
    """A field whose values are ordered."""

    __slots__ = ()

    def __lt__(self, value: ValueT) -> Filter[ModelT]:
        """Match values that come before this one."""
        return self._compare("<", value)

    def __le__(self, value: ValueT) -> Filter[ModelT]:
        """Match this value and those before it."""
        return self._compare("<=", value)

    def __gt__(self, value: ValueT) -> Filter[ModelT]:
        """Match values that come after this one."""
        return self._compare(">", value)

    def __ge__(self, value: ValueT) -> Filter[ModelT]:
        """Match this value and those after it."""
        return self._compare(">=", value)

    def asc(self) -> Order[ModelT]:
        """Order by this field, smallest first. Documents without the field are left out."""
        return Order(self.path, "asc", self.encode)

    def desc(self) -> Order[ModelT]:
        """Order by this field, largest first. Documents without the field are left out."""
        return Order(self.path, "desc", self.encode)


class NumberField(OrderedField[ModelT, ValueT]):
    """A number, which the server can increment, or replace by a larger or smaller one."""

    __slots__ = ()

    def is_nan(self) -> Filter[ModelT]:
        """Match documents in which the field is not a number (NaN)."""
        return ValueTest(self.path, "is-nan")

    def _compare(self, op: Symbol, value: ValueT) -> Filter[ModelT]:
        if isinstance(value, float) and isnan(value):
            if op not in ("==", "!="):
                raise ValidationError(f"{field_path(self.path)} {op} NaN: no number comes before or after NaN")
            return ValueTest(self.path, "is-nan" if op == "==" else "is-not-nan")
        return super()._compare(op, value)

    def increment(self, amount: ValueT) -> Change[ModelT]:
        """Add `amount` on the server; a field that is absent or not a number counts as 0."""
        return NumericTransform(self.path, "increment", amount, self.encode)

    def maximum(self, value: ValueT) -> Change[ModelT]:
        """Set the field to `value` if that is larger, or if the field is absent."""
        return NumericTransform(self.path, "maximum", value, self.encode)

    def minimum(self, value: ValueT) -> Change[ModelT]:
        """Set the field to `value` if that is smaller, or if the field is absent."""
        return NumericTransform(self.path, "minimum", value, self.encode)


class TimestampField(OrderedField[ModelT, datetime]):
    """An instant."""

    __slots__ = ()

    def __init__(self, path: FieldPath, encode: Encoder[datetime] = encode_timestamp) -> None:
        super().__init__(path, encode)

    def server_timestamp(self) -> Change[ModelT]:
        """Set the field to the time at which the server processes the write."""
        return SetServerTimestamp(self.path)


class ArrayField(Field[ModelT, list[ValueT]]):
    """A list, which the server can treat as a set.

    Args:
        path: The stored keys from the document's root to the field.
        encode: The encoder of the whole list.
        encode_element: The encoder of one element.
    """

    __slots__ = ("encode_element",)

    def __init__(self, path: FieldPath, encode: Encoder[list[ValueT]], encode_element: Encoder[ValueT]) -> None:
        super().__init__(path, encode)
        self.encode_element = encode_element

    def array_contains(self, element: ValueT) -> Filter[ModelT]:
        """Match documents whose list contains this element."""
        return Comparison(self.path, "array-contains", element, self.encode_element)

    def array_contains_any(self, elements: Sequence[ValueT]) -> Filter[ModelT]:
        """Match documents whose list contains at least one of these elements, at most 30."""
        checked = checked_values(self.path, "array-contains-any", elements)
        return Comparison(self.path, "array-contains-any", checked, array_of(self.encode_element))

    def union(self, *elements: ValueT) -> Change[ModelT]:
        """Append those elements that the list does not contain yet."""
        return ArrayTransform(self.path, "append_missing_elements", elements, self.encode_element)

    def remove(self, *elements: ValueT) -> Change[ModelT]:
        """Remove every occurrence of the elements."""
        return ArrayTransform(self.path, "remove_all_from_array", elements, self.encode_element)


class MapField(Field[ModelT, dict[str, ValueT]], Generic[ModelT, ValueT, FieldT]):
    """A dictionary; `field["key"]` is the field of one of its keys.

    Args:
        path: The stored keys from the document's root to the field.
        encode: The encoder of the whole dictionary.
        value_field: Returns the field of one of its values, given its path.
    """

    __slots__ = ("_value_field",)

    def __init__(
        self, path: FieldPath, encode: Encoder[dict[str, ValueT]], value_field: Callable[[FieldPath], FieldT]
    ) -> None:
        super().__init__(path, encode)
        self._value_field = value_field

    def __getitem__(self, key: str) -> FieldT:
        """Return the field of one key, whatever characters it contains."""
        return self._value_field((*self.path, check_key(key)))


class AnyField(NumberField[ModelT, Any]):  # the schema declares no type
    """A field without a declared type."""

    __slots__ = ()

    def __init__(self, path: FieldPath, encode: Encoder[Any] = encode_any) -> None:
        super().__init__(path, encode)

    def array_contains(self, element: Any) -> Filter[ModelT]:
        """Match documents in which the field is a list that contains this element."""
        return Comparison(self.path, "array-contains", element, self.encode)

    def array_contains_any(self, elements: Sequence[Any]) -> Filter[ModelT]:
        """Match documents in which the field is a list that contains at least one of these elements, at most 30."""
        checked = checked_values(self.path, "array-contains-any", elements)
        return Comparison(self.path, "array-contains-any", checked, array_of(self.encode))

    def __getitem__(self, key: str) -> AnyField[ModelT]:
        """Return the field of one key of a map."""
        return type(self)((*self.path, check_key(key)))


class VectorField(Field[ModelT, list[float]]):
    """An embedding, by which documents can be searched.

    Args:
        path: The stored keys from the document's root to the field.
        encode: The encoder of the embedding.
        dimension: The number of elements that a searched embedding must have.
    """

    __slots__ = ("dimension",)

    def __init__(self, path: FieldPath, encode: Encoder[list[float]], dimension: int) -> None:
        super().__init__(path, encode)
        self.dimension = dimension


class DocumentIdField(OrderedField[ModelT, str]):
    """The id of a document."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(DOCUMENT_ID, _encode_document_id)


def _encode_document_id(value: Value, document_id: str, context: Context) -> None:
    if context.is_group:
        raise ValueError("ids are not unique in a collection group")
    value.reference_value = f"{context.collection}/{check_id(document_id)}"
