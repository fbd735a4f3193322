"""The command that runs the benchmarks: `python -m benchmarks`, or `make bench`, which starts an emulator first."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated, assert_never

import typer

from benchmarks.blocking import compare_blocking
from benchmarks.codecs import compare_codecs
from benchmarks.database import VARIABLE
from benchmarks.embedded import compare_embedded
from benchmarks.generator import time_generator
from benchmarks.imports import compare_imports
from benchmarks.many import compare_many
from benchmarks.nearest import compare_nearest
from benchmarks.nonblocking import compare_nonblocking
from benchmarks.queries import compare_queries
from benchmarks.report import show_json, show_legend, show_table
from benchmarks.results import Table


class Name(StrEnum):
    """The benchmarks."""

    CODECS = "codecs"
    SYNC = "sync"
    ASYNC = "async"
    QUERIES = "queries"
    NEAREST = "nearest"
    MANY = "many"
    EMBEDDED = "embedded"
    IMPORT = "import"
    GENERATOR = "generator"


class Format(StrEnum):
    """How the results are printed."""

    TEXT = "text"
    JSON = "json"


def run(
    only: Annotated[list[Name] | None, typer.Option("--only", help="Run this one; may be given several times.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer rounds, and no schema of 1,000 models.")] = False,
    output: Annotated[Format, typer.Option("--format", help="Tables for people, JSON for machines.")] = Format.TEXT,
) -> None:
    """Compare firestore_memory with google-cloud-firestore, alone and with pydantic, and time the generator."""
    names = only or list(Name)
    if names != [Name.GENERATOR] and VARIABLE not in os.environ:
        raise typer.BadParameter(f"{VARIABLE} is not set: run `make bench`, which starts an emulator")
    tables = []
    for name in names:
        tables.append(_run(name, quick))
        if output is Format.TEXT:
            show_table(tables[-1])
    if output is Format.TEXT:
        show_legend()
    else:
        show_json(tables)


def _run(name: Name, quick: bool) -> Table:
    match name:
        case Name.CODECS:
            return compare_codecs(5 if quick else 31)
        case Name.SYNC:
            return compare_blocking(3 if quick else 15)
        case Name.ASYNC:
            return compare_nonblocking(3 if quick else 15)
        case Name.QUERIES:
            return compare_queries(3 if quick else 7)
        case Name.MANY:
            return compare_many(2 if quick else 5)
        case Name.NEAREST:
            return compare_nearest(3 if quick else 9)
        case Name.EMBEDDED:
            return compare_embedded(3 if quick else 7)
        case Name.IMPORT:
            return compare_imports(3 if quick else 11)
        case Name.GENERATOR:
            return time_generator(1 if quick else 3, quick=quick)
        case _:
            assert_never(name)


if __name__ == "__main__":
    typer.run(run)
