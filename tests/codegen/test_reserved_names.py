"""Whatever a generated module imports or defines is a name that no class of a schema may take."""

import ast
from pathlib import Path

from firestore_codegen.names import RESERVED_CLASS_NAMES

PACKAGE = Path(__file__).parents[2] / "generated" / "firestore_memory"
BESIDE_MODELS = (
    "codecs.py",
    "fields.py",
    "models.py",
    "patches.py",
    "schema.py",
    *(f"{flavour}/{name}.py" for flavour in ("_sync", "_async") for name in ("client", "collections")),
)
"""The modules in which classes of a schema are named."""


def test_every_name_beside_the_models_is_reserved_or_derived() -> None:
    models = {node.name for node in _walk("models.py") if isinstance(node, ast.ClassDef)}
    imported = {
        alias.asname or alias.name
        for file in BESIDE_MODELS
        for node in _walk(file)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    classes = {name for name in imported - models if name[0].isupper()}
    derived = {name for name in classes if name.endswith(("Fields", "Patch", "Collection", "ByPath"))}
    derived |= {"MemoryClient", "AsyncMemoryClient", "MemorySettings"}

    assert classes - derived <= RESERVED_CLASS_NAMES


def _walk(file: str) -> list[ast.AST]:
    return list(ast.walk(ast.parse((PACKAGE / file).read_text(encoding="utf-8"))))
