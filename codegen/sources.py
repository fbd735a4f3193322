"""Read the schema directory: the only place that opens the user's files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from codegen.contract import check_contract
from codegen.errors import Place, Problem

JsonObject: TypeAlias = dict[str, Any]

CONFIG_FILE = "collections.json"
MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of a schema directory, and what was already wrong when they were read."""

    config: JsonObject
    schemas: dict[str, JsonObject]
    problems: tuple[Problem, ...]
    complete: bool


class _Duplicates(dict[str, Any]):
    """An object in which keys were given twice; the last one won."""

    names: tuple[str, ...] = ()


def load_sources(schema_dir: Path) -> Sources:
    """Return everything that can be read, with a problem for what cannot."""
    problems: list[Problem] = []
    if not schema_dir.is_dir():
        problem = Place(CONFIG_FILE).problem(f"there is no directory `{schema_dir}`", "give it with --schema")
        return Sources({}, {}, (problem,), complete=False)
    config = _read(schema_dir, CONFIG_FILE, problems)
    if config is None:
        return Sources({}, {}, tuple(problems), complete=False)
    problems += check_contract(config, CONFIG_FILE)
    names = config.get("models")
    listed = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    documents = {name: _read(schema_dir, name, problems, Place(CONFIG_FILE) / "models" / at) for at, name in enumerate(listed)}
    schemas = {name: document for name, document in documents.items() if document is not None}
    return Sources(config, schemas, tuple(problems), complete=len(schemas) == len(documents))


def _read(schema_dir: Path, name: str, problems: list[Problem], named_at: Place | None = None) -> JsonObject | None:
    """Return the object in a file, or None after adding what is wrong with it."""
    place = Place(name)
    try:
        text = (schema_dir / name).read_text(encoding="utf-8-sig")
        document = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        problems.append((named_at or place).problem(f"there is no file `{name}` in the schema directory"))
        return None
    except json.JSONDecodeError as error:
        problems.append(place.problem(f"not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}"))
        return None
    except (OSError, ValueError) as error:
        problems.append(place.problem(f"cannot be read: {error}"))
        return None
    except RecursionError:
        problems.append(place.problem(f"nested more than {MAX_DEPTH} levels deep"))
        return None
    found = list(_unfit(document, place))
    if not found and not isinstance(document, dict):
        found = [place.problem("must hold a JSON object")]
    problems += found
    return None if found else document


def _object(pairs: list[tuple[str, Any]]) -> JsonObject:
    """Build an object, noting keys that appear twice: JSON allows them, and the first value would be lost."""
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    keys = [key for key, _ in pairs]
    twice = _Duplicates(result)
    twice.names = tuple(sorted({key for key in keys if keys.count(key) > 1}))
    return twice


def _refuse_constant(name: str) -> None:
    raise ValueError(f"`{name}` is not JSON")


def _unfit(document: Any, place: Place) -> Iterator[Problem]:
    """Yield what JSON allows but no schema may hold, so that the stages after this one need not look for it."""
    waiting: list[tuple[Any, Place, int]] = [(document, place, 0)]
    while waiting:
        value, at, depth = waiting.pop()
        if depth > MAX_DEPTH:
            yield Place(place.file).problem(f"nested more than {MAX_DEPTH} levels deep")
            return
        if isinstance(value, _Duplicates):
            yield from (at.problem(f"the key `{name}` appears more than once") for name in value.names)
        match value:
            case dict():
                waiting += [(child, at / key, depth + 1) for key, child in value.items()]
                yield from (at.problem("a key holds half of a character") for key in value if _is_broken(key))
            case list():
                waiting += [(child, at / index, depth + 1) for index, child in enumerate(value)]
            case str() if _is_broken(value):
                yield at.problem("a text holds half of a character", "write a surrogate pair, or the character itself")


def _is_broken(text: str) -> bool:
    """Return whether the text holds a lone surrogate, which no file can be written with."""
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)
