"""Compiled templates, kept from run to run: compiling them takes longer than rendering."""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import version

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

from firestore_codegen import __version__


def compiled_templates() -> FileSystemBytecodeCache | None:
    """Return the cache, in a directory that is this user's alone, or None where there is no such place.

    Jinja knows by the source and the Python version whether an entry still holds; the names of the files add by what
    it was compiled.
    """
    with suppress(OSError, RuntimeError):
        return _Cache(pattern=f"firestore-codegen-{__version__}-jinja2-{version('jinja2')}-%s")
    return None


class _Cache(FileSystemBytecodeCache):
    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template, unless the disk says no: the next run compiles it again."""
        with suppress(OSError):
            super().dump_bytecode(bucket)
