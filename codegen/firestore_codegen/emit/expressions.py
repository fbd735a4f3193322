"""Types of the representation as Python source: annotations, encoders, decoders and field objects.

Each function is one `match` over `TypeRef`; the names in the source are those of the generated package.
"""

from __future__ import annotations

from typing import assert_never

from firestore_codegen.ir import (
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
)
from firestore_codegen.names import field_name

_ANNOTATIONS = {
    ScalarKind.STRING: "str",
    ScalarKind.BOOLEAN: "bool",
    ScalarKind.INTEGER: "int",
    ScalarKind.NUMBER: "float",
    ScalarKind.BYTES: "bytes",
    ScalarKind.TIMESTAMP: "datetime",
    ScalarKind.DATE: "date",
    ScalarKind.TIME: "time",
    ScalarKind.DURATION: "timedelta",
    ScalarKind.DECIMAL: "Decimal",
    ScalarKind.UUID: "UUID",
    ScalarKind.GEOPOINT: "GeoPoint",
    ScalarKind.NULL: "None",
}

_UNORDERED = {ScalarKind.DURATION, ScalarKind.DECIMAL, ScalarKind.NULL}
"""Scalars whose stored text does not sort as their values do, and the one that has a single value."""

_TEXTS = {
    ScalarKind.STRING,
    ScalarKind.DATE,
    ScalarKind.TIME,
    ScalarKind.DURATION,
    ScalarKind.DECIMAL,
    ScalarKind.UUID,
}
"""Scalars that are stored as text."""

_CODECS = frozenset("any array_of embedded fields map_of optional reference tagged vector".split()) | set(ScalarKind)
"""The `encode_…` and `decode_…` functions that every package has."""


def annotation(type_: TypeRef) -> str:
    """The Python type."""
    match type_:
        case Scalar(kind):
            return _ANNOTATIONS[kind]
        case AnyValue():
            return "Any"
        case Vector():
            return "list[float]"
        case Reference():
            return "DocumentPath"
        case Constant(value):
            return f"Literal[{value!r}]"
        case EnumRef(name) | ModelRef(name):
            return name
        case Array(items):
            return f"list[{annotation(items)}]"
        case Map(values):
            return f"dict[str, {annotation(values)}]"
        case Union(members):
            return " | ".join(annotation(member) for member in members)
        case Nullable(inner):
            return f"{annotation(inner)} | None"
        case _:
            assert_never(type_)


def encoder(type_: TypeRef) -> str:
    """The function that writes a value."""
    match type_:
        case Scalar(kind):
            return f"encode_{kind}"
        case AnyValue():
            return "encode_any"
        case Vector(dimension, any_dimension):
            return "encode_vector" if any_dimension else f"vector_of({dimension})"
        case Reference(collection):
            return "encode_reference" if collection is None else f"reference_to({collection!r})"
        case Constant(value):
            return encoder(_constant_type(value))
        case EnumRef(name):
            return f"enum_of({name})"
        case ModelRef(name):
            return f"embedded(encode_{codec_name(name)})"
        case Array(items):
            return f"array_of({encoder(items)})"
        case Map(values):
            return f"map_of({encoder(values)})"
        case Union(members):
            encoders = {_runtime_type(member): encoder(_alike(member, members)) for member in members}
            return f"one_of({{{', '.join(f'{class_}: {function}' for class_, function in encoders.items())}}})"
        case Nullable(inner):
            return f"nullable_of({encoder(inner)})"
        case _:
            assert_never(type_)


def decoder(type_: TypeRef) -> str:
    """The function that reads a value; only what holds a model or a vector differs from reading anything."""
    match type_:
        case Scalar(kind) if kind in _TEXTS:
            return "decode_string"
        case Scalar() | AnyValue() | Reference() | Constant() | EnumRef():
            return "decode_any"
        case Vector():
            return "decode_vector"
        case ModelRef(name):
            return f"decode_embedded(decode_{codec_name(name)})"
        case Array(items):
            return _container_decoder("decode_array_of", items)
        case Map(values):
            return _container_decoder("decode_map_of", values)
        case Union(_, Discriminator(key, models)):
            tagged = ", ".join(f"{tag!r}: {decoder(ModelRef(model))}" for tag, model in models)
            return f"decode_tagged({key!r}, {{{tagged}}})"
        case Union():
            return "decode_any"
        case Nullable(inner):
            return decoder(inner)
        case _:
            assert_never(type_)


