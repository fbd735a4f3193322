"""The writes that create, replace, change and delete documents."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import pydantic

from firestore_runtime import naive_datetimes, wire
from firestore_runtime.codecs.context import ENCODING_ERRORS
from firestore_runtime.codecs.decoding import decode_any
from firestore_runtime.codecs.scalars import write_timestamp
from firestore_runtime.documents.updates import assign, checked_changes
from firestore_runtime.errors import ValidationError
from firestore_runtime.limits import MAX_FIELD_TRANSFORMS, check_id, new_document_id
from firestore_runtime.paths import field_path
from firestore_runtime.wire.operators import REQUEST_TIME
from firestore_runtime.wire.sizes import check_document_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from firestore_runtime.collections.reference import CollectionReference
    from firestore_runtime.collections.schema import ServerTimestamp
    from firestore_runtime.fields.changes import Change
    from firestore_runtime.fields.fields import Field
    from firestore_runtime.wire import Write, WriteResult

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


def with_id(
    reference: CollectionReference[ModelT], model: object, document_id: str | None, *, generate: bool
) -> tuple[str, ModelT]:
    """Decide the id of a model, and return it with a model that holds it.

    Raises:
        ValidationError: There is no id, it is not valid, or the model holds another one.
    """
    schema = reference.schema
    if not isinstance(model, schema.model):
        raise ValidationError(f"a {schema.model.__name__} is needed here, not {type(model).__name__}")
    own = getattr(model, schema.id_field.name) if schema.id_field else None
    if document_id is not None and own and own != document_id:
        raise ValidationError(f"the id is {document_id!r}, but the model's own is {own!r}")
    chosen = (own or None) if document_id is None else document_id
    if chosen is None and generate and schema.generate_id:
        chosen = new_document_id()
    if chosen is None:
        raise ValidationError("the document has no id: give one, or a model that holds one")
    check_id(chosen)
    if schema.id_field and own != chosen:
        model = model.model_copy(update={schema.id_field.name: chosen})
    return chosen, model


def create_write(
    reference: CollectionReference[ModelT],
    model: ModelT,
    document_id: str,
    if_updated_at: datetime | None,
    write: Write | None = None,
) -> Write:
    """Make the write that creates a document, and fails if it exists; in the message `write`, if there is one already.

    Raises:
        ValidationError: A value of the model cannot be stored, the document is too large, or it is expected to exist.
    """
    if if_updated_at is not None:
        raise ValidationError("a document that is created has no update time yet: use `set` with if_updated_at")
    write = _replacing_write(reference, model, document_id, write, creating=True)
    write.current_document.exists = False
    return write


def set_write(
    reference: CollectionReference[ModelT],
    model: ModelT,
    document_id: str,
    if_updated_at: datetime | None,
    write: Write | None = None,
) -> Write:
    """Make the write that creates or replaces a document; in the message `write`, if there is one already.

    Raises:
        ValidationError: A value of the model cannot be stored, or the document is too large.
    """
    write = _replacing_write(reference, model, document_id, write, creating=False)
    if if_updated_at is not None:
        _require_update_time(reference, write, if_updated_at)
    return write


def delete_write(
    reference: CollectionReference[ModelT], document_id: str, if_updated_at: datetime | None, write: Write | None = None
) -> Write:
    """Make the write that deletes a document; in the message `write`, if there is one already."""
    write = wire.Write() if write is None else write
    write.delete = reference.name(document_id)
    if if_updated_at is not None:
        _require_update_time(reference, write, if_updated_at)
    return write


def update_write(
    reference: CollectionReference[ModelT],
    document_id: str,
    changes: Sequence[Change[ModelT]],
    patch: Mapping[str, object],
    if_updated_at: datetime | None,
    write: Write | None = None,
) -> Write:
    """Make the write that changes single fields of a document, and fails if it does not exist.

    It is made in the message `write`, if there is one already.

    Raises:
        ValidationError: A field or its value is not valid, there are no changes, or two of them overlap.
    """
    all_changes = checked_changes(reference.schema, changes, patch)
    write = wire.Write() if write is None else write
    write.update.name = reference.name(document_id)
    write.update_mask.SetInParent()  # without a mask the whole document would be replaced
    for change in all_changes:
        with _naming(field_path(change.path)):
            change.write(write, reference.context)
    touched = {change.path[0] for change in all_changes}
    for stamp in reference.schema.server_timestamps:
        if stamp.on == "write" and stamp.key not in touched:
            _add_server_timestamp(write, stamp)
    if len(write.update_transforms) > MAX_FIELD_TRANSFORMS:
        found = len(write.update_transforms)
        raise ValidationError(f"{found} fields set by the server, where Firestore allows {MAX_FIELD_TRANSFORMS}")
    check_document_size(write.update)
    if if_updated_at is None:
        write.current_document.exists = True
    else:
        _require_update_time(reference, write, if_updated_at)
    return write


def created_model(reference: CollectionReference[ModelT], model: ModelT, write: Write, result: WriteResult) -> ModelT:
    """Return the model of a document just created, with what the server decided filled in."""
    names = {field_path((stamp.key,)): stamp.name for stamp in reference.schema.server_timestamps}
    transforms = zip(write.update_transforms, result.transform_results, strict=True)
    update = {names[transform.field_path]: decode_any(value, reference.context) for transform, value in transforms}
    return model.model_copy(update=update) if update else model


def _replacing_write(
    reference: CollectionReference[ModelT], model: ModelT, document_id: str, write: Write | None, *, creating: bool
) -> Write:
    schema = reference.schema
    write = wire.Write() if write is None else write
    write.update.name = reference.name(document_id)
    fields = write.update.fields
    try:
        schema.encode(model, fields, reference.context)
    except ENCODING_ERRORS as error:
        raise _unencodable(reference, model, error) from error
    if schema.id_field and not schema.id_field.stored and schema.id_field.key in fields:
        del fields[schema.id_field.key]
    for stamp in schema.server_timestamps:
        if creating or stamp.on == "write" or getattr(model, stamp.name) is None:
            _add_server_timestamp(write, stamp)
    check_document_size(write.update)
    return write


def _require_update_time(reference: CollectionReference[ModelT], write: Write, if_updated_at: datetime) -> None:
    with _naming("if_updated_at"):
        moment = naive_datetimes.as_utc(if_updated_at) if reference.schema.assume_utc else if_updated_at
        write_timestamp(write.current_document.update_time, moment)


def _add_server_timestamp(write: Write, stamp: ServerTimestamp) -> None:
    if stamp.key in write.update.fields:
        del write.update.fields[stamp.key]
    transform = write.update_transforms.add()
    transform.field_path = field_path((stamp.key,))
    transform.set_to_server_value = REQUEST_TIME


@contextmanager
def _naming(what: str) -> Iterator[None]:
    """Make a `ValidationError` that names the field of what an encoder raises."""
    try:
        yield
    except ENCODING_ERRORS as error:
        raise ValidationError(f"{what}: {error}") from error


def _unencodable(reference: CollectionReference[ModelT], model: ModelT, error: Exception) -> ValidationError:
    """Find the fields that could not be written, by writing them one by one."""
    problems = []
    for name in reference.schema.model.model_fields:
        try:
            _encode_alone(reference, name, getattr(model, name, None))
        except ValidationError as problem:
            problems.append(str(problem))
    return ValidationError("; ".join(problems) or str(error))


def _encode_alone(reference: CollectionReference[ModelT], name: str, value: object) -> None:
    if value is None:
        assign(reference.schema.model.model_construct(), name, None)
        return
    field: Field[ModelT, Any] = getattr(reference.schema.fields, name)  # each field has its own type of value
    with _naming(name):
        field.encode(wire.Value(), value, reference.context)
