"""Whatever a schema directory holds, the answer is a package or problems, never another exception."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firestore_codegen.build import build
from firestore_codegen.emit.models import render_models
from firestore_codegen.errors import Problems
from firestore_codegen.read.sources import load_sources
from firestore_codegen.schema.normalize import normalize
from tests.codegen.schemas import GRAMMAR, MEMORY, model, ref, write_schema

MODELS = json.loads((MEMORY / "memory.schema.json").read_text())["$defs"] | json.loads(json.dumps(GRAMMAR))
CONFIG = json.loads((MEMORY / "collections.json").read_text()) | {"models": ["models.json"]}
KEYWORDS = """
    $ref additionalProperties allOf anyOf const contentEncoding default description discriminator enum field format
    items minLength model oneOf op optional param path pattern patternProperties properties required title type value
    x-enum-varnames x-firestore
""".split()
TYPES = ["string", "integer", "number", "object", "array", "null"]
REFERENCES = ["#/$defs/Cat", "#/$defs/Node", "#/$defs/Colour", "#/$defs/Derived", "#/$defs/Nowhere"]
ODD = ["", "#", "a.b", "id", "==", "{p}", "a/b", "now", "date-time"]
WORDS = st.sampled_from([*ODD, *TYPES, *KEYWORDS, *REFERENCES])
NUMBERS = st.sampled_from([0, -1, 1.5, 10**30])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYWORDS), inner, max_size=3),
    max_leaves=5,
)


def _containers(value: Any) -> list[Any]:
    """Return every object and list in a document."""
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    here = [value] if isinstance(value, dict | list) else []
    return here + [found for child in children for found in _containers(child)]


def _damage(data: st.DataObject, document: Any) -> None:
    """Put anything anywhere."""
    target = data.draw(st.sampled_from(_containers(document)))
    if isinstance(target, list):
        target.insert(0, data.draw(VALUES))
    else:
        key = data.draw(st.sampled_from([*target, *KEYWORDS]))
        target[key] = data.draw(VALUES)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_input_is_reported(data: st.DataObject, tmp_path: Path) -> None:
    document = copy.deepcopy({"models": {"$defs": MODELS}, "collections": CONFIG})
    for _ in range(data.draw(st.integers(1, 4))):
        _damage(data, document)
    for name, content in document.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    with suppress(Problems):
        build(normalize(load_sources(tmp_path)))


def test_long_chains_of_definitions_are_reported(tmp_path: Path) -> None:
    chain = {f"D{at}": ref(f"D{at + 1}") for at in range(60)} | {"D60": {"type": "string"}}
    with pytest.raises(Problems) as caught:
        build(normalize(load_sources(write_schema(tmp_path, chain | {"A": model(x=ref("D0"))}))))
    (problem,) = caught.value.problems
    assert (problem.pointer, problem.message) == ("/$defs/D51", "more than 50 definitions lead here")


def test_long_chains_of_extensions_are_reported(tmp_path: Path) -> None:
    chain = {f"D{at}": {"allOf": [ref(f"D{at + 1}")], "properties": {}} for at in range(52)} | {"D52": model()}
    with pytest.raises(Problems) as caught:
        build(normalize(load_sources(write_schema(tmp_path, chain))))
    (first, *_) = caught.value.problems
    assert (first.pointer, "extends more than 50" in first.message) == ("/$defs/D0", True)


def test_deep_nesting_is_fine(tmp_path: Path) -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(30):
        deep = model(inner=deep)
    schema = normalize(load_sources(write_schema(tmp_path, {"A": deep})))
    assert len(build(schema).models) == 30
    assert render_models(schema).count("inner: ") == 30
