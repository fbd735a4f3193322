"""What writes make of a document. That Firestore's emulator makes the same of it is tested in differential_writes/."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest

from firestore_runtime import wire
from firestore_runtime.embedded.semantics.writes import PendingDocument
from firestore_runtime.errors import AlreadyExistsError, ConflictError, NotFoundError, ValidationError
from tests.runtime.embedded.messages import ROOT, Point, Timestamp, Vector, document_of, value_of

BEFORE = Timestamp(100, 5_000)
CREATED = Timestamp(50, 7_000)
NOW = Timestamp(200, 123_456_000)
MAX, MIN = 2**63 - 1, -(2**63)


def time(moment: Timestamp) -> wire.Timestamp:
    return value_of(moment).timestamp_value


def stored(**fields: Any) -> wire.Document:
    """A document as it was stored before."""
    document = document_of("c/a", fields)
    document.create_time.CopyFrom(time(CREATED))
    document.update_time.CopyFrom(time(BEFORE))
    return document


def update(fields: Mapping[str, Any], *mask: str, everything: bool = False) -> wire.Write:
    """A write of the fields that the mask names, or of everything."""
    write = wire.Write(update=document_of("c/a", fields))
    if not everything:
        write.update_mask.SetInParent()
        write.update_mask.field_paths.extend(mask)
    return write


def replacement(**fields: Any) -> wire.Write:
    return update(fields, everything=True)


def transformation(path: str, kind: str, operand: Any) -> wire.Write:
    write = update({})
    transform = write.update_transforms.add()
    transform.field_path = path
    if isinstance(operand, list):
        getattr(transform, kind).values.extend(map(value_of, operand))
    else:
        getattr(transform, kind).CopyFrom(value_of(operand))
    return write


def request_time(*paths: str) -> wire.Write:
    write = update({})
    for path in paths:
        transform = write.update_transforms.add()
        transform.field_path = path
        transform.set_to_server_value = 1
    return write


def deletion() -> wire.Write:
    return wire.Write(delete=f"{ROOT}/c/a")


def applied(before: wire.Document | None, *writes: wire.Write) -> tuple[wire.Document | None, list[wire.WriteResult]]:
    """Apply writes in one commit, and see that what was before has not changed."""
    copy = None if before is None else before.SerializeToString(deterministic=True)
    pending = PendingDocument(before, time(NOW))
    results = [pending.apply(write) for write in writes]
    after = pending.finish()
    assert before is None or before.SerializeToString(deterministic=True) == copy
    return after, results


def fields_after(before: wire.Document | None, *writes: wire.Write) -> dict[str, wire.Value]:
    after, _ = applied(before, *writes)
    assert after is not None
    return dict(after.fields.items())


def values(**items: Any) -> dict[str, wire.Value]:
    return {key: value_of(item) for key, item in items.items()}


# Times


def test_a_new_document_is_created_now() -> None:
    after, (result,) = applied(None, replacement(a=1))
    assert after is not None
    assert (after.name, after.create_time, after.update_time) == (f"{ROOT}/c/a", time(NOW), time(NOW))
    assert result.update_time == time(NOW)


def test_a_changed_document_is_updated_now() -> None:
    after, (result,) = applied(stored(a=1), replacement(a=2))
    assert after is not None
    assert (after.create_time, after.update_time) == (time(CREATED), time(NOW))
    assert result.update_time == time(NOW)


@pytest.mark.parametrize(
    ("before", "write"),
    [
        (stored(a=1, b=math.nan), replacement(b=math.nan, a=1)),
        (stored(a=1), update({})),
        (stored(a=1), update({"a": 1, "b": 2}, "a")),
        (stored(a=1), update({}, "b", "a.b")),
        (stored(a=[1, None]), transformation("a", "append_missing_elements", [1.0, None])),
        (stored(a=3), transformation("a", "maximum", 3.0)),
        (stored(a=MAX), transformation("a", "increment", 1)),
    ],
)
def test_a_document_that_stays_the_same_is_not_updated(before: wire.Document, write: wire.Write) -> None:
    after, (result,) = applied(before, write)
    assert after is before
    assert result.update_time == time(BEFORE)


@pytest.mark.parametrize(("before", "after"), [(1, 1.0), (0.0, -0.0), (None, False), ("a", b"a"), ([], {})])
def test_a_value_of_another_type_is_a_change(before: Any, after: Any) -> None:
    document, _ = applied(stored(a=before), replacement(a=after))
    assert document is not None
    assert document.update_time == time(NOW)


def test_the_times_in_a_write_are_ignored() -> None:
    write = replacement(a=1)
    write.update.create_time.CopyFrom(time(BEFORE))
    write.update.update_time.CopyFrom(time(BEFORE))
    after, _ = applied(None, write)
    assert after is not None
    assert (after.create_time, after.update_time) == (time(NOW), time(NOW))


def test_a_deleted_document_has_no_time() -> None:
    after, (result,) = applied(stored(a=1), deletion())
    assert after is None
    assert not result.HasField("update_time")


def test_deleting_nothing_is_fine() -> None:
    after, (result,) = applied(None, deletion())
    assert after is None
    assert not result.HasField("update_time")


# Several writes in one commit


def test_writes_see_what_those_before_have_done() -> None:
    write = transformation("a", "increment", 1)
    after, results = applied(stored(a=1), write, write)
    assert after is not None
    assert dict(after.fields.items()) == values(a=3)
    assert [result.transform_results[0].integer_value for result in results] == [2, 3]


def test_writes_that_undo_each_other_are_no_update() -> None:
    before = stored(a=1)
    after, results = applied(before, replacement(a=2), replacement(a=1))
    assert after is before
    assert [result.update_time for result in results] == [time(BEFORE)] * 2


def test_all_writes_are_answered_with_the_last_state() -> None:
    after, results = applied(stored(a=1), replacement(a=1), deletion(), replacement(a=1))
    assert after is not None
    assert after.create_time == time(NOW)  # it is a new document
    assert [result.update_time for result in results] == [time(NOW)] * 3


def test_what_is_deleted_in_the_end_was_never_there() -> None:
    after, results = applied(None, replacement(a=1), deletion())
    assert after is None
    assert not any(result.HasField("update_time") for result in results)


# Preconditions


@pytest.mark.parametrize("write", [replacement(a=2), update({"a": 2}, "a"), deletion()])
def test_exists(write: wire.Write) -> None:
    write.current_document.exists = True
    applied(stored(a=1), write)
    with pytest.raises(NotFoundError, match="the document does not exist"):
        applied(None, write)


@pytest.mark.parametrize("write", [replacement(a=2), update({"a": 2}, "a"), deletion()])
def test_exists_not(write: wire.Write) -> None:
    write.current_document.exists = False
    applied(None, write)
    with pytest.raises(AlreadyExistsError, match="a document with this id exists already"):
        applied(stored(a=1), write)


@pytest.mark.parametrize("write", [replacement(a=2), update({"a": 2}, "a"), deletion()])
@pytest.mark.parametrize("moment", [CREATED, Timestamp(0), Timestamp(BEFORE.seconds, 6_000)])
def test_update_time(write: wire.Write, moment: Timestamp) -> None:
    write.current_document.update_time.CopyFrom(time(BEFORE))
    applied(stored(a=1), write)
    write.current_document.update_time.CopyFrom(time(moment))
    for document in (stored(a=1), None):
        with pytest.raises(ConflictError) as caught:
            applied(document, write)
        assert not caught.value.retryable


# Masks


@pytest.mark.parametrize(
    ("before", "fields", "mask", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": 3, "b": 4}, ["a"], {"a": 3, "b": 2}),
        ({"a": 1, "b": 2}, {}, ["a"], {"b": 2}),
        ({"a": 1}, {"a": 2}, [], {"a": 1}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "d": 4}}, ["a.b"], {"a": {"b": 3, "c": 2}}),
        ({"a": {"b": 1}}, {}, ["a.b"], {"a": {}}),
        ({"a": {"b": 1}}, {"a": {"c": 2}}, ["a.c", "a"], {"a": {"c": 2}}),
        ({"a": {"b": 1}}, {"a": {"c": 2}}, ["a", "a.b"], {"a": {"c": 2}}),
        ({}, {}, ["a.b.c"], {}),
        ({}, {"a": {"b": {"c": 1}}}, ["a.b.c"], {"a": {"b": {"c": 1}}}),
        ({"a": 1}, {}, ["a.b"], {"a": 1}),
        ({"a": [{"b": 1}]}, {"a": {"b": 2}}, ["a.b"], {"a": {"b": 2}}),
        ({"a": Vector((1.0,))}, {}, ["a.value"], {"a": Vector((1.0,))}),
        ({"a": Vector((1.0,))}, {"a": {"b": 1}}, ["a.b"], {"a": {"b": 1}}),
        ({"a.b": 1, "a": {"b": 1}}, {"a.b": 2}, ["`a.b`", "`\\``"], {"a.b": 2, "a": {"b": 1}}),
        ({"`\\": {"": 1}, "a": 1}, {}, [r"`\`\\`"], {"a": 1}),
    ],
)
def test_masks(before: dict[str, Any], fields: dict[str, Any], mask: list[str], expected: dict[str, Any]) -> None:
    assert fields_after(stored(**before), update(fields, *mask)) == values(**expected)


def test_a_mask_creates_a_document_with_nothing_else() -> None:
    assert fields_after(None, update({"a": {"b": 1, "c": 2}, "d": 3}, "a.b")) == values(a={"b": 1})
    assert fields_after(None, update({"a": 1})) == {}


# Transformations


@pytest.mark.parametrize(
    ("kind", "before", "operand", "expected"),
    [
        ("increment", None, 2, 2),
        ("increment", "a", 0.5, 0.5),
        ("increment", {"b": 1}, 1, 1),
        ("increment", 1, 2, 3),
        ("increment", 1, 0.5, 1.5),
        ("increment", 0.5, 1, 1.5),
        ("increment", 1, -1.0, 0.0),
        ("increment", -0.0, -0.0, -0.0),
        ("increment", MAX, 1, MAX),
        ("increment", MIN, -1, MIN),
        ("increment", MAX, MIN, -1),
        ("increment", MAX, 1.0, 2.0**63),
        ("increment", 2**53 + 1, 1.0, 2.0**53),
        ("increment", math.inf, -math.inf, math.nan),
        ("maximum", None, 0, 0),
        ("maximum", "z", 0, 0),
        ("maximum", 1, 2.5, 2.5),
        ("maximum", 2.5, 1, 2.5),
        ("maximum", 3, 3.0, 3),
        ("maximum", -0.0, 0, -0.0),
        ("maximum", 2.0**53, 2**53 + 1, 2**53 + 1),
        ("maximum", math.inf, math.nan, math.nan),
        ("maximum", math.nan, math.inf, math.nan),
        ("minimum", None, 0, 0),
        ("minimum", [], 0, 0),
        ("minimum", 1, 0.5, 0.5),
        ("minimum", 0.5, 1, 0.5),
        ("minimum", 3.0, 3, 3.0),
        ("minimum", 0, -0.0, 0),
        ("minimum", 2**53 + 1, 2.0**53, 2.0**53),
        ("minimum", -math.inf, math.nan, math.nan),
        ("minimum", math.nan, -math.inf, math.nan),
    ],
)
def test_numbers(kind: str, before: Any, operand: Any, expected: Any) -> None:
    after, (result,) = applied(stored(a=before), transformation("a", kind, operand))
    assert after is not None
    assert after.fields["a"] == value_of(expected)
    assert list(result.transform_results) == [value_of(expected)]


@pytest.mark.parametrize(
    ("kind", "before", "operand", "expected"),
    [
        ("append_missing_elements", None, [1, 1.0, 2], [1, 2]),
        ("append_missing_elements", {"b": 1}, [None, None], [None]),
        ("append_missing_elements", Vector((1.0,)), [1], [1]),
        ("append_missing_elements", [1, 1], [2, 1.0, 2.0], [1, 1, 2]),
        ("append_missing_elements", [math.nan, -0.0], [0, math.nan, False], [math.nan, -0.0, False]),
        ("append_missing_elements", [{"b": 1}], [{"b": 1.0}, {"b": 2}], [{"b": 1}, {"b": 2}]),
        ("append_missing_elements", [2.0**53], [2**53 + 1], [2.0**53, 2**53 + 1]),
        ("append_missing_elements", [], [Timestamp(1, 1_999), Timestamp(1, 1_000)], [Timestamp(1, 1_000)]),
        ("remove_all_from_array", "a", ["a"], []),
        ("remove_all_from_array", [1, 2, 1.0, "1"], [1.0], [2, "1"]),
        ("remove_all_from_array", [None, math.nan, 0], [math.nan, None, -0.0], []),
        ("remove_all_from_array", [{"b": [1]}, {"b": []}], [{"b": [1.0]}], [{"b": []}]),
        ("remove_all_from_array", [Timestamp(1, 1_000)], [Timestamp(1, 1_999)], []),
    ],
)
def test_arrays(kind: str, before: Any, operand: list[Any], expected: list[Any]) -> None:
    after, (result,) = applied(stored(a=before), transformation("a", kind, operand))
    assert after is not None
    assert after.fields["a"] == value_of(expected)
    assert list(result.transform_results) == [value_of(None)]


@pytest.mark.parametrize("kind", ["append_missing_elements", "remove_all_from_array"])
def test_no_elements_make_an_array_of_what_is_none(kind: str) -> None:
    write = transformation("a", kind, [])
    getattr(write.update_transforms[0], kind).SetInParent()
    assert fields_after(stored(a=1), write) == values(a=[])
    assert fields_after(None, write) == values(a=[])


def test_the_time_of_the_request_is_that_of_the_commit() -> None:
    after, (result,) = applied(stored(a=1), request_time("a", "b.c"))
    moment = NOW
    assert after is not None
    assert dict(after.fields.items()) == values(a=moment, b={"c": moment})
    assert list(result.transform_results) == [value_of(moment)] * 2


def test_transformations_apply_to_what_the_write_has_written() -> None:
    write = update({"a": 10, "b": 7}, "a")
    write.update_transforms.extend(transformation("a", "increment", 1).update_transforms)
    write.update_transforms.extend(transformation("b", "increment", 1).update_transforms)
    write.update_transforms.extend(transformation("a", "increment", 1).update_transforms)
    after, (result,) = applied(stored(a=1, b=1, c=1), write)
    assert after is not None
    assert dict(after.fields.items()) == values(a=12, b=2, c=1)
    assert [value.integer_value for value in result.transform_results] == [11, 2, 12]


@pytest.mark.parametrize("above", [None, 1, [{"b": 1}], Vector((1.0,))])
def test_a_transformation_makes_maps_of_what_is_above_it(above: Any) -> None:
    assert fields_after(stored(a=above), transformation("a.b.c", "increment", 1)) == values(a={"b": {"c": 1}})


# What is stored


def test_stored_times_have_microseconds() -> None:
    fine, coarse = Timestamp(-5, 123_456_789), Timestamp(-5, 123_456_000)
    expected = values(a=coarse, b=[coarse, {"c": coarse}], d={"e": {"f": coarse}})
    fields = {"a": fine, "b": [fine, {"c": fine}], "d": {"e": {"f": fine}}}
    assert fields_after(None, replacement(**fields)) == expected
    assert fields_after(None, update(fields, "a", "b", "d.e")) == expected


def test_everything_else_is_stored_as_it_is() -> None:
    fields = {"a": [None, True, 1, -0.0, "é", b"\0", Point(1.0, -0.0)], "b": Vector((1.0, 2.0)), "c": {"d": {}}}
    assert fields_after(stored(z=1), replacement(**fields)) == values(**fields)
    assert fields_after(stored(), update(fields, *fields)) == values(**fields)


@pytest.mark.parametrize(
    "write",
    [
        replacement(a="a" * 600_000, b="b" * 448_600),
        update({"b": "b" * 448_600}, "b"),
        transformation("b", "append_missing_elements", ["b" * 448_600]),
    ],
)
def test_a_document_cannot_grow_too_large(write: wire.Write) -> None:
    with pytest.raises(ValidationError, match=r"the document has 1,048,\d+ bytes; Firestore allows 1,048,576"):
        applied(stored(a="a" * 600_000), write)


def test_a_document_may_have_a_mebibyte() -> None:
    # 32 bytes, the name of 16 + 2 + 2, the fields of 2 + 600,001 and 2 + `size` + 1.
    size = 1_048_576 - 32 - 20 - 600_003 - 3
    applied(stored(a="a" * 600_000), update({"b": "b" * size}, "b"))
    with pytest.raises(ValidationError, match="the document has 1,048,577 bytes"):
        applied(stored(a="a" * 600_000), update({"b": "b" * (size + 1)}, "b"))
