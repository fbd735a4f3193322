"""The intermediate representation: what a schema and its collections mean, with every name decided.

`firestore_codegen.build` makes it, the templates read it, nothing changes it in between.
"""

from __future__ import annotations

from firestore_codegen.ir.adapters import AdaptedCollection, Adapter
from firestore_codegen.ir.collections import Collection, DocumentId, VectorField
from firestore_codegen.ir.models import Enum, Field, FieldPath, MapKey, Model
from firestore_codegen.ir.package import Package
from firestore_codegen.ir.queries import Condition, FixedValue, JsonScalar, Order, Parameter, Query
from firestore_codegen.ir.types import (
    AnyValue,
    Array,
    Constant,
    Discriminator,
    EnumRef,
    Map,
    ModelRef,
    Nullable,
    Reference,
    Scalar,
    ScalarKind,
    TypeRef,
    Union,
    Vector,
    without_null,
)

__all__ = [
    "AdaptedCollection",
    "Adapter",
    "AnyValue",
    "Array",
    "Collection",
    "Condition",
    "Constant",
    "Discriminator",
    "DocumentId",
    "Enum",
    "EnumRef",
    "Field",
    "FieldPath",
    "FixedValue",
    "JsonScalar",
    "Map",
    "MapKey",
    "Model",
    "ModelRef",
    "Nullable",
    "Order",
    "Package",
    "Parameter",
    "Query",
    "Reference",
    "Scalar",
    "ScalarKind",
    "TypeRef",
    "Union",
    "Vector",
    "VectorField",
    "without_null",
]
