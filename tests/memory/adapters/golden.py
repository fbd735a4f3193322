"""What the older managers did, as it was recorded, and how to hold a new implementation against it.

`legacy_*.json` in `tests/memory/adapters/golden/` were made by driving each older class on the official emulator. Each
holds calls that wrote (`inputs`), all documents that were stored then, calls that read exactly those (`reads`), and
calls that changed them afterwards (`after_reads` or `cleanup`). How a test uses them:

    RECORDED = recording("legacy_sync")

    def test_reads(client):                      # the new one reads what the old one wrote
        put(client.backend, RECORDED.documents)  # an asynchronous backend: `await aput(...)`
        manager = FirestoreMemoryManager.from_client(client)
        for step in RECORDED.reads:
            outcome = call(manager, step, MODELS)      # a manager of coroutines: `await acall(...)`
            assert problem(step, outcome, DEVIATIONS) is None

    def test_inputs(client):                     # the old one reads what the new one writes
        for step in RECORDED.inputs: ...
            assert stored_problem(RECORDED.document(path), fetch(client.backend, path)) is None

* `MODELS` makes the objects of the arguments: a class, or any callable, by the recorded name of the model. It is given
  only the fields that were given when the call was recorded, so that defaults are the new model's own.
* `DEVIATIONS` is the explicit list of differences that are wanted: by the key of a step (`step.key`: its label, or its
  operation and its arguments, see there), which item of the bug ledger it is and what happens now instead. A deviation
  that the step does not show is a failure, too; `unused_deviations` finds those whose step does not exist.
* Instants are compared as such: a naive one is in UTC. An outcome that is a model is compared field by field, in the
  fields that were recorded. Errors: the actual one must be an instance of the recorded type, if that is a built-in, and
  of a class of that name otherwise, and its text must begin with the leading words of the recorded one: what comes
  before the first colon, since the rest is the words of Google's library or of the server.
"""

from __future__ import annotations

import base64
import builtins
import inspect
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from google.protobuf.json_format import MessageToDict, ParseDict

from firestore_memory import AsyncBackend, Backend
from firestore_runtime.options import Call, Options
from firestore_runtime.wire import CommitRequest, Document, GetDocumentRequest, Write

DIRECTORY = Path(__file__).parent / "golden"

Models: TypeAlias = Mapping[str, Callable[..., Any]]
Check: TypeAlias = "Callable[[Outcome], str | None]"

_CALL = Call("test", None, None, Options())
_WRITES_PER_COMMIT = 200


# What was recorded


@dataclass(frozen=True, slots=True)
class Step:
    """A call and what came of it.

    Attributes:
        section: Where in the file it stands, such as `reads`.
        index: Its position there.
        label: Its name, if it has one.
        op: The method.
        arguments: Its arguments by name, with the tags of the file; `values_of` makes them real.
        returned: What it gave back, with tags; None if it raised, too.
        raised: What it raised: `type`, `bases` and `message`.
    """

    section: str
    index: int
    label: str | None
    op: str
    arguments: Mapping[str, Any]
    returned: Any
    raised: Mapping[str, Any] | None

    @property
    def key(self) -> str:
        """The name by which a test refers to it: the label, or, of a call without one, `op(short arguments)`."""
        if self.label is not None:
            return self.label
        return f"{self.op}({', '.join(f'{name}={_short(value)}' for name, value in self.arguments.items())})"


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as it was stored.

    Attributes:
        collection: The path of its collection; one with slashes is below another document.
        id: Its id.
        fields: Its fields in the typed JSON of Firestore's REST interface.
    """

    collection: str
    id: str
    fields: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Its path below the root of the database."""
        return f"{self.collection}/{self.id}"


@dataclass(frozen=True, slots=True)
class Recording:
    """One of the files."""

    constructor: Mapping[str, Any]
    injected_ids: frozenset[str]
    inputs: tuple[Step, ...]
    documents: tuple[Stored, ...]
    reads: tuple[Step, ...]
    after_reads: tuple[Step, ...]
    cleanup: tuple[Step, ...]
    after_cleanup_paths: frozenset[str]

    @property
    def written(self) -> tuple[Stored, ...]:
        """The documents that the older manager wrote; the others were put there to see how it reads them."""
        return tuple(document for document in self.documents if document.id not in self.injected_ids)

    def document(self, path: str) -> Stored:
        """The document at a path, such as `memory_records/rec-full`."""
        return next(document for document in self.documents if document.path == path)


