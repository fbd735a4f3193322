"""The names of the older storage package."""

from __future__ import annotations

import builtins
import hashlib
import re
import uuid
from typing import Any

import pytest

import firestore_memory
from firestore_memory.adapters import legacy_storage, legacy_sync
from firestore_memory.adapters.legacy_storage import (
    ConnectionError,
    OperationError,
    StorageConfig,
    StorageError,
    ValidationError,
    compute_content_hash,
    generate_id,
    get_collection_name,
)
from firestore_runtime import errors


def test_constants() -> None:
    found = {name: getattr(legacy_storage, name) for name in legacy_storage.__all__ if name.isupper()}
    assert found == {
        "AGENT_DATA_COLLECTION": "agent_data",
        "DEV_NOTES_COLLECTION": "dev_notes",
        "ENV_PREFIX": "ORCHESTRA_STORAGE_",
        "MAX_BATCH_SIZE": 400,
        "MAX_IN_QUERY_ITEMS": 10,
        "MEMORY_ITEMS_COLLECTION": "memory_items",
        "USER_SESSIONS_COLLECTION": "user_sessions",
        "VECTOR_EMBEDDINGS_COLLECTION": "vector_embeddings",
    }


@pytest.mark.parametrize(
    ("config", "base", "level", "name"),
    [
        ((), "memory_items", None, "memory_items_standard"),
        (("default",), "memory_items", None, "default_memory_items_standard"),
        (("t1", "prod"), "memory_items", None, "t1_memory_items_standard_prod"),
        (("t1", "prod"), "memory_items", "critical", "t1_memory_items_critical_prod"),
        ((None, "dev"), "memory_items", None, "memory_items_standard_dev"),
        ((None, None, None, None), "memory_items", None, "memory_items"),
        ((None, None, None, ""), "memory_items", None, "memory_items"),
        (("n", None, {"memory_items": "mi2"}), "memory_items", None, "n_mi2_standard"),
        ((None, None, None, "zzz"), "agent_data", None, "agent_data_zzz"),
    ],
)
def test_a_configuration_names_collections(config: tuple[Any, ...], base: str, level: str | None, name: str) -> None:
    assert StorageConfig(*config).get_collection_name(base, level) == name


def test_an_environment_variable_replaces_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRA_STORAGE_MEMORY_ITEMS", "envname")
    monkeypatch.setenv("ORCHESTRA_STORAGE_MI2", "")
    assert StorageConfig(namespace="n").get_collection_name("memory_items") == "n_envname_standard"
    overridden = StorageConfig(collection_overrides={"memory_items": "mi2"})
    assert overridden.get_collection_name("memory_items") == "mi2_standard"
    monkeypatch.setenv("ORCHESTRA_STORAGE_MI2", "second")
    assert overridden.get_collection_name("memory_items") == "second_standard"


def test_parts_of_a_name_that_are_empty_are_left_out() -> None:
    assert get_collection_name("memory_items") == "memory_items"
    assert get_collection_name("memory_items", "", None, "") == "memory_items"
    assert get_collection_name("a", "n", "p", "e") == "n_a_p_e"
    assert get_collection_name("a", environment="e", namespace="n") == "n_a_e"


def test_developers_notes() -> None:
    assert StorageConfig(environment="dev").get_dev_notes_collection() == "dev_notes_standard_dev"
    with pytest.raises(RuntimeError, match=re.escape("Development notes are disabled in this configuration")):
        StorageConfig(enable_dev_notes=False).get_dev_notes_collection()


def test_copies_of_a_configuration() -> None:
    config = StorageConfig("n", collection_overrides={"a": "b"}, enforce_privacy_classification=True)
    other = config.with_namespace("m").with_environment("e")
    assert (config.namespace, config.environment) == ("n", None)
    assert other == StorageConfig("m", "e", {"a": "b"}, enforce_privacy_classification=True)
    assert other.collection_overrides is not config.collection_overrides


def test_ids_and_hashes() -> None:
    uuid.UUID(generate_id())
    assert generate_id("mem").startswith("mem_")
    uuid.UUID(generate_id("mem").removeprefix("mem_"))
    assert generate_id() != generate_id()
    assert compute_content_hash("naïve") == hashlib.sha256("naïve".encode()).hexdigest()


@pytest.mark.parametrize(
    ("error", "bases"),
    [
        (StorageError("m"), (errors.StorageError,)),
        (ConnectionError("m"), (StorageError, errors.StorageConnectionError, builtins.ConnectionError)),
        (ValidationError("m"), (StorageError, errors.ValidationError, ValueError)),
        (OperationError("o", "m"), (StorageError, errors.OperationError, RuntimeError)),
    ],
)
def test_errors_are_old_and_new_ones_at_once(error: Exception, bases: tuple[type[Exception], ...]) -> None:
    assert isinstance(error, (*bases, firestore_memory.StorageError))
    assert all(isinstance(error, base) for base in bases)


def test_errors_keep_what_they_come_from() -> None:
    cause = ValueError("why")
    error = StorageError("what", cause)
    assert (str(error), error.args, error.original_exception, error.retryable) == ("what", ("what",), cause, False)
    assert StorageError("what").original_exception is None
    operation = OperationError("get_document", "no", original_exception=cause)
    assert str(operation) == "get_document operation failed: no"
    assert (operation.operation, operation.original_exception) == ("get_document", cause)


def test_errors_know_the_place_that_their_cause_knew() -> None:
    cause = errors.StorageTimeoutError("late", operation="get", collection="c", document_id="d")
    error = ValidationError("what", cause)
    assert str(error) == "what"
    assert (error.operation, error.collection, error.document_id, error.retryable) == ("get", "c", "d", True)
    operation = OperationError("set_document", "no", cause)
    assert (operation.operation, operation.collection, operation.retryable) == ("set_document", "c", True)


def test_the_module_of_the_synchronous_manager_has_them_too() -> None:
    assert legacy_sync.StorageError is StorageError
    assert legacy_sync.ValidationError is ValidationError
