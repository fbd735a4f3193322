"""Paths of collections: what Firestore accepts, and that no two collections share one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from firestore_codegen.errors import Place, Problem
from firestore_codegen.names import TAKEN_PARAMETERS, is_public_identifier
from firestore_codegen.read.sources import CONFIG_FILE
from firestore_runtime.errors import ValidationError
from firestore_runtime.limits import MAX_DOCUMENT_ID_BYTES, check_id
from firestore_runtime.paths import NAMESPACES


def path_problems(path: str, place: Place) -> Iterator[Problem]:
    """Yield what is wrong with a path such as `sessions/{session_id}/turns`."""
    segments = path.split("/")
    if len(segments) % 2 == 0:
        yield place.problem(f"`{path}` is the path of a document", "a collection's path has an odd number of segments")
    if segments[0] == NAMESPACES:
        yield place.problem(f"`{NAMESPACES}` holds the namespaces of clients", "choose another collection id")
    for at, segment in enumerate(segments):
        yield from _segment_problems(segment, is_document=at % 2 == 1, place=place)
    parameters = [segment for segment in segments if segment.startswith("{")]
    for name in sorted({name for name in parameters if parameters.count(name) > 1}):
        yield place.problem(f"the parameter `{name}` appears twice", "give each its own name")


def _segment_problems(segment: str, *, is_document: bool, place: Place) -> Iterator[Problem]:
    if segment.startswith("{") and segment.endswith("}"):
        name = segment[1:-1]
        if not is_document:
            yield place.problem(
                f"`{segment}` stands for a collection id, which has to be fixed",
                "parameters stand for ids of documents",
            )
        elif not is_public_identifier(name) or name in TAKEN_PARAMETERS:
            yield place.problem(f"`{name}` cannot be a parameter", "use letters, digits and underscores")
    elif "{" in segment or "}" in segment:
        yield place.problem(f"`{segment}` mixes a parameter with text", "a parameter is a whole segment: `{name}`")
    elif not _is_id(segment):
        hint = f"ids are not empty, `.`, `..` or `__x__`, and at most {MAX_DOCUMENT_ID_BYTES:,} bytes"
        yield place.problem(f"`{segment[:50]}` is not an id of Firestore", hint)


def _is_id(segment: str) -> bool:
    try:
        check_id(segment)
    except ValidationError:
        return False
    return True


def same_paths(paths: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    """Yield a problem for each collection that is stored where another one is."""
    owners: dict[tuple[str, ...], str] = {}
    for name, path in paths.items():
        shape = tuple("{}" if segment.startswith("{") else segment for segment in path)
        owner = owners.setdefault(shape, name)
        if owner != name:
            place = Place(CONFIG_FILE) / "collections" / name / "path"
            yield place.problem(f"`{owner}` has the same path `{'/'.join(path)}`", "give each collection its own path")