@cache
def recording(name: str) -> Recording:
    """Read a file, such as `legacy_sync`."""
    content = json.loads((DIRECTORY / f"{name}.json").read_text())
    return Recording(
        constructor=content["constructor"],
        injected_ids=frozenset(content["injected_ids"]),
        inputs=_steps("inputs", content),
        documents=tuple(Stored(each["collection"], each["id"], each["fields"]) for each in content["documents"]),
        reads=_steps("reads", content),
        after_reads=_steps("after_reads", content),
        cleanup=_steps("cleanup", content),
        after_cleanup_paths=frozenset(content.get("after_cleanup_paths") or ()),
    )


def _steps(section: str, content: Mapping[str, Any]) -> tuple[Step, ...]:
    recorded = content.get(section) or []
    return tuple(
        Step(section, at, step.get("label"), step["op"], step["args"], step.get("returned"), step.get("raised"))
        for at, step in enumerate(recorded if isinstance(recorded, list) else [recorded])
    )


def _short(tagged: Any) -> str:
    if isinstance(tagged, dict) and "$model" in tagged:
        return f"{tagged['$model']} {tagged['fields'].get('id')}"
    text = json.dumps(tagged, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"


# Values


def value_of(tagged: Any, models: Models) -> Any:
    """Make the value that a tagged one stands for; a model is made with the fields that were given explicitly."""
    if isinstance(tagged, list):
        return [value_of(item, models) for item in tagged]
    if not isinstance(tagged, dict):
        return tagged
    if "$model" in tagged:
        given = {name: value_of(tagged["fields"][name], models) for name in tagged["set"]}
        return models[tagged["$model"]](**given)
    for tag, make in _TAGS.items():
        if tag in tagged:
            return make(tagged, models)
    return {key: value_of(item, models) for key, item in tagged.items()}


def values_of(step: Step, models: Models) -> dict[str, Any]:
    """Make the arguments of a call."""
    return {name: value_of(tagged, models) for name, tagged in step.arguments.items()}


def _instant(tagged: Mapping[str, Any]) -> datetime:
    moment = datetime.fromisoformat(tagged["$datetime"])
    if tagged["naive"]:
        return moment
    return moment.replace(tzinfo=timezone(timedelta(minutes=tagged["utcoffset_minutes"])))


_TAGS: dict[str, Callable[[Mapping[str, Any], Models], Any]] = {
    "$datetime": lambda tagged, _: _instant(tagged),
    "$bytes": lambda tagged, _: base64.b64decode(tagged["$bytes"]),
    "$float": lambda tagged, _: float(tagged["$float"]),
    "$tuple": lambda tagged, models: tuple(value_of(item, models) for item in tagged["$tuple"]),
    "$set": lambda tagged, models: {value_of(item, models) for item in tagged["$set"]},
}


def difference(expected: Any, actual: Any, place: str = "result") -> str | None:
    """Compare a tagged value with a real one; say where they differ, or None."""
    if isinstance(expected, dict) and "$model" in expected:
        return _model_difference(expected, actual, place)
    if isinstance(expected, dict) and not _TAGS.keys() & expected.keys():
        return _dict_difference(expected, actual, place)
    if isinstance(expected, list):
        return _list_difference(expected, actual, place)
    wanted = value_of(expected, {})
    if isinstance(wanted, datetime):
        same = isinstance(actual, datetime) and _as_utc(wanted) == _as_utc(actual)
    elif isinstance(wanted, float) and math.isnan(wanted):
        same = isinstance(actual, float) and math.isnan(actual)
    else:
        same = type(wanted) is type(actual) and bool(wanted == actual)
    return None if same else f"{place}: {wanted!r:.200} was recorded, {actual!r:.200} is here"


def _model_difference(expected: Mapping[str, Any], actual: Any, place: str) -> str | None:
    if type(actual).__name__ != expected["$model"]:
        return f"{place}: a {expected['$model']} was recorded, {actual!r:.200} is here"
    problems = (
        difference(value, getattr(actual, name, None), f"{place}.{name}") for name, value in expected["fields"].items()
    )
    return next(filter(None, problems), None)


def _dict_difference(expected: Mapping[str, Any], actual: Any, place: str) -> str | None:
    if not isinstance(actual, Mapping):
        return f"{place}: a dictionary was recorded, {actual!r:.200} is here"
    if expected.keys() != actual.keys():
        return f"{place}: keys {sorted(expected)} were recorded, {sorted(actual)} are here"
    problems = (difference(value, actual[key], f"{place}[{key!r}]") for key, value in expected.items())
    return next(filter(None, problems), None)


def _list_difference(expected: Sequence[Any], actual: Any, place: str) -> str | None:
    if not isinstance(actual, list):
        return f"{place}: a list was recorded, {actual!r:.200} is here"
    if len(expected) != len(actual):
        return f"{place}: {len(expected)} elements were recorded, {len(actual)} are here: {actual!r:.500}"
    problems = (
        difference(one, other, f"{place}[{at}]") for at, (one, other) in enumerate(zip(expected, actual, strict=True))
    )
    return next(filter(None, problems), None)


def _as_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# Calls


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: what it returned, or what it raised."""

    returned: Any = None
    raised: Exception | None = None


@dataclass(frozen=True, slots=True)
class Deviation:
    """A difference that is wanted.

    Attributes:
        ledger: The item of the bug ledger, such as `B13`.
        check: Says what is wrong with the new outcome, or None; `returns`, `raises` and `where` make such functions.
    """

    ledger: str
    check: Check


def returns(expected: Any) -> Check:
    """What gives back an equal value, in tagged or plain form."""
    return lambda outcome: repr(outcome.raised) if outcome.raised else difference(expected, outcome.returned)


def raises(kind: type[Exception], lead: str) -> Check:
    """What raises an error of a class, with a text that begins so."""
    return lambda outcome: _error_problem(kind.__name__, isinstance(outcome.raised, kind), lead, outcome)


def where(holds: Callable[[Any], bool]) -> Check:
    """What gives back something of which a function holds."""

    def check(outcome: Outcome) -> str | None:
        if outcome.raised is not None:
            return repr(outcome.raised)
        return None if holds(outcome.returned) else f"it does not hold of {outcome.returned!r:.500}"

    return check


def call(manager: object, step: Step, models: Models) -> Outcome:
    """Make the call of a step on a synchronous manager."""
    arguments = values_of(step, models)
    try:
        return Outcome(returned=getattr(manager, step.op)(**arguments))
    except Exception as error:  # what it raises is what is compared
        return Outcome(raised=error)


async def acall(manager: object, step: Step, models: Models) -> Outcome:
    """Make the call of a step on a manager of which some methods are coroutines."""
    arguments = values_of(step, models)
    try:
        returned = getattr(manager, step.op)(**arguments)
        return Outcome(returned=await returned if inspect.isawaitable(returned) else returned)
    except Exception as error:  # as above
        return Outcome(raised=error)


def problem(step: Step, outcome: Outcome, deviations: Mapping[str, Deviation]) -> str | None:
    """Say what is wrong with an outcome: it is neither as recorded nor a deviation that is wanted; or None."""
    deviation = deviations.get(step.key)
    if deviation is not None:
        found = deviation.check(outcome)
        if found is None and _recorded_problem(step, outcome) is None:
            found = "it does not deviate: delete the entry"
        return found and f"{step.key} ({deviation.ledger}): {found}"
    found = _recorded_problem(step, outcome)
    return found and f"{step.key}: {found}"


def _recorded_problem(step: Step, outcome: Outcome) -> str | None:
    if step.raised is None:
        return repr(outcome.raised) if outcome.raised else difference(step.returned, outcome.returned)
    recorded: str = step.raised["type"]
    lead, _, _ = str(step.raised["message"]).partition(": ")
    return _error_problem(recorded, _is_a(outcome.raised, recorded), lead, outcome)


def _is_a(error: Exception | None, recorded: str) -> bool:
    module, _, name = recorded.rpartition(".")
    if module == "builtins":
        return isinstance(error, getattr(builtins, name))
    return name in {kind.__name__ for kind in type(error).__mro__}


def _error_problem(expected: str, fits: bool, lead: str, outcome: Outcome) -> str | None:
    if outcome.raised is None:
        return f"{expected}({lead!r}…) was expected, it returned {outcome.returned!r:.200}"
    if not fits or not str(outcome.raised).startswith(lead):
        return f"{expected}({lead!r}…) was expected, it raised {outcome.raised!r:.500}"
    return None


def unused_deviations(deviations: Mapping[str, Deviation], *steps: Iterable[Step]) -> set[str]:
    """The keys of deviations of steps that do not exist."""
    return deviations.keys() - {step.key for section in steps for step in section}


# Stored documents


def put(backend: Backend, documents: Iterable[Stored]) -> None:
    """Store documents exactly as they were recorded."""
    for request in _commits(backend.database, documents):
        backend.commit(request, _CALL)


async def aput(backend: AsyncBackend, documents: Iterable[Stored]) -> None:
    """Store documents exactly as they were recorded."""
    for request in _commits(backend.database, documents):
        await backend.commit(request, _CALL)


def fetch(backend: Backend, path: str) -> Stored | None:
    """Read a document as it is stored."""
    found = backend.get_document(GetDocumentRequest(name=f"{backend.database}/documents/{path}"), _CALL)
    return None if found is None else _stored(path, found)


async def afetch(backend: AsyncBackend, path: str) -> Stored | None:
    """Read a document as it is stored."""
    found = await backend.get_document(GetDocumentRequest(name=f"{backend.database}/documents/{path}"), _CALL)
    return None if found is None else _stored(path, found)


def stored_problem(
    expected: Stored,
    actual: Stored | None,
    *,
    ignored: frozenset[str] = frozenset(),
    added: frozenset[str] = frozenset(),
) -> str | None:
    """Say how a stored document differs from a recorded one, types of values included, or None.

    Args:
        expected: What was recorded.
        actual: What is stored now.
        ignored: Fields whose values cannot be reproduced, such as the time of a default; they must be there.
        added: Fields that only the new implementation stores; old readers ignore them.
    """
    if actual is None:
        return f"{expected.path}: it is not stored"
    if expected.fields.keys() != actual.fields.keys() - added:
        return f"{expected.path}: fields {sorted(expected.fields)} were recorded, {sorted(actual.fields)} are stored"
    for key in expected.fields.keys() - ignored:
        one, other = _plain_value(expected.fields[key]), _plain_value(actual.fields[key])
        if one != other:
            return f"{expected.path}.{key}: {one!r:.300} was recorded, {other!r:.300} is stored"
    return None


def _commits(database: str, documents: Iterable[Stored]) -> Iterable[CommitRequest]:
    writes = [Write(update=_document(database, each)) for each in documents]
    for start in range(0, len(writes), _WRITES_PER_COMMIT):
        yield CommitRequest(database=database, writes=writes[start : start + _WRITES_PER_COMMIT])


def _document(database: str, stored: Stored) -> Document:
    document: Any = Document(name=f"{database}/documents/{stored.path}")  # `wire.pyi` does not say it is a message
    ParseDict({"fields": stored.fields}, document)
    return document  # type: ignore[no-any-return]  # as above


def _stored(path: str, document: Any) -> Stored:
    collection, _, document_id = path.rpartition("/")
    return Stored(collection, document_id, MessageToDict(document).get("fields", {}))


def _plain_value(typed: Any) -> Any:
    """A typed value in a form that is equal where the values are: 1.0 and 1 as doubles, empty maps, instants."""
    if not isinstance(typed, dict):
        return typed
    match next(iter(typed.items()), None):
        case ("doubleValue", number):
            return ("doubleValue", repr(float(number)))
        case ("integerValue", number):
            return ("integerValue", int(number))
        case ("timestampValue", text):
            return ("timestampValue", _instant_of_text(text))
        case ("mapValue", inner):
            return ("mapValue", {key: _plain_value(item) for key, item in inner.get("fields", {}).items()})
        case ("arrayValue", inner):
            return ("arrayValue", [_plain_value(item) for item in inner.get("values", [])])
        case other:
            return other


def _instant_of_text(text: str) -> datetime:
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{fraction.ljust(6, '0')[:6]}+00:00")
