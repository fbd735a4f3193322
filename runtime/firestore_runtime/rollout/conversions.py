"""What conversions between the older and the current shape of a document are made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

Data: TypeAlias = "dict[str, Any]"
"""The fields of a document; `Any`, since nobody has checked them yet."""


def renamed(data: Data, keys: Mapping[str, str], drop: tuple[str, ...] = ()) -> Data:
    """Rename what has another name now, which goes before whatever has that name already, and drop some of the rest."""
    others = {key: value for key, value in data.items() if key not in keys and key not in drop}
    return others | {new: data[old] for old, new in keys.items() if old in data}


def inverse(keys: Mapping[str, str]) -> dict[str, str]:
    """Return the way back of `renamed`."""
    return {new: old for old, new in keys.items()}


def with_times(data: Data, *keys: str) -> Data:
    """Make times of texts that say one, as some programs stored them.

    Raises:
        ValueError: A text says none.
    """
    for key in keys:
        if isinstance(text := data.get(key), str):
            try:
                time = datetime.fromisoformat(text)
            except ValueError as error:
                raise ValueError(f"{key}: a text that is no time") from error
            data[key] = time if time.tzinfo else time.replace(tzinfo=UTC)
    return data
