"""The embedded backend: a store in a file of SQLite's, with Firestore's semantics.

The idea of it is in `semantics/keys.py`: values become bytes whose order is Firestore's order of the values.
"""

from __future__ import annotations

from firestore_runtime.embedded.async_backend import AsyncEmbeddedBackend
from firestore_runtime.embedded.backend import EmbeddedBackend
from firestore_runtime.embedded.declared import DeclaredIndexes

__all__ = ["AsyncEmbeddedBackend", "DeclaredIndexes", "EmbeddedBackend"]
