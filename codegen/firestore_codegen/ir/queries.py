"""Declared queries: conditions, orders and what is compared with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from firestore_codegen.ir.models import FieldPath
from firestore_codegen.ir.types import TypeRef
from firestore_runtime.wire.operators import Symbol

JsonScalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument of a declared query: a value, or with `many` a sequence of them.

    An `optional` one drops its filter when it is None.
    """

    name: str
    type: TypeRef
    optional: bool
    many: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter of a declared query: against a parameter, or against a value written in the configuration."""

    path: FieldPath
    op: Symbol
    operand: Parameter | FixedValue


@dataclass(frozen=True, slots=True)
class FixedValue:
    """A value written in the configuration, or several, with the type that it is, or each of them is, compared with."""

    value: JsonScalar | tuple[JsonScalar, ...]
    type: TypeRef


@dataclass(frozen=True, slots=True)
class Order:
    """One key of a declared order."""

    path: FieldPath
    direction: Literal["asc", "desc"]


@dataclass(frozen=True, slots=True)
class Query:
    """A declared query: a method of its collection."""

    name: str
    description: str
    where: tuple[Condition, ...]
    order_by: tuple[Order, ...]
    limit: int | None
