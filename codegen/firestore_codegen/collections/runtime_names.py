"""The names that the runtime's classes have, of which the generated ones are made: no collection or query may hide one.

They are read from the source. Importing it would load Google's libraries, for which generating never waits.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from firestore_codegen.names import TYPE_NAMES

_GENERATED_METHODS = frozenset({"update"})
"""What a generated collection has beside its queries."""
_CLIENT_BODY = frozenset({"cached_property", "classmethod", "schema"})
"""What the body of a generated client refers to, between its collections."""


@cache
def client_names() -> frozenset[str]:
    """The names that no collection can have."""
    return public_names("client", "Client") | _CLIENT_BODY


@cache
def collection_names() -> frozenset[str]:
    """The names that no query can have: within its class it would hide a method, or a type from the annotations."""
    return public_names("collection", "Collection") | _GENERATED_METHODS | TYPE_NAMES


def public_names(module: str, class_name: str) -> frozenset[str]:
    """The public attributes of a class of the runtime, whose flavours have the same."""
    spec = find_spec(f"firestore_runtime._sync.{module}")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"firestore_runtime has no module {module}")
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    [found] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_name]
    return frozenset(name for name in _names(found) if not name.startswith("_"))


def _names(class_: ast.ClassDef) -> Iterator[str]:
    """Yield what a class defines, and what its methods set on `self`."""
    for node in class_.body:
        match node:
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.AnnAssign(ast.Name(name)):
                yield name
            case ast.Assign(targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
    for part in ast.walk(class_):
        match part:
            case ast.Attribute(ast.Name("self"), name, ast.Store()):
                yield name
