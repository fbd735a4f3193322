"""The embedded backend: a store in an SQLite file, with Firestore's semantics.

Its central idea is in `semantics/keys.py`: values become bytes that sort in Firestore's order.
"""

from __future__ import annotations

from firestore_runtime.embedded.async_backend import AsyncEmbeddedBackend
from firestore_runtime.embedded.backend import EmbeddedBackend
from firestore_runtime.embedded.declared import DeclaredIndexes

__all__ = ["AsyncEmbeddedBackend", "DeclaredIndexes", "EmbeddedBackend"]
