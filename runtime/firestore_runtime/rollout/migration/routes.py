"""Which collections a migration is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime.collections.reference import namespace_segments
from firestore_runtime.errors import ConfigurationError
from firestore_runtime.rollout.copies import Direction, Route

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firestore_runtime.rollout.layouts import Layout
    from firestore_runtime.rollout.rollout import Rollout


def routes_of(
    rollout: Rollout,
    layouts: Sequence[str],
    direction: Direction,
    *,
    namespace: str | None,
    old_namespace: str | None,
) -> list[Route]:
    """Return from where to where documents are copied.

    Args:
        rollout: Which knows the layouts.
        layouts: The shapes of the older documents; none stands for all but those of families, if documents are copied
            forward.
        direction: Whether documents become current ones, or older ones again.
        namespace: The namespace of the current documents.
        old_namespace: The namespace of the older ones, of which only one manager knew.

    Raises:
        ConfigurationError: There is no such shape, or two of them would go back to where one came from.
        ValidationError: A namespace is not valid as a document id.
    """
    if not layouts and direction == "back":
        raise ConfigurationError(f"name the shapes that documents go back to, by --layout: {_forms(rollout)}")
    found: list[Route] = []
    for name in dict.fromkeys(layouts or _plain_names(rollout)):
        for layout, old in _located(rollout, name):
            old_path = "/".join((*namespace_segments(old_namespace), old))
            current_path = "/".join((*namespace_segments(namespace), *layout.schema.path))
            ends = (old_path, current_path) if direction == "forward" else (current_path, old_path)
            found.append(Route(layout, direction, *ends))
    sources = [route.source for route in found]
    for route in found:
        if direction == "back" and sources.count(route.source) > 1:
            raise ConfigurationError(f"documents of {route.source} can go back to one shape only: name one of them")
    return found


def _plain_names(rollout: Rollout) -> list[str]:
    """Return the names of the layouts that are asked for by their names alone."""
    in_families = {layout.name for family in rollout.families for layout in family.layouts}
    return [name for name in rollout.layouts if name not in in_families]


def _forms(rollout: Rollout) -> str:
    return ", ".join((*_plain_names(rollout), *(family.form for family in rollout.families)))


def _located(rollout: Rollout, name: str) -> Iterator[tuple[Layout, str]]:
    """Yield shapes and the paths of older documents that have them."""
    first, *words = name.split(":")
    for family in rollout.families:
        if words and first == family.name:
            if len(words) > family.form.count(":"):
                raise ConfigurationError(f"{name!r} has too many parts: {family.form}")
            yield from zip(family.layouts, family.paths(words), strict=True)
            return
    if name not in _plain_names(rollout):
        raise ConfigurationError(f"there is no layout {name!r}; these are: {_forms(rollout)}")
    yield rollout.layouts[name], rollout.layouts[name].path
