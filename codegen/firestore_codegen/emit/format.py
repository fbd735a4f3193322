"""One ruff batch over everything generated: formatted, unused imports dropped, the others sorted."""

from __future__ import annotations

import ast
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from ruff.__main__ import find_ruff_bin

from firestore_codegen.emit.text import LINE_LENGTH
from firestore_codegen.errors import GeneratedCodeError

_PYTHON = (".py", ".pyi")

# The batch looks at no configuration but this, so that output is the same whatever surrounds the user's project.
_ISOLATED = (
    "--isolated",
    "--no-cache",
    "--no-respect-gitignore",
    "--config=exclude=[]",
    "--config=target-version='py311'",
)
_FORMAT = (f"--config=line-length={LINE_LENGTH}", "--config=format.skip-magic-trailing-comma=true")
# Imports are as ruff wants them where nothing is configured, whose lines are shorter.
_IMPORTS = (
    "--select=I,F401",
    "--config=line-length=88",
    "--config=lint.isort.split-on-trailing-comma=false",
)


def format_files(files: Mapping[str, str]) -> dict[str, str]:
    """Format the Python among the files; the others, and the order, stay.

    Raises:
        GeneratedCodeError: A file is not valid Python; the message names it and the line.
    """
    sources = {path: text for path, text in files.items() if path.endswith(_PYTHON)}
    with tempfile.TemporaryDirectory(prefix="firestore-codegen-") as directory:
        root = Path(directory)
        for path, text in sources.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        if report := _ruff(root, "format", *_FORMAT):
            raise GeneratedCodeError("\n".join(_syntax_errors(sources)) or report)
        _ruff(root, "check", "--fix", "--exit-zero", *_IMPORTS)
        return {path: (root / path).read_text(encoding="utf-8") if path in sources else files[path] for path in files}


def _ruff(root: Path, command: str, *arguments: str) -> str:
    """Run ruff, and give what it reports where it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RUFF_")}
    result = subprocess.run(
        [find_ruff_bin(), command, *arguments, *_ISOLATED, "."],
        cwd=root,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return result.stderr.strip() or f"ruff failed with {result.returncode}" if result.returncode else ""


def _syntax_errors(sources: Mapping[str, str]) -> Iterator[str]:
    """Say where each file that does not parse goes wrong, with the line: the file is not on disk to look at."""
    for path, text in sources.items():
        try:
            ast.parse(text)
        except SyntaxError as error:
            yield f"{path}:{error.lineno}: {error.msg}: {(error.text or '').strip()}"
