"""What binds an adapter to a schema: which collection plays a role in it, and which of its fields are which.

A generated package holds bindings as data; what an adapter does with them is the same for every package.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pydantic

from firestore_runtime.collections.schema import CollectionSchema

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)
FieldsT = TypeVar("FieldsT")
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class BoundField(Generic[ValueT]):
    """A field of a model that plays a role in an adapter.

    Attributes:
        name: Its attribute in the model.
        key: Its stored name.
    """

    name: str
    key: str

    def of(self, model: pydantic.BaseModel) -> ValueT:
        """Return the value that a model has in this field; the generator has checked that it is of this type."""
        value: ValueT = getattr(model, self.name)
        return value

    def assign(self, model: pydantic.BaseModel, value: ValueT) -> None:
        """Give this field of a model a value."""
        setattr(model, self.name, value)


@dataclass(frozen=True, slots=True)
class BoundCollection(Generic[ModelT, FieldsT]):
    """A collection that plays a role in an adapter.

    Attributes:
        path: Where the adapter's older documents lie.
        schema: The typed collection.
        model: The class that the adapter makes of a document.
        fields: The model's fields, by what the adapter calls them.
    """

    path: str
    schema: CollectionSchema[Any]  # of whichever model: `model` may be a subclass of it
    model: type[ModelT]
    fields: FieldsT
