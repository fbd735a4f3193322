"""Changes of single fields in an `update`, beyond what keyword arguments can express."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from firestore_runtime.codecs.context import Context
from firestore_runtime.paths import FieldPath, field_path
from firestore_runtime.wire.operators import REQUEST_TIME

if TYPE_CHECKING:
    from firestore_runtime.wire import ArrayValue, FieldTransform, Value, Write

ModelT = TypeVar("ModelT")


@dataclass(frozen=True, slots=True)
class Change(ABC, Generic[ModelT]):
    """A change of one field of a document of `ModelT`."""

    path: FieldPath

    @abstractmethod
    def write(self, write: Write, context: Context) -> None:
        """Add the change to the protobuf message of the update."""

    def _transform(self, write: Write) -> FieldTransform:
        transform = write.update_transforms.add()
        transform.field_path = field_path(self.path)
        return transform


@dataclass(frozen=True, slots=True)
class SetField(Change[ModelT]):
    """Set the field to a value; None is omitted along with other nulls, if an absent field means the same."""

    value: Any  # of the field's own type, which only the field knows; so in all classes here
    encode: Callable[[Value, Any, Context], None]
    is_none_if_absent: bool = True

    def write(self, write: Write, context: Context) -> None:
        """Add the change to the protobuf message of the update."""
        write.update_mask.field_paths.append(field_path(self.path))
        if self.value is None:
            if not (context.omit_nulls and self.is_none_if_absent):
                self._place(write).null_value = 0
        else:
            self.encode(self._place(write), self.value, context)

    def _place(self, write: Write) -> Value:
        fields = write.update.fields
        for key in self.path[:-1]:
            fields = fields[key].map_value.fields
        return fields[self.path[-1]]


@dataclass(frozen=True, slots=True)
class DeleteField(Change[ModelT]):
    """Remove the field."""

    def write(self, write: Write, context: Context) -> None:
        """Add the change to the protobuf message of the update."""
        write.update_mask.field_paths.append(field_path(self.path))


@dataclass(frozen=True, slots=True)
class SetServerTimestamp(Change[ModelT]):
    """Set the field to the server's time."""

    def write(self, write: Write, context: Context) -> None:
        """Add the change to the protobuf message of the update."""
        self._transform(write).set_to_server_value = REQUEST_TIME


@dataclass(frozen=True, slots=True)
class NumericTransform(Change[ModelT]):
    """Add to a number, or keep the larger or smaller of two."""

    kind: Literal["increment", "maximum", "minimum"]
    operand: Any
    encode: Callable[[Value, Any, Context], None]

    def write(self, write: Write, context: Context) -> None:
        """Add the change to the protobuf message of the update."""
        operand: Value = getattr(self._transform(write), self.kind)
        self.encode(operand, self.operand, context)


@dataclass(frozen=True, slots=True)
class ArrayTransform(Change[ModelT]):
    """Append elements that a list does not contain yet, or remove elements from it."""

    kind: Literal["append_missing_elements", "remove_all_from_array"]
    elements: Sequence[Any]
    encode: Callable[[Value, Any, Context], None]

    def write(self, write: Write, context: Context) -> None:
        """Add the change to the protobuf message of the update."""
        array: ArrayValue = getattr(self._transform(write), self.kind)
        array.SetInParent()
        for element in self.elements:
            self.encode(array.values.add(), element, context)
