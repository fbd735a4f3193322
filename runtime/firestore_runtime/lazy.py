"""Names of a package that are imported when first used, because pydantic and Google's libraries load slowly."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module


def lazy_names(
    package: str, modules: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return the `__getattr__` and `__dir__` of a package (https://peps.python.org/pep-0562/).

    Args:
        package: The import name of the package.
        modules: The names that come from each module; one that begins with a dot is relative to the package.
    """
    module_of = {name: module for module, names in modules.items() for name in names}

    def get(name: str) -> object:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(module_of[name], package), name)
        setattr(sys.modules[package], name, value)
        return value

    return get, lambda: sorted(module_of)
