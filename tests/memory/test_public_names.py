"""What `firestore_memory` offers: exactly these names, all of them documented, and quickly."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import firestore_memory

PACKAGE = Path(firestore_memory.__file__).parent
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))

PUBLIC = """
AgentData AgentDataCollection AgentDataFields AgentDataPatch AlreadyExistsError AsyncAgentDataCollection AsyncBackend
AsyncBulkWriter AsyncCollection AsyncEmbeddedBackend AsyncEmbedder AsyncFirestoreBackend AsyncMemoryClient
AsyncMemoryItemsCollection AsyncMemoryRecordsCollection AsyncPersonasCollection AsyncQuery AsyncSessionTurnsCollection
AsyncSessionTurnsCollectionByPath AsyncUserSessionsCollection Backend BulkWriteError BulkWriter Call Change Collection
ConfigurationError ConflictError CorruptDocumentError DocumentPath EmbeddedBackend Embedder Explanation Field Filter
FirestoreBackend GeoPoint Health Index MemoryClient MemoryItem MemoryItemFields MemoryItemPatch MemoryItemsCollection
MemoryRecord MemoryRecordFields MemoryRecordPatch MemoryRecordsCollection MemorySettings MissingIndexError Nearest
NotFoundError OnCorrupt OnError OperationError Options Order Page PersonaConfig PersonaConfigFields PersonaConfigPatch
PersonasCollection Query QuotaExceededError Retry SessionState SessionTurn SessionTurnFields SessionTurnPatch
SessionTurnsCollection SessionTurnsCollectionByPath Snapshot StorageConnectionError StorageError
StoragePermissionError StorageTimeoutError TurnRole UserSession UserSessionFields UserSessionPatch
UserSessionsCollection UtcDatetime ValidationError Vector WordLlamaEmbedder WriteOutcome WriteProgress WriteReport
Written
""".split()
"""To offer another name, or to take one away, is a decision: write it down here, and in the changelog."""

GOOGLE = {"google", "grpc", "pydantic_settings", "proto"}
LOADED = """
import sys
{statement}
sys.exit(", ".join({unwanted} & {{name.partition(".")[0] for name in sys.modules}}) or None)
"""


def test_the_names_are_these_and_sorted() -> None:
    assert firestore_memory.__all__ == sorted(PUBLIC)


def test_nothing_else_is_in_sight() -> None:
    assert [name for name in dir(firestore_memory) if not name.startswith("__")] == firestore_memory.__all__


@pytest.mark.parametrize("name", PUBLIC)
def test_every_name_can_be_imported(name: str) -> None:
    assert getattr(firestore_memory, name) is not None


def test_other_names_cannot() -> None:
    with pytest.raises(AttributeError, match="MemoryCleint"):
        firestore_memory.MemoryCleint  # type: ignore[attr-defined]  # noqa: B018  # what mypy sees as well


@pytest.mark.parametrize(
    "statement",
    [
        "import firestore_memory",
        "from firestore_memory import MemoryItem, NotFoundError, Options, Snapshot",
        "import firestore_memory; dir(firestore_memory); help",
    ],
)
def test_google_is_not_loaded_before_a_client_is_asked_for(statement: str) -> None:
    assert loaded(statement, GOOGLE) == ""


def test_the_package_alone_loads_nothing() -> None:
    """It is loaded with each run of pytest in the environment, for its plugin."""
    assert loaded("import firestore_memory; dir(firestore_memory)", GOOGLE | {"pydantic", "asyncio"}) == ""


def loaded(statement: str, unwanted: set[str]) -> str:
    """Run a statement, and return which packages it loads of those that it should not."""
    command = [sys.executable, "-c", LOADED.format(statement=statement, unwanted=unwanted)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize("module", MODULES)
def test_everything_public_is_documented(module: str) -> None:
    tree = ast.parse((PACKAGE / module).read_text())

    assert ast.get_docstring(tree), "the module itself"
    assert list(_undocumented(tree, "")) == []


def _undocumented(node: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
    for item in node.body:
        match item:
            case ast.ClassDef(name) if not name.startswith("_"):
                if not ast.get_docstring(item):
                    yield f"{prefix}{name}"
                yield from _undocumented(item, f"{prefix}{name}.")
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) if _is_public(item):
                if not ast.get_docstring(item):
                    yield f"{prefix}{name}"


def _is_public(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    decorators = [ast.unparse(decorator) for decorator in function.decorator_list]
    return not function.name.startswith("_") and "overload" not in decorators
