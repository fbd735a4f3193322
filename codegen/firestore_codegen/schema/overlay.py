"""What collections.json says about the models themselves: the dimensions of vectors, and ids that are generated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from firestore_codegen.errors import Place
from firestore_codegen.read.sources import COLLECTIONS, CONFIG_FILE, JsonObject


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


def read_overlay(collections: Mapping[str, JsonObject]) -> Overlay:
    """Collect the settings of all collections."""
    overlay = Overlay()
    for name, collection in collections.items():
        model, place = collection["model"], Place(CONFIG_FILE) / COLLECTIONS / name
        match collection.get("document_id"):
            case {"field": key, "generate": "auto"}:
                overlay.generated_ids.add((model, key))
        for key, settings in collection.get("vectors", {}).items():
            any_dimension = settings.get("any_dimension", False)
            setting = VectorSetting(settings.get("dimension"), any_dimension, place / "vectors" / key)
            overlay.vectors.setdefault((model, key), []).append(setting)
    return overlay
