"""What a line of a file is refused for that no test on a store can show, since the memory schema has no such paths."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO

import pytest

from firestore_memory import Call, Options
from firestore_memory.schema import MEMORY_ITEMS
from firestore_runtime.dumps.catalog import Catalog
from firestore_runtime.dumps.ndjson import BadDocument, DocumentReader

DEEP = replace(MEMORY_ITEMS, name="deep", path=("a", "{a}", "b", "{b}", "c", "{c}", "d", "{d}", "e"))
CATALOG = Catalog([DEEP], "projects/p/databases/d", None)


def reader(id_: str) -> DocumentReader:
    path = "/".join(f"{name}/{id_}" for name in "abcde")
    return DocumentReader(
        StringIO(json.dumps({"path": path, "fields": {}})), CATALOG, Call("load", None, None, Options())
    )


def test_a_long_name() -> None:
    [write] = reader("x" * 1_200).next()
    assert write.call == Call("load", "deep", "x" * 1_200, Options())
    with pytest.raises(BadDocument, match=r"line 1: the document's name has 7,\d+ bytes; Firestore allows 6,144"):
        reader("x" * 1_400).next()
