"""Find what `$ref` points to: the definitions of every schema file, each with the class name it would have."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from firestore_codegen.errors import Place, Problem, did_you_mean
from firestore_codegen.names import class_name
from firestore_codegen.read.sources import JsonObject

CONTAINERS = ("$defs", "definitions")
MAX_CHAIN = 50
"""How many definitions may lead to each other, one after another."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A named schema of a file."""

    name: str
    schema: Any
    place: Place


class UnresolvedReference(Exception):
    """A `$ref` that leads nowhere."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Definitions:
    """All definitions, in the order of the files."""

    def __init__(self, files: Mapping[str, JsonObject]) -> None:
        self._files = files
        self._by_place: dict[tuple[str, str], Definition] = {}
        for file, document in files.items():
            for definition in _definitions(file, document):
                self._by_place[definition.place.file, definition.place.pointer] = definition

    def all(self) -> list[Definition]:
        """Return every definition."""
        return list(self._by_place.values())

    def resolve(self, reference: str, place: Place) -> Definition:
        """Return what a reference at a place names.

        Raises:
            UnresolvedReference: It names no definition.
        """
        if "://" in reference:
            raise UnresolvedReference(
                f"`{reference}` is outside the schema directory", "copy it into a file listed in `models`"
            )
        path, _, fragment = reference.partition("#")
        file = posixpath.normpath(posixpath.join(posixpath.dirname(place.file), unquote(path))) if path else place.file
        found = self._by_place.get((file, unquote(fragment).removesuffix("/")))
        if found is None:
            raise self._unresolved(reference, file)
        return found

    def _unresolved(self, reference: str, file: str) -> UnresolvedReference:
        if file not in self._files:
            hint = did_you_mean(file, self._files) or "list the file in `models` of collections.json"
            return UnresolvedReference(f"`{reference}`: there is no schema file `{file}`", hint)
        prefix = reference.partition("#")[0]
        known = [f"{prefix}#{pointer}" for of, pointer in self._by_place if of == file]
        hint = did_you_mean(reference, known) or "a reference names a definition: `#/$defs/Name`"
        return UnresolvedReference(f"there is no definition `{reference}`", hint)


def _definitions(file: str, document: JsonObject) -> list[Definition]:
    place = Place(file)
    found = [
        Definition(class_name(name), schema, place / container / name)
        for container in CONTAINERS
        if isinstance(document.get(container), dict)
        for name, schema in document[container].items()
    ]
    if "properties" in document or "allOf" in document:
        stem = posixpath.basename(file).partition(".")[0]
        title = document.get("title")
        found.append(Definition(class_name(title if isinstance(title, str) else stem), document, place))
    return found


def definition_problems(files: Mapping[str, JsonObject]) -> list[Problem]:
    """Return what is wrong with the lists of definitions themselves."""
    return [
        (Place(file) / container).problem("must be an object of named schemas")
        for file, document in files.items()
        for container in CONTAINERS
        if container in document and not isinstance(document[container], dict)
    ]
