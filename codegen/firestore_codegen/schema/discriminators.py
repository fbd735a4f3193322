"""How the models of a union are told apart: a property that is a different constant in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from firestore_codegen.errors import Place, did_you_mean
from firestore_codegen.ir import Discriminator
from firestore_codegen.read.sources import JsonObject
from firestore_codegen.schema.definitions import UnresolvedReference
from firestore_codegen.schema.workspace import Workspace


def find_discriminator(
    workspace: Workspace, schema: JsonObject, models: Sequence[str], place: Place
) -> Discriminator | None:
    """Return the discriminator that the schema declares, or the one property that can be it."""
    tags = [_tags(workspace, model) for model in models]
    declared = schema.get("discriminator")
    if declared is None:
        if len(tags) < 2:
            return None
        common = [key for key in tags[0] if _tells_apart(key, tags)]
        return _discriminator(common[0], models, tags) if common else None
    return _declared(workspace, declared, models, tags, place / "discriminator")


def _declared(
    workspace: Workspace,
    declared: Mapping[str, Any],
    models: Sequence[str],
    tags: Sequence[Mapping[str, str]],
    place: Place,
) -> Discriminator | None:
    key = declared.get("propertyName")
    if not isinstance(key, str):
        workspace.report(place, "a discriminator needs `propertyName`")
        return None
    missing = [model for model, known in zip(models, tags, strict=True) if key not in known]
    for model in missing:
        workspace.report(place, f"`{key}` of `{model}` has no `const`", "give each model of the union its own constant")
    if missing:
        return None
    if not _tells_apart(key, tags):
        workspace.report(place, f"two models of the union have the same `{key}`", "give each model its own constant")
        return None
    found = _discriminator(key, models, tags)
    return (
        found
        if _mapping_agrees(workspace, declared.get("mapping", {}), dict(found.models), place / "mapping")
        else None
    )


def _mapping_agrees(workspace: Workspace, mapping: Any, tags: Mapping[str, str], place: Place) -> bool:
    if not isinstance(mapping, dict):
        workspace.report(place, "`mapping` must be an object")
        return False
    before = len(workspace.problems)
    for tag, reference in mapping.items():
        try:
            model = workspace.definitions.resolve(str(reference), place).name
        except UnresolvedReference as error:
            workspace.report(place / tag, str(error), error.hint)
            continue
        if tags.get(tag) != model:
            hint = did_you_mean(tag, tags) or f"the constants are {', '.join(f'`{known}`' for known in tags)}"
            workspace.report(place / tag, f"`{tag}` is not the constant of `{model}`", hint)
    return len(workspace.problems) == before


def _discriminator(key: str, models: Sequence[str], tags: Sequence[Mapping[str, str]]) -> Discriminator:
    return Discriminator(key, tuple((known[key], model) for model, known in zip(models, tags, strict=True)))


def _tells_apart(key: str, tags: Sequence[Mapping[str, str]]) -> bool:
    values = {known.get(key) for known in tags}
    return None not in values and len(values) == len(tags)


def _tags(workspace: Workspace, model: str) -> dict[str, str]:
    """Return the properties of a model that are a constant text."""
    found = workspace.objects.get(model)
    if found is None:
        return {}
    properties = found.schema.get("properties", {})
    return {
        key: tag for key, schema in properties.items() if (tag := constant(schema)) is not None and isinstance(tag, str)
    }


def constant(schema: Any) -> Any:
    """Return the one value that a schema allows, or None."""
    match schema:
        case {"const": value}:
            return value
        case {"enum": [value], **rest} if "title" not in rest:
            return value
    return None
