"""Derives the synchronous modules of firestore_runtime from the asynchronous ones.

    python runtime/derive_sync.py            write `_sync/`
    python runtime/derive_sync.py --check    exit 1 and show the difference, if it is not what `_async/` gives

Token by token: `async` and `await` go, classes lose the `Async` in front of their names, and some words are replaced.
Docstrings are text in the same words. Ruff then sorts the imports and breaks the lines.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent / "firestore_runtime"
BANNER = "# Derived from {source} by runtime/derive_sync.py. Do not edit; change that and run `make sync`.\n\n"
CONFIG = Path(__file__).parents[1] / "pyproject.toml"

WORDS = {
    "ASYNC_FAILURES": "FAILURES",
    "AnyEmbedder": "Embedder",
    "LoopDeadline": "ThreadDeadline",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "_async": "_sync",
    "aclosing": "closing",
    "asyncio": "time",
    "checked_awaitable": "checked_result",
    "embed_async": "embed",
    "open_async_channel": "open_channel",
    "run_async": "run",
}
"""What differs besides `async`, `await` and classes that have `Async` in front of their names."""
TEXTS = {
    "An asynchronous": "A",
    "The asynchronous function": "The function",
    "asynchronous": "synchronous",
    "all tasks, and used from several event loops": "all threads",
}
"""What differs in docstrings and comments besides those words."""

_WORD = re.compile(rf"\b(?:{'|'.join(WORDS)})\b")
_TEXT = re.compile("|".join(TEXTS))


class UnusedWordError(Exception):
    """A word of the tables occurs nowhere, so that nobody can tell whether it is still right."""


def derive() -> dict[Path, str]:
    """Return the text of each synchronous module by its path.

    Raises:
        UnusedWordError: An entry of the tables has no use any more.
    """
    sources = {path: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("**/_async/*.py"))}
    used: set[str] = set()
    derived = {_target(path): _banner(path) + synchronous(text, used) for path, text in sources.items()}
    if unused := {*WORDS, *TEXTS} - used:
        raise UnusedWordError(f"not used any more: {', '.join(sorted(unused))}")
    return _formatted(derived)


def _target(source: Path) -> Path:
    return source.parents[1] / "_sync" / source.name


def _banner(source: Path) -> str:
    return BANNER.format(source=source.relative_to(ROOT).as_posix())


def synchronous(source: str, used: set[str]) -> str:
    """Return source in the words of the other flavour, unformatted; what it needs of the tables is added to `used`."""
    lines = source.splitlines(keepends=True)
    parts: list[str] = []
    row, column = 1, 0
    after_dropped = False
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        gap = _between(lines, (row, column), token.start)
        parts.append(gap.lstrip(" ") if after_dropped else gap)
        after_dropped = token.type == tokenize.NAME and token.string in ("async", "await")
        parts.append("" if after_dropped else _word(token, used))
        row, column = token.end
    return "".join(parts)


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    """Return what lies between two tokens: blanks, and the ends of lines that belong to none."""
    (row, column), (end_row, end_column) = start, end
    if row == end_row:
        return lines[row - 1][column:end_column] if row <= len(lines) else ""
    middle = "".join(lines[row : end_row - 1])
    last = lines[end_row - 1][:end_column] if end_row <= len(lines) else ""
    return lines[row - 1][column:] + middle + last


def _word(token: tokenize.TokenInfo, used: set[str]) -> str:
    if token.type == tokenize.NAME:
        return _renamed(token.string, used)
    if token.type == tokenize.COMMENT or token.string.startswith('"""'):
        return _prose(token.string, used)
    if token.string.startswith('"Async'):  # a name that is not defined yet
        return _renamed(token.string, used)
    return token.string


def _renamed(text: str, used: set[str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        used.add(match[0])
        return WORDS[match[0]]

    return re.sub(r"\bAsync(?=[A-Z])", "", _WORD.sub(replaced, text))


def _prose(text: str, used: set[str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        used.add(match[0])
        return TEXTS[match[0]]

    return _renamed(re.sub(r"\b(?:async|await) ", "", _TEXT.sub(replaced, text)), used)


def _formatted(files: dict[Path, str]) -> dict[Path, str]:
    """Run ruff over copies of the files, with the project's own configuration."""
    with TemporaryDirectory() as directory:
        copies = {path: Path(directory) / path.relative_to(ROOT) for path in files}
        for path, copy in copies.items():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(files[path], encoding="utf-8")
        for command in (["check", "--fix", "--select=I,F401", "--quiet"], ["format", "--quiet"]):
            subprocess.run(
                [sys.executable, "-m", "ruff", *command, f"--config={CONFIG}", "--no-cache", directory], check=True
            )
        return {path: copy.read_text(encoding="utf-8") for path, copy in copies.items()}


def differences() -> Iterator[str]:
    """Yield a diff of each module that is not as derived, is missing, or has no source."""
    derived = derive()
    for path in sorted({*derived, *ROOT.glob("**/_sync/*.py")}):
        there = path.read_text(encoding="utf-8") if path.exists() else ""
        name = path.relative_to(ROOT.parents[1]).as_posix()
        wanted = derived.get(path, "")
        yield from unified_diff(there.splitlines(True), wanted.splitlines(True), name, f"{name} as derived")


def main() -> int:
    """Write the modules, or with `--check` compare them."""
    if sys.argv[1:] == ["--check"]:
        found = list(differences())
        sys.stdout.writelines(found)
        return 1 if found else 0
    derived = derive()
    for orphan in set(ROOT.glob("**/_sync/*.py")) - derived.keys():
        orphan.unlink()
    for path, text in derived.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
