"""Writes that Firestore never applies are refused, at exactly the limits that it has."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from firestore_memory import FirestoreBackend
from firestore_runtime import wire
from firestore_runtime.embedded.semantics.checks import check_batch, check_commit, check_write
from firestore_runtime.errors import StorageError, ValidationError
from tests.runtime.embedded.messages import CALL, DATABASE, Point, Reference, Timestamp, Vector, value_of


@dataclass(frozen=True)
class Case:
    """A write, and whether it is valid.

    Attributes:
        name: What it is about.
        write: Makes it for a database.
        is_valid: Whether Firestore accepts it.
        emulator_differs: Whether the emulator does not do as Firestore does.
    """

    name: str
    write: Callable[[str], wire.Write]
    is_valid: bool
    emulator_differs: bool = False


Transforms = Sequence[tuple[str, str, Any]]


def update(
    fields: Mapping[str, Any] | None = None, mask: Sequence[str] | None = None, transforms: Transforms = ()
) -> wire.Write:
    write = wire.Write()
    write.update.name = "c/a"
    for key, item in (fields or {}).items():
        write.update.fields[key].CopyFrom(item if isinstance(item, wire.Value) else value_of(item))
    if mask is not None:
        write.update_mask.SetInParent()
        write.update_mask.field_paths.extend(mask)
    for path, kind, operand in transforms:
        add_transform(write, path, kind, operand)
    return write


def add_transform(write: wire.Write, path: str, kind: str, operand: Any) -> None:
    transform = write.update_transforms.add()
    transform.field_path = path
    match kind:
        case "append_missing_elements" | "remove_all_from_array":
            getattr(transform, kind).SetInParent()
            getattr(transform, kind).values.extend(map(value_of, operand))
        case "set_to_server_value":
            transform.set_to_server_value = operand
        case "nothing":
            pass
        case _:
            getattr(transform, kind).CopyFrom(value_of(operand))


def placed(write: wire.Write) -> Callable[[str], wire.Write]:
    """Put a write into a database: its name is a path until then."""

    def place(database: str) -> wire.Write:
        copy = wire.Write()
        copy.CopyFrom(write)
        if copy.HasField("update"):
            copy.update.name = f"{database}/documents/{copy.update.name}"
        elif copy.delete:
            copy.delete = f"{database}/documents/{copy.delete}"
        return copy

    return place


def valid(name: str, write: wire.Write, *, emulator_differs: bool = False) -> Case:
    return Case(name, placed(write), True, emulator_differs)


def invalid(name: str, write: wire.Write, *, emulator_differs: bool = False) -> Case:
    return Case(name, placed(write), False, emulator_differs)


# Names


def long_name(size: int) -> Callable[[str], wire.Write]:
    """A name of so many bytes, of which no id is too long."""

    def make(database: str) -> wire.Write:
        start = f"{database}/documents" + f"/c/{'i' * 1_400}" * 4 + "/c/"
        return wire.Write(delete=start + "i" * (size - len(start)))

    return make


def named(path: str) -> Callable[[str], wire.Write]:
    return placed(wire.Write(update=wire.Document(name=path)))


NAMES = [
    *[Case(f"id {path[2:8]!r}, {len(path)}", named(path), True) for path in ["c/" + "i" * 1_500, "c/" + "é" * 750]],
    *[Case(f"id {path[2:8]!r}, {len(path)}", named(path), False) for path in ["c/" + "i" * 1_501, "c/" + "é" * 751]],
    *[
        Case(f"path {path!r}", named(path), True)
        for path in ["c/__", "c/a b", "c/...", "é/😀", "c/a/d/b", "c/\0", "c/_a_"]
    ],
    *[Case(f"path {path!r}", named(path), False) for path in ["c/.", "c/..", "c/__x__", "c/__\n__", "__c__/a", "./a"]],
    *[
        Case(f"path {path!r}", named(path), False)
        for path in ["", "c", "c/", "c//b", "/c/b", "c/a/", "c/a/d", "c/a/__d__/b"]
    ],
    Case("path 'c/____'", named("c/____"), False, emulator_differs=True),
    Case("name of 6,144 bytes", long_name(6_144), True),
    Case("name of 6,145 bytes", long_name(6_145), False, emulator_differs=True),
    Case(
        "other database", lambda database: wire.Write(delete=f"{database}2/documents/c/a"), False, emulator_differs=True
    ),
    Case("other project", lambda database: wire.Write(delete=f"x{database}/documents/c/a"), False),
    Case("no name", lambda database: wire.Write(delete=""), False),
    Case("no documents", lambda database: wire.Write(delete=f"{database}/c/a"), False),
]

# Fields


def nested(depth: int, inner: Any = 1, *, arrays: bool = False) -> Any:
    """So many maps in each other, or maps and arrays by turns."""
    for level in range(depth):
        inner = [inner] if arrays and level % 2 else {"a": inner}
    return inner


def raw_vector(**fields: Any) -> Any:
    return {"__type__": "__vector__", **fields}


KEYS = [
    *[valid(f"key {key[:9]!r}, {len(key)}", update({key: 1})) for key in ["a.b", "`", "\0", "__", "_a_", "é" * 750]],
    *[invalid(f"key {key[:9]!r}, {len(key)}", update({key: 1})) for key in ["", "__x__", "__\n__", "é" * 751]],
    *[valid(f"key {key[:9]!r} in a map", update({"m": {key: 1}})) for key in ["a.b", "\0", "é" * 740]],
    *[invalid(f"key {key[:9]!r} in a map", update({"m": {key: 1}})) for key in ["", "__x__", "é" * 751]],
    *[invalid(f"key {key[:9]!r} in an array", update({"m": [{key: 1}]})) for key in ["", "__x__", "é" * 751]],
    valid("key of 1,500 bytes in a map", update({"m": {"é" * 750: 1}}), emulator_differs=True),
]
DEPTHS = [
    valid("20 maps", update({"m": nested(20)})),
    invalid("21 maps", update({"m": nested(21)})),
    invalid("21 maps, the last empty", update({"m": nested(20, {})})),
    valid("20 maps and arrays", update({"m": nested(20, arrays=True)})),
    invalid("21 maps and arrays", update({"m": nested(21, arrays=True)})),
    invalid("array in 20 maps", update({"m": nested(20, [1])})),
    invalid("empty array in 20 maps", update({"m": nested(20, [])}), emulator_differs=True),
    valid("vector in 20 maps", update({"m": nested(20, Vector((1.0,)))})),
]
VECTORS = [
    *[valid(f"vector of {size}", update({"v": Vector((0.5,) * size)})) for size in (1, 2_048)],
    *[invalid(f"vector of {size}", update({"v": Vector((0.5,) * size)})) for size in (0, 2_049)],
    valid("vector of infinity", update({"v": Vector((math.inf, -0.0))})),
    invalid("vector of NaN", update({"v": Vector((0.5, math.nan))})),
    invalid("vector of integers", update({"v": raw_vector(value=[0.5, 1])})),
    invalid("vector of texts", update({"v": raw_vector(value=["a"])})),
    invalid("vector with another key", update({"v": raw_vector(value=[0.5], a=1)})),
    invalid("vector without elements", update({"v": raw_vector()})),
    invalid("vector without elements, with another key", update({"v": raw_vector(a=[0.5])})),
    invalid("vector without an array", update({"v": raw_vector(value=0.5)})),
    invalid("vector in an array", update({"v": [Vector((0.5,))]})),
    valid("vector in a map in an array", update({"v": [{"a": Vector((0.5,))}]})),
    invalid("map with another type", update({"v": {"__type__": "__x__", "value": [0.5]}})),
    invalid("map with a type of another type", update({"v": {"__type__": 1, "value": [0.5]}})),
    invalid("document with a type", update({"__type__": "__vector__", "value": [0.5]})),
]


def typeless(fields: Mapping[str, Any]) -> wire.Write:
    """Add a value without a type to the first field."""
    write = update(fields)
    value = write.update.fields["a"]
    match value.WhichOneof("value_type"):
        case "array_value":
            value.array_value.values.add()
        case "map_value":
            value.map_value.fields["b"].SetInParent()
    return write


POINTS = [(90.0, 180.0), (-90.0, -180.0)]
BAD_POINTS = [(90.1, 0.0), (-90.1, 0.0), (0.0, 180.1), (0.0, -180.1), (math.nan, 0.0), (0.0, math.nan), (math.inf, 0.0)]
TIMES = [Timestamp(253_402_300_799, 999_999_999), Timestamp(-62_135_596_800)]
BAD_TIMES = [Timestamp(253_402_300_800), Timestamp(-62_135_596_801), Timestamp(0, -1), Timestamp(0, 1_000_000_000)]
BAD_REFERENCES = [
    "",
    "c/a",
    DATABASE,
    f"{DATABASE}/documents",
    f"{DATABASE}/documents/c",
    f"{DATABASE}/documents/c/__x__",
]
BAD_REFERENCES += [
    f"{DATABASE}/documents/c/{'i' * 1_501}",
    "projects/p/documents/c/a",
    "projects//databases/d/documents/c/a",
]
HOLDERS: list[dict[str, Any]] = [{}, {"a": []}, {"a": {}}]
ARRAYS_IN_ARRAYS: list[Any] = [[[]], [[1]], [{"a": [[1]]}], {"a": [[1]]}]

VALUES = [
    *[valid(f"point {point}", update({"a": Point(*point)})) for point in POINTS],
    *[invalid(f"point {point}", update({"a": [{"b": Point(*point)}]})) for point in BAD_POINTS],
    *[valid(f"time {time}", update({"a": time})) for time in TIMES],
    *[invalid(f"time {time}", update({"a": {"b": time}})) for time in BAD_TIMES],
    valid("reference", update({"a": Reference("c/a/d/b")})),
    *[invalid(f"reference {name[-20:]!r}", update({"a": wire.Value(reference_value=name)})) for name in BAD_REFERENCES],
    *[invalid(f"typeless in {fields!r}", typeless(fields)) for fields in HOLDERS],
    *[invalid(f"array in an array {item!r}", update({"a": item})) for item in ARRAYS_IN_ARRAYS],
    valid("array in a map in an array", update({"a": [{"a": [1]}]})),
    invalid("what the mask leaves out", update({"a": {"__x__": 1}}, mask=["b"])),
]

# Masks and transformations

PATHS = ["a", "a.b", "_a1", "`a.b`.c", r"`\``", r"`\\`", "`é`", "`\0`", "` `", ".".join(["a"] * 20), "a" * 1_499]
BAD_PATHS = [
    "",
    ".",
    "a.",
    ".a",
    "a..b",
    "`a",
    "a`",
    "``",
    "a.``",
    "`a`b",
    "`a``b`",
    "a b",
    "1a",
    "a-b",
    "é",
    "a[0]",
    "*",
]
BAD_PATHS += ["__x__", "a.__x__", "`__x__`", r"`\`", "a" * 1_501]

MASKS = [
    *[valid(f"mask {path[:40]!r}, {len(path)}", update(mask=[path])) for path in PATHS],
    *[invalid(f"mask {path[:40]!r}, {len(path)}", update(mask=[path])) for path in BAD_PATHS],
    valid("mask of 1,500 bytes", update(mask=["a" * 1_500]), emulator_differs=True),
    invalid("mask of 21 keys", update(mask=[".".join(["a"] * 21)])),
    invalid("mask '__name__'", update(mask=["__name__"]), emulator_differs=True),
    valid("mask of nothing", update({"a": 1}, mask=[])),
    valid("mask of overlapping paths", update(mask=["a.b", "a", "a"])),
]
OVERLAPPING = ["e", "d", "c.a", "b", "c.b.a", "aa", "c.b", "c.c", "ca", "c_b"]
UNION, REMOVE = "append_missing_elements", "remove_all_from_array"
TRANSFORMS = [
    *[valid(f"transformed {path[:40]!r}", update(transforms=[(path, "increment", 1)])) for path in PATHS],
    *[invalid(f"transformed {path[:40]!r}", update(transforms=[(path, "increment", 1)])) for path in BAD_PATHS[:-1]],
    invalid("transformed 21 keys", update(transforms=[(".".join(["a"] * 21), "increment", 1)]), emulator_differs=True),
    invalid("transformed '__name__'", update(transforms=[("__name__", "increment", 1)]), emulator_differs=True),
    valid("500 transformations", update(transforms=[(f"f{number}", "increment", 1) for number in range(500)])),
    invalid(
        "501 transformations",
        update(transforms=[(f"f{number}", "increment", 1) for number in range(501)]),
        emulator_differs=True,
    ),
    valid("one field twice", update(transforms=[("a", "increment", 1)] * 2)),
    invalid("a field and its parent among others", update(transforms=[(path, "increment", 1) for path in OVERLAPPING])),
    invalid("a field and its parent", update(transforms=[("a.b", "increment", 1), ("a", "increment", 1)])),
    invalid("a field and what is below", update(transforms=[("a", UNION, []), ("a.b.c", "increment", 1)])),
    valid("neighbours", update(transforms=[("a.b", "increment", 1), ("ab", "increment", 1), ("a.c", "increment", 1)])),
    *[valid(f"{kind} 0.5", update(transforms=[("a", kind, 0.5)])) for kind in ("increment", "maximum", "minimum")],
    *[invalid(f"{kind} 'a'", update(transforms=[("a", kind, "a")])) for kind in ("increment", "maximum", "minimum")],
    *[invalid(f"{kind} null", update(transforms=[("a", kind, None)])) for kind in ("increment", "maximum", "minimum")],
    valid("the time", update(transforms=[("a", "set_to_server_value", 1)])),
    invalid("no value of the server", update(transforms=[("a", "set_to_server_value", 0)])),
    invalid("another value of the server", update(transforms=[("a", "set_to_server_value", 2)])),
    invalid("no transformation", update(transforms=[("a", "nothing", None)])),
    *[invalid(f"{kind} a bad key", update(transforms=[("a", kind, [{"__x__": 1}])])) for kind in (UNION, REMOVE)],
    *[
        invalid(f"{kind} an array", update(transforms=[("a", kind, [[1]])]), emulator_differs=True)
        for kind in (UNION, REMOVE)
    ],
    *[valid(f"{kind} 19 maps", update(transforms=[("a", kind, [nested(19)])])) for kind in (UNION, REMOVE)],
    *[
        invalid(f"{kind} 20 maps", update(transforms=[("a", kind, [nested(20)])]), emulator_differs=True)
        for kind in (UNION, REMOVE)
    ],
    invalid("19 maps below a map", update(transforms=[("a.b", UNION, [nested(19)])]), emulator_differs=True),
]

# Operations


def deprecated() -> wire.Write:
    """The operation `transform`, which transforms a document and does nothing else."""
    return wire.Write.FromString(b"\x32\x00")


def deletion(mask: Sequence[str] | None = None, transforms: Transforms = ()) -> wire.Write:
    write = update(mask=mask, transforms=transforms)
    write.delete = "c/a"
    return write


def updated_at(time: Timestamp) -> wire.Write:
    """A deletion if the document, which does not exist, was updated at a time."""
    write = wire.Write(delete="c/missing")
    write.current_document.update_time.CopyFrom(value_of(time).timestamp_value)
    return write


OPERATIONS = [
    valid("delete", deletion()),
    invalid("delete with a mask", deletion(mask=["a"])),
    invalid("delete with a transformation", deletion(transforms=[("a", "increment", 1)])),
    Case("nothing", lambda database: wire.Write(), False),
    Case("the operation `transform`", lambda database: deprecated(), False),
    *[invalid(f"updated at {time}", updated_at(time)) for time in (*BAD_TIMES, Timestamp(1, 1), Timestamp(1, 1_999))],
]

CASES = [*NAMES, *KEYS, *DEPTHS, *VECTORS, *VALUES, *MASKS, *TRANSFORMS, *OPERATIONS]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_check_write(case: Case) -> None:
    if case.is_valid:
        check_write(case.write(DATABASE), DATABASE)
        return
    with pytest.raises(ValidationError):
        check_write(case.write(DATABASE), DATABASE)


@pytest.fixture(scope="module")
def emulator(emulator_host: str) -> Iterator[FirestoreBackend]:
    backend = FirestoreBackend.connect("checks")
    yield backend
    backend.close()


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_the_emulator_says_the_same(emulator: FirestoreBackend, case: Case) -> None:
    """But for what is marked in the table."""
    request = wire.CommitRequest(database=emulator.database, writes=[case.write(emulator.database)])
    error: type[StorageError] | None = None
    try:
        emulator.commit(request, CALL)
    except StorageError as failure:
        error = type(failure)
    accepts = case.is_valid != case.emulator_differs
    assert error is (None if accepts else ValidationError)


def test_a_time_of_an_update_may_be_valid() -> None:
    check_write(placed(updated_at(Timestamp(1, 1_000)))(DATABASE), DATABASE)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (update({"a.b": {"c": [1, {"": 1}]}}), "field 'a.b': a key of a map is empty"),
        (update({"a": [[1]]}), "field 'a': an array is directly in an array: put a map in between"),
        (update(transforms=[("a.b", "increment", "1")]), "field 'a.b': a number is needed here, not string_value"),
        (
            update(transforms=[("a.b", UNION, [[1]])]),
            "field 'a.b': an array is directly in an array: put a map in between",
        ),
        (deprecated(), "a write must update or delete a document: transform is not supported"),
        (wire.Write(), "a write must update or delete a document: nothing is not supported"),
    ],
)
def test_the_error_says_where_it_is(write: wire.Write, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        check_write(placed(write)(DATABASE), DATABASE)
    assert str(caught.value) == message


# Several writes


def incrementing(name: str, count: int) -> wire.Write:
    write = update(transforms=[(f"f{number}", "increment", 1) for number in range(count)])
    write.update.name = name
    return placed(write)(DATABASE)


def test_check_commit_checks_each_write() -> None:
    with pytest.raises(ValidationError, match="nothing is not supported"):
        check_commit([incrementing("c/a", 1), wire.Write()], DATABASE)


def test_check_commit_counts_the_transformations_of_a_document() -> None:
    check_commit([incrementing("c/a", 300), incrementing("c/b", 300), incrementing("c/a", 200)], DATABASE)
    with pytest.raises(ValidationError, match="501 transformations of one document"):
        check_commit([incrementing("c/a", 300), incrementing("c/a", 201)], DATABASE)


def test_check_batch_refuses_two_writes_of_a_document() -> None:
    check_batch([incrementing("c/a", 1), incrementing("c/b", 1)], DATABASE)
    with pytest.raises(ValidationError, match=r"2 writes are about the same document, .*/documents/c/a"):
        check_batch([incrementing("c/a", 1), incrementing("c/b", 1), incrementing("c/a", 1)], DATABASE)


def test_check_batch_counts_the_writes() -> None:
    writes = [incrementing(f"c/{number}", 0) for number in range(501)]
    check_batch(writes[:500], DATABASE)
    with pytest.raises(ValidationError, match="501 writes"):
        check_batch(writes, DATABASE)


def test_check_batch_checks_each_write() -> None:
    with pytest.raises(ValidationError, match="nothing is not supported"):
        check_batch([incrementing("c/a", 1), wire.Write()], DATABASE)
