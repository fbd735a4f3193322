"""A schema that was understood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from firestore_codegen.errors import Place
from firestore_codegen.ir import AnyValue, Nullable, Scalar, ScalarKind, TypeRef
from firestore_codegen.read.sources import JsonObject

NULL = Scalar(ScalarKind.NULL)
NULL_SCHEMA: JsonObject = {"type": "null"}
_JSON_TYPES = {str: "string", int: "integer", bool: "boolean"}


@dataclass(frozen=True, slots=True)
class Origin:
    """The definition that a type was written as, for types that are no class and so have no name of their own."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Parsed:
    """A type, and the schema that says the same to the model generator; both without null, which `nullable` adds."""

    type: TypeRef
    schema: JsonObject
    nullable: bool = False
    server_timestamp: Literal["create", "write"] | None = None
    default_now: bool = False
    origin: Origin | None = None

    @property
    def full_type(self) -> TypeRef:
        """The type, with null where it is allowed."""
        return Nullable(self.type) if self.nullable else self.type

    @property
    def full_schema(self) -> JsonObject:
        """The schema, with null where it is allowed."""
        if not self.nullable:
            return self.schema
        if "const" in self.schema:
            # Two alternatives would become an enumeration with one member.
            value = self.schema["const"]
            return {"type": [_JSON_TYPES[type(value)], "null"], "enum": [value, None], "x-enum-field-as-literal": True}
        if self.schema.get("type") in ("string", "integer", "number", "array") and "format" not in self.schema:
            return {**self.schema, "type": [self.schema["type"], "null"]}
        for keyword in ("oneOf", "anyOf"):
            if keyword in self.schema:
                return {**self.schema, keyword: [*self.schema[keyword], NULL_SCHEMA]}
        return {"anyOf": [self.schema, NULL_SCHEMA]}


ANYTHING = Parsed(AnyValue(), {})
