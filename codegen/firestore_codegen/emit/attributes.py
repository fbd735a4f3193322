"""A line for each package in OUT/.gitattributes, by which reviews fold its files: they are nobody's to read."""

from __future__ import annotations

from pathlib import Path

ATTRIBUTES_FILE = ".gitattributes"


def mark_generated(out: Path, package: str) -> bool:
    """Add the line of a package unless it is there, and return whether it was added; other lines stay as they are."""
    if is_marked(out, package):
        return False
    path = out / ATTRIBUTES_FILE
    text = path.read_bytes() if path.exists() else b""
    start = b"" if not text or text.endswith(b"\n") else b"\n"
    with path.open("ab") as file:
        file.write(start + attributes_line(package).encode() + b"\n")
    return True


def is_marked(out: Path, package: str) -> bool:
    """Say whether the line of a package is there."""
    path = out / ATTRIBUTES_FILE
    return path.exists() and attributes_line(package).encode() in map(bytes.strip, path.read_bytes().splitlines())


def attributes_line(package: str) -> str:
    """The line that marks all files of a package."""
    return f"/{package}/** linguist-generated=true"
