"""Documents as lines of JSON: `{"path": "memories/m1", "fields": {"user_id": "ada"}}`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

from firestore_runtime import wire
from firestore_runtime.bulk.batches import MAX_BYTES
from firestore_runtime.bulk.queued_writes import GivenWrite
from firestore_runtime.codecs.context import ENCODING_ERRORS
from firestore_runtime.dumps.notation import Notation
from firestore_runtime.limits import MAX_BATCH_WRITES, check_id, check_key, check_name
from firestore_runtime.options import Call
from firestore_runtime.wire.sizes import check_document_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    import pydantic

    from firestore_runtime.dumps.catalog import Catalog
    from firestore_runtime.wire import Document

_FORM = '{"path": "COLLECTION/ID", "fields": {…}}'
_SPACE = re.compile(r"\s*")
_LINE_ENDS = {"\x85": r"\u0085", "\u2028": r"\u2028", "\u2029": r"\u2029"}
"""Characters that some programs take for the end of a line, although JSON does not."""


class BadDocument(Exception):  # the ValidationError that is made of it says what was loaded before, too
    """A line of a file is not a document that can be stored; says where, why, and the remedy."""


def write_documents(documents: Iterable[Document], notation: Notation, file: TextIO) -> None:
    """Write documents, each as one line with sorted keys."""
    for document in documents:
        fields = {key: notation.to_json(document.fields[key]) for key in sorted(document.fields)}
        line = json.dumps({"path": notation.path(document.name), "fields": fields}, ensure_ascii=False, allow_nan=False)
        for end, escape in _LINE_ENDS.items():
            line = line.replace(end, escape)
        file.write(f"{line}\n")


class DocumentReader:
    """Reads documents from a file, as many at a time as one request takes.

    Args:
        file: Lines with a document each, which are read one by one; or a JSON array of documents, which is read whole.
        catalog: The collections that the documents must lie in.
        call: What they are read for.
    """

    def __init__(self, file: TextIO, catalog: Catalog, call: Call) -> None:
        self._file = file
        self._catalog = catalog
        self._notation = Notation(catalog.database, catalog.namespace)
        self._call = call
        self._line = 0
        self._writes = map(self._write, self._values())

    def next(self) -> list[GivenWrite[pydantic.BaseModel]]:
        """Return writes that create or replace the next documents; none at the end of the file.

        Raises:
            BadDocument: One of them is wrong.
        """
        found: list[GivenWrite[pydantic.BaseModel]] = []
        size = 0
        try:
            for queued in self._writes:
                found.append(queued)
                size += queued.size
                if len(found) >= MAX_BATCH_WRITES or size >= MAX_BYTES:
                    break
        except (ValueError, RecursionError) as error:
            name = getattr(self._file, "name", "")
            raise BadDocument(f"{name}{', ' if name else ''}line {self._line}: {error}") from error
        return found

    def _values(self) -> Iterator[object]:
        for line in self._file:
            self._line += 1
            text = line.strip()
            if text.startswith("["):
                yield from self._elements(line + self._file.read())
            elif text:
                value, end = self._decoded(text, 0)
                if end < len(text):
                    raise ValueError(f"something follows the document; write one in each line, as {_FORM}")
                yield value

    def _elements(self, text: str) -> Iterator[object]:
        """Read the elements of an array, which begins in the current line; that of each one becomes the current one."""
        first, end = self._line, _behind_space(text, text.index("[") + 1)
        counted, more = 0, not text.startswith("]", end)
        while more:
            self._line += text.count("\n", counted, end)
            counted = end
            value, end = self._decoded(text, end, first)
            yield value
            end = _behind_space(text, end)
            more = text.startswith(",", end)
            end = _behind_space(text, end + more)
        self._line += text.count("\n", counted, end)
        if text[end:].rstrip() != "]":
            raise ValueError("the array goes on with neither a comma nor the bracket that closes it")

    def _decoded(self, text: str, start: int, first: int | None = None) -> tuple[object, int]:
        """Read the JSON that begins at `start`, and return it with its end. The text begins in the line `first`."""
        try:
            return _DECODER.raw_decode(text, start)
        except json.JSONDecodeError as error:
            self._line = (self._line if first is None else first) + error.lineno - 1
            hint = f"a document is {_FORM}, in one line, or an element of a JSON array"
            raise ValueError(f"no JSON: {error.msg} at column {error.colno}; {hint}") from error

    def _write(self, given: object) -> GivenWrite[pydantic.BaseModel]:
        match given:
            case {"path": str(path), "fields": dict(fields), **others} if not others:
                pass
            case _:
                raise ValueError(f"a document is {_FORM}, not {json.dumps(given, ensure_ascii=False)[:80]}")
        call = self._call_about(path)
        document = wire.Document(name=check_name(self._notation.name(path)))
        for key, item in fields.items():
            try:
                self._notation.write(document.fields[check_key(key)], item)
            except ENCODING_ERRORS as error:
                raise ValueError(f"field {key!r}: {error}") from error
        check_document_size(document)
        return GivenWrite(wire.Write(update=document), call)

    def _call_about(self, path: str) -> Call:
        schema = self._catalog.schema_at(path)
        if schema is None:
            known = ", ".join(self._catalog.paths)
            raise ValueError(f"{path!r} is no document of this client's collections, which are at {known}")
        segments = path.split("/")
        for segment in segments:
            check_id(segment)
        return Call(self._call.operation, schema.name, segments[-1], self._call.options)


def _behind_space(text: str, start: int) -> int:
    found = _SPACE.match(text, start)
    return found.end() if found else start


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:  # whatever JSON holds
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} comes twice in one object")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f'{name} is no JSON; write {{"$double": "{name}"}}')


_DECODER = json.JSONDecoder(object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
