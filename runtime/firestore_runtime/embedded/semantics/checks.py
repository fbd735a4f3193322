"""Firestore's rules for writes, as far as they do not depend on what is stored."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from firestore_runtime.embedded.semantics.lookup import read_path
from firestore_runtime.embedded.semantics.name_rules import check_document_name
from firestore_runtime.embedded.semantics.transforms import number_of
from firestore_runtime.embedded.semantics.value_rules import check_elements, check_fields, check_time
from firestore_runtime.embedded.semantics.writes import written_name
from firestore_runtime.errors import ValidationError
from firestore_runtime.limits import MAX_BATCH_WRITES, MAX_FIELD_TRANSFORMS
from firestore_runtime.paths import DOCUMENT_ID, field_path
from firestore_runtime.wire.operators import REQUEST_TIME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from firestore_runtime.paths import FieldPath
    from firestore_runtime.wire import FieldTransform, Precondition, Repeated, RepeatedMessage, Value, Write


def check_commit(writes: Iterable[Write], database: str) -> None:
    """Refuse writes that cannot be applied together, whatever is stored.

    Args:
        writes: The writes.
        database: The database that they must be about, `projects/P/databases/D`.

    Raises:
        ValidationError: A write is not valid, or contradicts an earlier one of the same document.
    """
    for same in _checked_by_name(writes, database).values():
        if len(same) > 1:
            _check_repeated(same)


def check_batch(writes: Sequence[Write] | RepeatedMessage[Write], database: str) -> None:
    """Refuse writes that cannot be sent together although each of them is applied for itself.

    Raises:
        ValidationError: A write is not valid, two are about the same document, or there are too many.
    """
    if len(writes) > MAX_BATCH_WRITES:
        raise ValidationError(f"{len(writes):,} writes in one request, where Firestore allows {MAX_BATCH_WRITES}")
    for name, same in _checked_by_name(writes, database).items():
        if len(same) > 1:
            raise ValidationError(f"{len(same)} writes are about the same document, {name}: send them one by one")


def check_write(write: Write, database: str) -> None:
    """Refuse a write that Firestore never applies, whatever is stored.

    Raises:
        ValidationError: It is not valid.
    """
    operation = write.WhichOneof("operation")
    if operation == "update":
        check_document_name(write.update.name, database)
        check_fields(write.update.fields)
        if write.HasField("update_mask"):
            _check_mask(write.update_mask.field_paths)
        if write.update_transforms:
            _check_transforms(write.update_transforms)
    elif operation == "delete":
        check_document_name(write.delete, database)
        if write.HasField("update_mask") or write.update_transforms:
            raise ValidationError("a delete has neither a mask nor transformations")
    else:
        raise ValidationError(f"a write must update or delete a document: {operation or 'nothing'} is not supported")
    if write.current_document.WhichOneof("condition_type") == "update_time":
        _check_update_time(write.current_document)


def _checked_by_name(writes: Iterable[Write], database: str) -> Mapping[str, list[Write]]:
    by_name: defaultdict[str, list[Write]] = defaultdict(list)
    for write in writes:
        check_write(write, database)
        by_name[written_name(write)].append(write)
    return by_name


def _check_update_time(precondition: Precondition) -> None:
    check_time(precondition.update_time)
    if precondition.update_time.nanos % 1_000:
        raise ValidationError("the update time of a document has microseconds, the precondition's is finer")


def _check_repeated(writes: Sequence[Write]) -> None:
    """Refuse writes of one document that contradict each other: those before decide whether it exists."""
    transforms = sum(len(write.update_transforms) for write in writes)
    if transforms > MAX_FIELD_TRANSFORMS:
        raise _too_many_transforms(transforms)
    first = writes[0].current_document
    for earlier, write in pairwise(writes):
        exists = earlier.HasField("update")
        precondition = write.current_document
        kind = precondition.WhichOneof("condition_type")
        if kind == "exists" and precondition.exists != exists:
            state = "creates or updates" if exists else "deletes"
            raise ValidationError(f"an earlier write of the same commit {state} the document, against the precondition")
        # Update times are those before the commit: the first write must demand the same one.
        contradicts = precondition.update_time != first.update_time or (not exists and write.HasField("update"))
        if kind == "update_time" and contradicts:
            raise ValidationError("the first write of the same document in the commit does not demand this update time")


def _check_mask(paths: Repeated[str]) -> None:
    for path in paths:
        _checked_path(path)


def _checked_path(text: str) -> FieldPath:
    path = read_path(text)
    if path == DOCUMENT_ID:
        raise ValidationError("'__name__' is no field: the name of a document never changes")
    return path


def _check_transforms(transforms: RepeatedMessage[FieldTransform]) -> None:
    if len(transforms) > MAX_FIELD_TRANSFORMS:
        raise _too_many_transforms(len(transforms))
    paths = set()
    for transform in transforms:
        path = _checked_path(transform.field_path)
        paths.add(path)
        try:
            _check_transform(transform, len(path))
        except ValidationError as error:
            raise ValidationError(f"field {transform.field_path!r}: {error.message}") from error
    for outer, inner in pairwise(sorted(paths)):
        if inner[: len(outer)] == outer:
            raise ValidationError(f"two transformations overlap: {field_path(outer)} and {field_path(inner)}")


def _too_many_transforms(count: int) -> ValidationError:
    return ValidationError(f"{count:,} transformations of one document, where Firestore allows {MAX_FIELD_TRANSFORMS}")


def _check_transform(transform: FieldTransform, depth: int) -> None:
    match transform.WhichOneof("transform_type"):
        case "set_to_server_value":
            if transform.set_to_server_value != REQUEST_TIME:
                raise ValidationError("the only value that the server sets is REQUEST_TIME")
        case "increment":
            _check_operand(transform.increment)
        case "maximum":
            _check_operand(transform.maximum)
        case "minimum":
            _check_operand(transform.minimum)
        case "append_missing_elements":
            check_elements(transform.append_missing_elements, depth)
        case "remove_all_from_array":
            check_elements(transform.remove_all_from_array, depth)
        case _:
            raise ValidationError("the transformation does not say what to do")


def _check_operand(value: Value) -> None:
    if number_of(value) is None:
        raise ValidationError(f"a number is needed here, not {value.WhichOneof('value_type')}")
