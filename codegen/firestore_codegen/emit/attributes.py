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
    end = b"\r\n" if b"\r\n" in text else b"\n"
    start = b"" if not text or text.endswith(b"\n") else end
    with path.open("ab") as file:
        file.write(start + attributes_line(package).encode() + end)
    return True


def is_marked(out: Path, package: str) -> bool:
    """Say whether a line for the package is there: ours, or one by which a user decides otherwise."""
    path = out / ATTRIBUTES_FILE
    lines = path.read_bytes().splitlines() if path.exists() else []
    return any(line.split()[:1] == [_pattern(package)] and b"linguist-generated" in line for line in lines)


def attributes_line(package: str) -> str:
    """The line that marks all files of a package."""
    return f"{_pattern(package).decode()} linguist-generated=true"


def _pattern(package: str) -> bytes:
    return f"/{package}/**".encode()
