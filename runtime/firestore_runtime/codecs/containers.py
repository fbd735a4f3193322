"""Encoders of values that hold others: optional fields, lists, maps, models, unions, enumerations.

The functions that end in `_of` make an encoder from those of its parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from firestore_runtime.codecs.scalars import wrong_type
from firestore_runtime.codecs.untyped import encode_any, known_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from firestore_runtime.codecs.context import Context, Encoder, Fields
    from firestore_runtime.wire import Value

T = TypeVar("T")
ModelT = TypeVar("ModelT")
EnumT = TypeVar("EnumT", bound=Enum)


def encode_optional(fields: Fields, key: str, item: T | None, encode: Encoder[T], context: Context) -> None:
    """Write a field that may be None."""
    if item is not None:
        encode(fields[key], item, context)
    elif not context.omit_nulls:
        fields[key].null_value = 0


def nullable_of(encode: Encoder[T]) -> Encoder[T | None]:
    """Make an encoder that writes None as null."""

    def encode_nullable(value: Value, item: T | None, context: Context) -> None:
        if item is None:
            value.null_value = 0
        else:
            encode(value, item, context)

    return encode_nullable


def array_of(encode: Encoder[T]) -> Encoder[Sequence[T]]:
    """Make an encoder for lists."""

    def encode_array(value: Value, items: Sequence[T], context: Context) -> None:
        if not isinstance(items, (list, tuple)):
            raise wrong_type("a list", items)
        value.array_value.SetInParent()
        values = value.array_value.values
        for item in items:
            encode(values.add(), item, context)

    return encode_array


def map_of(encode: Encoder[T]) -> Encoder[Mapping[str, T]]:
    """Make an encoder for dictionaries."""

    def encode_map(value: Value, items: Mapping[str, T], context: Context) -> None:
        if not isinstance(items, Mapping):
            raise wrong_type("a dictionary", items)
        value.map_value.SetInParent()
        fields = value.map_value.fields
        for key, item in items.items():
            encode(fields[known_key(key)], item, context)

    return encode_map


def embedded(encode: Callable[[ModelT, Fields, Context], None]) -> Encoder[ModelT]:
    """Make an encoder for a model inside of a document from the model's own."""

    def encode_model(value: Value, model: ModelT, context: Context) -> None:
        value.map_value.SetInParent()
        encode(model, value.map_value.fields, context)

    return encode_model


def one_of(encoders: Mapping[type, Encoder[Any]]) -> Encoder[Any]:  # a union's members share no type but Any
    """Make an encoder for a union: the member is chosen by the type of the value."""

    def encode_member(value: Value, item: Any, context: Context) -> None:
        for kind in type(item).__mro__:
            if encode := encoders.get(kind):
                encode(value, item, context)
                return
        raise wrong_type("one of " + ", ".join(kind.__name__ for kind in encoders), item)

    return encode_member


def enum_of(enum: type[EnumT]) -> Encoder[EnumT]:
    """Make an encoder for the members of an enumeration of strings or integers."""

    def encode(value: Value, member: EnumT, context: Context) -> None:
        encode_any(value, enum(member).value, context)

    return encode
