"""Makes what is generated now what is expected: `python -m tests.codegen.golden.update`, then read the diff."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.codegen.golden.packages import VARYING, cases

UPDATE = "python -m tests.codegen.golden.update"


def update(expected: Path, files: Mapping[str, str]) -> None:
    """Replace the expected files of a case by these."""
    shutil.rmtree(expected, ignore_errors=True)
    for path in VARYING:
        target = expected / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(files[path], encoding="utf-8", newline="\n")


if __name__ == "__main__":
    for each in cases():
        update(each.expected, each.generated.files)
