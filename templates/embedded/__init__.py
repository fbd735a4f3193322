"""The embedded backend: a store in a file of SQLite's, with Firestore's semantics.

The idea of it is in `keys.py`: values become bytes whose order is Firestore's order of the values.
"""

from __future__ import annotations

from .async_backend import AsyncEmbeddedBackend
from .backend import EmbeddedBackend

__all__ = ["AsyncEmbeddedBackend", "EmbeddedBackend"]
