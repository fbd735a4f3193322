"""A file is generated only if it varies with the schema; packages are small, and a change touches what it is about."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from firestore_codegen.pipeline import generate_files

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "tests" / "schemas" / "library"
CITY_LIBRARY = ROOT / "tests" / "schemas" / "city_library"
UNRELATED = (ROOT / "schema", ROOT / "tests" / "codegen" / "golden" / "cases" / "adapters")
"""Two schemas that have nothing in common, with adapters of the same kinds that are bound differently."""
MAX_FILES, MAX_LINES, MAX_FILES_WITH_ADAPTERS = 20, 1_600, 60


@pytest.fixture(scope="module")
def library() -> Mapping[str, str]:
    return generate_files(LIBRARY).files


def test_no_file_is_the_same_for_two_schemas() -> None:
    first, second = (generate_files(schema).files for schema in UNRELATED)
    same = [path for path in first.keys() & second.keys() if first[path] == second[path]]

    assert same == ["py.typed"]
    assert max(len(first), len(second)) <= MAX_FILES_WITH_ADAPTERS


@pytest.mark.parametrize("schema", [LIBRARY, CITY_LIBRARY], ids=lambda schema: schema.name)
def test_a_small_schema_gives_a_small_package(schema: Path) -> None:
    files = generate_files(schema).files

    assert len(files) <= MAX_FILES
    assert sum(len(text.splitlines()) for text in files.values()) <= MAX_LINES


def test_a_new_field_touches_only_what_mentions_it(library: Mapping[str, str], tmp_path: Path) -> None:
    schema = tmp_path / "schema"
    shutil.copytree(LIBRARY, schema)
    models = schema / "library.schema.json"
    document = json.loads(models.read_text())
    document["$defs"]["Book"]["properties"]["shelf_mark"] = {"type": "string"}
    models.write_text(json.dumps(document))

    changed = generate_files(schema).files

    touched = {path for path, text in changed.items() if library.get(path) != text}
    assert touched == {path for path, text in changed.items() if "shelf_mark" in text}
    assert touched == {"codecs.py", "fields.py", "models.py", "patches.py"}
