"""The contents of an update: keyword arguments and changes, checked so that the document still fits its model."""

from __future__ import annotations

import difflib
import itertools
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import pydantic

from firestore_runtime.errors import ValidationError
from firestore_runtime.fields.changes import Change, DeleteField, SetField
from firestore_runtime.paths import field_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from firestore_runtime.collections.schema import CollectionSchema
    from firestore_runtime.fields.fields import Field

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


def checked_changes(
    schema: CollectionSchema[ModelT], changes: Sequence[Change[ModelT]], patch: Mapping[str, object]
) -> list[Change[ModelT]]:
    """Return all changes of an update.

    Args:
        schema: The collection.
        changes: What was said by `fields.name.set(value)` and the like.
        patch: New values of fields, by their Python names.

    Raises:
        ValidationError: A field or its value is not valid, there are no changes, or two of them overlap.
    """
    for name in patch:
        _check_patchable(schema, name)
    every = [*(_set_field(schema, name, value) for name, value in patch.items()), *_validated(schema, changes)]
    _check_overlap(every)
    return every


def assign(model: pydantic.BaseModel, name: str, value: object) -> None:
    """Assign a value to a field of a model, as its validation makes it.

    Raises:
        ValidationError: The value is not valid.
    """
    try:
        type(model).__pydantic_validator__.validate_assignment(model, name, value)
    except pydantic.ValidationError as error:
        raise ValidationError(f"{name}: {error.errors(include_url=False)[0]['msg']}") from error
    # Python counts booleans as integers and datetimes as dates, so that a type checker cannot see these mistakes.
    if isinstance(value, (bool, datetime)) and not isinstance(getattr(model, name), type(value)):
        raise ValidationError(f"{name}: a {type(value).__name__} is not what the field holds: {value!r}")


def _set_field(schema: CollectionSchema[ModelT], name: str, value: object) -> Change[ModelT]:
    blank = schema.model.model_construct()
    assign(blank, name, value)
    field: Field[ModelT, Any] = getattr(schema.fields, name)  # each field has its own type of value
    info = schema.model.model_fields[name]
    is_none_if_absent = info.default is None and info.default_factory is None
    return SetField(field.path, getattr(blank, name), field.encode, is_none_if_absent)


def _check_patchable(schema: CollectionSchema[ModelT], name: str) -> None:
    fixed = {stamp.name: "the server sets it" for stamp in schema.server_timestamps}
    if schema.id_field:
        fixed[schema.id_field.name] = "the id of a document never changes"
    if name in fixed:
        raise ValidationError(f"{name!r} cannot be updated: {fixed[name]}")
    if name not in schema.model.model_fields:
        close = difflib.get_close_matches(name, schema.model.model_fields.keys() - fixed, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ValidationError(f"{schema.model.__name__} has no field {name!r} to update{hint}")


def _validated(schema: CollectionSchema[ModelT], changes: Sequence[object]) -> Iterator[Change[ModelT]]:
    """Refuse what would leave a document that does not fit its model."""
    names = {info.alias or name: name for name, info in schema.model.model_fields.items()}
    for change in changes:
        if not isinstance(change, Change):
            expected = "a change, such as fields.name.set(value)"
            raise ValidationError(f"{expected}, is needed here, not {type(change).__name__}: {change!r}")
        name = names.get(change.path[0])
        if name is None or len(change.path) > 1:
            yield change
        elif isinstance(change, SetField):
            yield _set_field(schema, name, change.value)
        elif isinstance(change, DeleteField) and schema.model.model_fields[name].is_required():
            raise ValidationError(f"{name!r} cannot be deleted: {schema.model.__name__} requires it")
        else:
            yield change


def _check_overlap(changes: Sequence[Change[ModelT]]) -> None:
    if not changes:
        raise ValidationError("there is nothing to update: give fields as keyword arguments, or changes")
    paths = sorted(change.path for change in changes)
    for path, following in itertools.pairwise(paths):
        if following[: len(path)] == path:
            raise ValidationError(f"two changes overlap: {field_path(path)} and {field_path(following)}")
