"""Find the fields that a collection's configuration names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from firestore_codegen.errors import Place, Problem, suggestion
from firestore_codegen.ir import AnyValue, Enum, Field, FieldPath, Map, MapKey, Model, ModelRef, TypeRef, without_null
from firestore_codegen.schema.fields import is_valid_key
from firestore_runtime.limits import MAX_FIELD_NAME_BYTES
from firestore_runtime.paths import split_field_path

_KEY_HINT = f"keys are not empty, `__…__` or over {MAX_FIELD_NAME_BYTES:,} bytes"


@dataclass(frozen=True, slots=True)
class Lookup:
    """The model of a collection, what a check needs to know beside it, and where problems go.

    Attributes:
        model: The model.
        models: All models by name.
        enums: All enumerations by name.
        unread: Models, and fields as `Model.key`, that problems are reported about already.
        unindexed: The fields that collections of this id have no indexes of, as they are written there.
        problems: Where problems go.
    """

    model: Model
    models: Mapping[str, Model]
    enums: Mapping[str, Enum]
    unread: Collection[str]
    unindexed: Collection[str]
    problems: list[Problem]

    def report(self, place: Place, message: str, hint: str = "") -> None:
        """Note a problem and go on."""
        self.problems.append(place.problem(message, hint))

    def field(self, key: str, place: Place) -> Field | None:
        """Return the field with a stored name, or None after reporting that there is none."""
        return self._field(self.model, key, place)

    def path(self, text: str, place: Place) -> FieldPath | None:
        """Return the path to a field, which may lie inside of maps and models, or None after reporting why not."""
        first, *rest = self._keys(text)
        field = self.field(first, place)
        if field is None:
            return None
        path = FieldPath(field)
        for key in rest:
            step = self._step(path, key, place)
            if step is None:
                return None
            path = FieldPath(field, (*path.inner, step))
        return path

    def is_unindexed(self, path: FieldPath) -> bool:
        """Return whether a field, or the map that it is in, has no indexes."""
        unindexed = {self._keys(text) for text in self.unindexed}
        return any(path.keys[:length] in unindexed for length in range(1, len(path.keys) + 1))

    def _keys(self, text: str) -> tuple[str, ...]:
        """Split a path; one that is a field of the document as a whole, dots and all, is that field."""
        if any(field.key == text for field in self.model.fields):
            return (text,)
        return split_field_path(text) or (text,)

    def _step(self, path: FieldPath, key: str, place: Place) -> Field | MapKey | None:
        match without_null(path.type):
            case ModelRef(name):
                return self._field(self.models[name], key, place) if name in self.models else None
            case Map(values):
                return self._map_key(key, values, place)
            case AnyValue() as anything:
                return self._map_key(key, anything, place)
            case _:
                self.report(place, f"`{path}` is neither a map nor an object, so nothing is inside of it")
                return None

    def _map_key(self, key: str, values: TypeRef, place: Place) -> MapKey | None:
        if is_valid_key(key):
            return MapKey(key, values)
        self.report(place, f"no map has the key `{key[:50]}`", _KEY_HINT)
        return None

    def _field(self, model: Model, key: str, place: Place) -> Field | None:
        for field in model.fields:
            if field.key == key:
                return field
        if f"{model.name}.{key}" not in self.unread:
            known = [field.key for field in model.fields]
            hint = suggestion(key, known)
            self.report(place, f"`{model.name}` has no field `{key}`", hint)
        return None
