"""Where the generator's own data files are."""

from __future__ import annotations

from pathlib import Path


def template_dir() -> Path:
    """The templates: inside the package where it was installed from a wheel, beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"
