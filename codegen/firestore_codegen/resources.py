"""Where the generator's own data files are."""

from __future__ import annotations

from pathlib import Path


def package_dir() -> Path:
    """The generator's own modules."""
    return Path(__file__).parent


def template_dir() -> Path:
    """The templates: inside the package where it was installed from a wheel, beside it in a checkout."""
    installed = package_dir() / "templates"
    return installed if installed.is_dir() else package_dir().parents[1] / "templates"