def codec_name(model: str) -> str:
    """What the functions that write and read a model are called, behind `encode_` and `decode_`."""
    name = field_name(model)
    return f"{name}_" if name in _CODECS else name


def field_object(type_: TypeRef, model: str, path: str) -> str:
    """The typed field at a path, of a collection of `model`.

    Args:
        type_: The type of the field.
        model: The model, or the type variable that stands for it.
        path: An expression for the stored keys from the document's root.
    """
    match type_:
        case Nullable(inner):
            return field_object(inner, model, path)
        case Scalar(ScalarKind.TIMESTAMP):
            return f"TimestampField[{model}]({path})"
        case AnyValue():
            return f"AnyField[{model}]({path})"
        case Vector():
            return f"VectorField[{model}]({path}, {encoder(type_)}, {type_.dimension})"
        case ModelRef(name):
            return f"{name}Field[{model}]({path})"
        case Array(items):
            return f"ArrayField[{model}, {annotation(items)}]({path}, {encoder(type_)}, {encoder(items)})"
        case Map(AnyValue()):
            return f"MapField[{model}, Any, AnyField[{model}]]({path}, {encoder(type_)}, AnyField)"
        case Map(values):
            classes = f"{model}, {annotation(values)}, {field_annotation(values, model)}"
            value_field = f"lambda path: {field_object(values, model, 'path')}"
            return f"MapField[{classes}]({path}, {encoder(type_)}, {value_field})"
        case Scalar() | Reference() | Constant() | EnumRef() | Union():
            return f"{_field_class(type_)}[{model}, {annotation(type_)}]({path}, {encoder(type_)})"
        case _:
            assert_never(type_)


def field_annotation(type_: TypeRef, model: str) -> str:
    """The class of `field_object`'s result."""
    return field_object(type_, model, "").partition("(")[0]


def _constant_type(value: str | int | bool) -> Scalar:
    if isinstance(value, bool):
        return Scalar(ScalarKind.BOOLEAN)
    return Scalar(ScalarKind.INTEGER if isinstance(value, int) else ScalarKind.STRING)


def _container_decoder(function: str, element: TypeRef) -> str:
    inner = decoder(element)
    return "decode_any" if inner in ("decode_any", "decode_string") else f"{function}({inner})"


def _field_class(type_: TypeRef) -> str:
    match type_:
        case Scalar(ScalarKind.INTEGER | ScalarKind.NUMBER):
            return "NumberField"
        case Scalar(kind) if kind in _UNORDERED:
            return "Field"
        case Union(members) if not all(isinstance(member, Scalar | Constant | EnumRef) for member in members):
            return "Field"
        case _:
            return "OrderedField"


def _alike(member: TypeRef, members: tuple[TypeRef, ...]) -> TypeRef:
    """One type for all members of the member's class: an array of strings or of integers is an array of either."""
    match member:
        case Array():
            return Array(_either([other.items for other in members if isinstance(other, Array)]))
        case Map():
            return Map(_either([other.values for other in members if isinstance(other, Map)]))
        case _:
            return member


def _either(types: list[TypeRef]) -> TypeRef:
    inner = [type_.type if isinstance(type_, Nullable) else type_ for type_ in types]
    flat = [part for type_ in inner for part in (type_.members if isinstance(type_, Union) else [type_])]
    distinct = tuple(dict.fromkeys(flat))
    if any(isinstance(part, AnyValue) for part in distinct):
        return AnyValue()
    joined = distinct[0] if len(distinct) == 1 else Union(distinct)
    return Nullable(joined) if any(isinstance(type_, Nullable) for type_ in types) else joined


def _runtime_type(type_: TypeRef) -> str:
    """The class of a union's member, which tells at run time which member a value is."""
    match type_:
        case Constant(value):
            return type(value).__name__
        case Array() | Vector():
            return "list"
        case Map():
            return "dict"
        case AnyValue():
            return "object"
        case _:
            return annotation(type_)
