"""Read the schema directory: the only place that opens the user's files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from firestore_codegen.errors import Place, Problem, escaped
from firestore_codegen.read.contract import check_contract

JsonObject: TypeAlias = dict[str, Any]

CONFIG_FILE = "collections.json"
COLLECTIONS = "collections"
ADAPTERS = "adapters"
MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of a schema directory, and what was already wrong when they were read.

    Attributes:
        config: collections.json.
        collections: Its collections, as far as they keep the contract; the others are among the problems.
        adapters: Its adapters by their place in the list, as far as they keep the contract.
        schemas: The files that define models, by name.
        problems: What is wrong so far.
        complete: Whether all files could be read, so that a missing model is a mistake and not a consequence.
    """

    config: JsonObject
    collections: dict[str, JsonObject]
    adapters: dict[int, JsonObject]
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
        return Sources({}, {}, {}, {}, (problem,), complete=False)
    config = _read(schema_dir, CONFIG_FILE, problems)
    if config is None:
        return Sources({}, {}, {}, {}, tuple(problems), complete=False)
    broken = list(check_contract(config, CONFIG_FILE))
    problems += broken
    wrong = {problem.pointer for problem in broken}
    listed = config.get("models")
    names = listed if isinstance(listed, list) else []
    places = {at: Place(CONFIG_FILE) / "models" / at for at in range(len(names))}
    sound = {names[at]: place for at, place in places.items() if place.pointer not in wrong}
    documents = {name: _read(schema_dir, name, problems, place) for name, place in sound.items()}
    schemas = {name: document for name, document in documents.items() if document is not None}
    complete = bool(names) and len(schemas) == len(set(map(str, names)))
    return Sources(
        config, _sound_collections(config, broken), _sound_adapters(config, broken), schemas, tuple(problems), complete
    )


def _sound_collections(config: JsonObject, broken: list[Problem]) -> dict[str, JsonObject]:
    """Return the collections that no problem points into."""
    listed = config.get(COLLECTIONS)
    wrong = _broken_parts(COLLECTIONS, broken)
    if not isinstance(listed, dict):
        return {}
    return {name: collection for name, collection in listed.items() if escaped(name) not in wrong}


def _sound_adapters(config: JsonObject, broken: list[Problem]) -> dict[int, JsonObject]:
    """Return the adapters that no problem points into."""
    listed = config.get(ADAPTERS)
    wrong = _broken_parts(ADAPTERS, broken)
    if not isinstance(listed, list):
        return {}
    return {at: adapter for at, adapter in enumerate(listed) if escaped(at) not in wrong}


def _broken_parts(key: str, broken: list[Problem]) -> set[str]:
    """Return the names or numbers, as in pointers, of those parts of an object or list that problems point into."""
    start = f"/{key}/"
    pointers = (problem.pointer for problem in broken)
    return {pointer.removeprefix(start).partition("/")[0] for pointer in pointers if pointer.startswith(start)}


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
    twice = _Duplicates(result)
    twice.names = tuple(name for name, count in Counter(key for key, _ in pairs).items() if count > 1)
    return twice


def _refuse_constant(name: str) -> None:
    raise ValueError(f"`{name}` is not JSON")


def _unfit(document: Any, place: Place) -> Iterator[Problem]:
    """Yield what JSON allows but no schema may hold, so that the stages after this one need not look for it."""
    waiting: list[tuple[Any, str, int]] = [(document, "", 0)]
    while waiting:
        value, pointer, depth = waiting.pop()
        if depth > MAX_DEPTH:
            yield place.problem(f"nested more than {MAX_DEPTH} levels deep")
            return
        match value:
            case dict():
                yield from _unfit_keys(value, Place(place.file, pointer))
                waiting += [(child, f"{pointer}/{escaped(key)}", depth + 1) for key, child in value.items()]
            case list():
                waiting += [(child, f"{pointer}/{index}", depth + 1) for index, child in enumerate(value)]
            case str() if _is_broken(value):
                yield Problem(
                    place.file, pointer, "a text holds half of a character", "write both halves of the surrogate pair"
                )


def _unfit_keys(value: JsonObject, place: Place) -> Iterator[Problem]:
    if isinstance(value, _Duplicates):
        yield from ((place / name).problem(f"the key `{name}` appears more than once") for name in value.names)
    if any(_is_broken(key) for key in value):
        yield place.problem("a key holds half of a character", "write both halves of the surrogate pair")


def _is_broken(text: str) -> bool:
    """Return whether the text holds a lone surrogate, which no file can be written with."""
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)
