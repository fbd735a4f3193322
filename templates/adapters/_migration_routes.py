"""Which collections a migration is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime.collections.reference import namespace_segments
from firestore_runtime.errors import ConfigurationError
from firestore_runtime.limits import check_id

from ._copies import Direction, Route
from ._layouts import LAYOUTS, V2_AGENT_DATA, V2_ITEMS, Layout
from .legacy_storage import AGENT_DATA_COLLECTION, MEMORY_ITEMS_COLLECTION, get_collection_name

if TYPE_CHECKING:
    from collections.abc import Sequence

_V2 = "v2:"
_V2_PRIVACY = "standard"
_FORMS = ", ".join(name for name in LAYOUTS if not name.startswith("v2")) + ", v2:NAMESPACE[:PRIVACY[:ENVIRONMENT]]"


def routes_of(
    layouts: Sequence[str], direction: Direction, *, namespace: str | None, old_namespace: str | None
) -> list[Route]:
    """Return from where to where documents are copied.

    Args:
        layouts: The shapes of the older documents; none stands for all but those of the second version, if documents
            are copied forward.
        direction: Whether documents become current ones, or older ones again.
        namespace: The namespace of the current documents.
        old_namespace: The namespace of the older ones, of which only one manager knew.

    Raises:
        ConfigurationError: There is no such shape, or two of them would go back to where one came from.
        ValidationError: A namespace is not valid as a document id.
    """
    if not layouts and direction == "back":
        raise ConfigurationError(f"name the shapes that documents go back to, by --layout: {_FORMS}")
    names = layouts or [name for name in LAYOUTS if not name.startswith("v2")]
    found: list[Route] = []
    for name in dict.fromkeys(names):
        for layout, old in _places(name):
            old_path = "/".join((*namespace_segments(old_namespace), old))
            current_path = "/".join((*namespace_segments(namespace), *layout.schema.path))
            ends = (old_path, current_path) if direction == "forward" else (current_path, old_path)
            found.append(Route(layout, direction, *ends))
    sources = [route.source for route in found]
    for route in found:
        if direction == "back" and sources.count(route.source) > 1:
            raise ConfigurationError(f"documents of {route.source} can go back to one shape only: name one of them")
    return found


def _places(name: str) -> list[tuple[Layout, str]]:
    """Return shapes and the paths of older documents that have them."""
    if name.startswith(_V2):
        parts = name.split(":")[1:]
        if len(parts) > 3:
            raise ConfigurationError(f"{name!r} has too many parts: v2:NAMESPACE[:PRIVACY[:ENVIRONMENT]]")
        namespace, privacy, environment = (*parts, "", "")[:3]
        items, agent_data = (
            check_id(get_collection_name(base, namespace, privacy or _V2_PRIVACY, environment))
            for base in (MEMORY_ITEMS_COLLECTION, AGENT_DATA_COLLECTION)
        )
        return [(V2_ITEMS, items), (V2_AGENT_DATA, agent_data)]
    layout = LAYOUTS.get(name)
    if layout is None or name.startswith("v2"):
        raise ConfigurationError(f"there is no layout {name!r}; these are: {_FORMS}")
    return [(layout, layout.path)]
