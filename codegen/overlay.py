"""What collections.json says about the models themselves: the dimensions of vectors, and ids that are generated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from codegen.errors import Place
from codegen.sources import CONFIG_FILE, JsonObject


@dataclass(frozen=True, slots=True)
class VectorSetting:
    """The settings of a vector field, and where they are written."""

    dimension: int | None
    any_dimension: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Overlay:
    """Settings by (class name, property)."""

    vectors: dict[tuple[str, str], list[VectorSetting]] = field(default_factory=dict)
    generated_ids: set[tuple[str, str]] = field(default_factory=set)


def read_overlay(config: JsonObject) -> Overlay:
    """Collect the settings from a configuration that may not keep its contract; what does not is passed over."""
    overlay = Overlay()
    for name, collection in _objects(config.get("collections")):
        model = collection.get("model")
        if not isinstance(model, str):
            continue
        place = Place(CONFIG_FILE) / "collections" / name
        match collection.get("document_id"):
            case {"field": str(key), "generate": "auto"}:
                overlay.generated_ids.add((model, key))
        for key, settings in _objects(collection.get("vectors")):
            dimension = settings.get("dimension")
            setting = VectorSetting(
                dimension if isinstance(dimension, int) else None, settings.get("any_dimension") is True, place / "vectors" / key
            )
            overlay.vectors.setdefault((model, key), []).append(setting)
    return overlay


def _objects(value: Any) -> Iterator[tuple[str, JsonObject]]:
    if isinstance(value, dict):
        yield from ((key, child) for key, child in value.items() if isinstance(child, dict))
