"""`wire.pyi` tells mypy the truth: what it declares is what the protobuf messages have."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore_v1 import types
from google.protobuf import empty_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from firestore_runtime import wire

STUB = ast.parse((Path(str(wire.__file__)).with_suffix(".pyi")).read_text())
CLASSES = {node.name: node for node in STUB.body if isinstance(node, ast.ClassDef)}
MESSAGES = {name: node for name, node in CLASSES.items() if [ast.unparse(base) for base in node.bases] == ["Message"]}
CONTAINERS = {"Message", "Repeated", "RepeatedMessage", "MessageMap"}
_SCALARS = {
    FieldDescriptor.CPPTYPE_BOOL: "bool",
    FieldDescriptor.CPPTYPE_DOUBLE: "float",
    FieldDescriptor.CPPTYPE_FLOAT: "float",
    FieldDescriptor.CPPTYPE_ENUM: "int",
    FieldDescriptor.CPPTYPE_INT32: "int",
    FieldDescriptor.CPPTYPE_INT64: "int",
}


def _descriptors() -> dict[str, Descriptor]:
    """All messages that requests and responses are made of, by name."""
    roots = [getattr(types, name) for name in dir(types) if name.endswith(("Request", "Response"))]
    waiting = [root.pb().DESCRIPTOR for root in roots] + [empty_pb2.Empty.DESCRIPTOR]
    found: dict[str, Descriptor] = {}
    while waiting:
        descriptor = waiting.pop()
        if found.setdefault(descriptor.full_name, descriptor) is descriptor:
            parts = [field.message_type for field in descriptor.fields if field.message_type is not None]
            waiting += [part for part in parts if part.full_name not in found]
    # Some names are those of several messages; those of Firestore itself come last, and stay.
    ordered = sorted(found.values(), key=lambda descriptor: descriptor.file.package == "google.firestore.v1")
    return {_name(descriptor): descriptor for descriptor in ordered}


def _name(descriptor: Descriptor) -> str:
    """The name in the stub; the one message of its own that Google does not define for a response is empty."""
    return "RollbackResponse" if descriptor.full_name == "google.protobuf.Empty" else descriptor.name


DESCRIPTORS = _descriptors()


def _shape(field: FieldDescriptor) -> str:
    """How the stub has to declare a field."""
    if field.message_type is None:
        text = "bytes" if field.type == FieldDescriptor.TYPE_BYTES else _SCALARS.get(field.cpp_type, "str")
        return f"Repeated[{text}]" if field.is_repeated else text
    if field.message_type.GetOptions().map_entry:
        value = field.message_type.fields_by_name["value"].message_type
        return f"MessageMap[{value and _name(value)}]"
    name = _name(field.message_type)
    return f"RepeatedMessage[{name}]" if field.is_repeated else name


def _declared(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """The fields of a class of the stub, and the arguments of its constructor as if they were fields."""
    for item in node.body:
        match item:
            case ast.AnnAssign(ast.Name(name), annotation):
                yield name, ast.unparse(annotation)
            case ast.FunctionDef("__init__", ast.arguments(kwonlyargs=arguments)):
                for argument in arguments:
                    assert argument.annotation is not None
                    yield argument.arg, ast.unparse(argument.annotation).replace("Iterable", "RepeatedMessage")


def test_every_class_is_a_message_or_a_container() -> None:
    assert set(CLASSES) - set(MESSAGES) == CONTAINERS
    assert set(MESSAGES) - set(DESCRIPTORS) == set()


@pytest.mark.parametrize("name", MESSAGES)
def test_every_field_is_there_with_its_shape(name: str) -> None:
    fields = DESCRIPTORS[name].fields_by_name

    assert [field for field, _ in _declared(MESSAGES[name]) if field not in fields] == []
    assert dict(_declared(MESSAGES[name])) == {field: _shape(fields[field]) for field, _ in _declared(MESSAGES[name])}


@pytest.mark.parametrize("name", [name for name in MESSAGES if hasattr(wire, name)])
def test_every_class_is_the_message_of_its_name(name: str) -> None:
    assert getattr(wire, name).DESCRIPTOR is DESCRIPTORS[name]


def test_every_nested_class_is_declared() -> None:
    nested: dict[str, Any] = vars(wire)["_NESTED"]

    assert set(nested) <= set(MESSAGES)


def _methods(name: str) -> list[str]:
    """The methods that the stub gives to a class; that it can be iterated needs no method in C."""
    methods = [item.name for item in CLASSES[name].body if isinstance(item, ast.FunctionDef)]
    return [method for method in methods if method != "__iter__"]


def test_every_method_is_there() -> None:
    value = wire.Value()
    containers: dict[str, Any] = {
        "Message": value,
        "Repeated": wire.DocumentMask().field_paths,
        "RepeatedMessage": value.array_value.values,
        "MessageMap": value.map_value.fields,
    }
    for name, container in containers.items():
        assert [method for method in _methods(name) if not hasattr(container, method)] == []
        if name != "Message":
            assert list(container) == []
